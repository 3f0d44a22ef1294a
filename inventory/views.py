from dataclasses import dataclass
from datetime import date, datetime

from inventory.domain.segregation import AMBIENT, segregation_of
from inventory.domain.values import Pack


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as others may see it.

    In a carton at most `max_load_g` lies on a unit, None for no limit; a unit with `own_container` goes into none.
    Units that are `mailer_ok` may go into a bag without a box.
    """

    id: str
    tenant_id: str
    sku: str
    name: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    keep_upright: bool
    fragile: bool
    hazmat: bool
    lot_tracked: bool
    min_shelf_days: int
    serial_tracked: bool
    active: bool
    version: int
    gtins: tuple[str, ...]
    kit: bool = False
    packs: tuple[Pack, ...] = ()
    temperature_class: str = AMBIENT
    max_load_g: int | None = None
    own_container: bool = False
    pack_together: bool = False
    mailer_ok: bool = False

    @property
    def kept_apart(self) -> str:
        """Why it shares no cart and no tote with other goods, "" if it may."""
        return segregation_of(self.temperature_class, hazmat=self.hazmat)


@dataclass(frozen=True, slots=True)
class LocationView:
    """A location of a site. Its limits are 0 when they are not known."""

    id: str
    code: str
    kind: str
    zone: str
    aisle: str
    bay: str
    level: str
    x_mm: int
    y_mm: int
    max_weight_g: int = 0
    max_volume_mm3: int = 0
    hazmat_ok: bool = False
    temperature_class: str = AMBIENT


@dataclass(frozen=True, slots=True)
class SiteAvailability:
    """What one site has of an item: `on_hand` = `reserved` + `held_back` + `available`.

    Of a kit there is as much as its scarcest part gives. `held_back` are free units that the channel must leave.
    """

    site_id: str
    on_hand: int
    reserved: int
    available: int
    held_back: int = 0


@dataclass(frozen=True, slots=True)
class Availability:
    """What can be sold of an item: units in bins, minus what is promised and what the channel must leave."""

    sku: str
    item_id: str
    on_hand: int
    reserved: int
    available: int
    by_site: tuple[SiteAvailability, ...]
    held_back: int = 0


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Units of an item and lot that a delivery brought into a location, from a moment on."""

    item_id: str
    lot: str
    location_code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class BinView:
    """What a location holds of an item and lot."""

    tenant_id: str
    item_id: str
    sku: str
    name: str
    site_id: str
    location_code: str
    quantity: int
    allocated: int
    frozen: bool
    count_wanted_at: datetime | None
    location_kind: str
    lot: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class BucketView:
    """How many units of an item a site has outside its bins, by bucket."""

    site_id: str
    bucket: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ItemStock:
    """Everything the house knows about where an item is."""

    item: ItemView
    levels: tuple[SiteAvailability, ...]
    bins: tuple[BinView, ...]
    buckets: tuple[BucketView, ...]


@dataclass(frozen=True, slots=True)
class MovementView:
    """One entry of the ledger, locations by code."""

    id: str
    site_id: str
    item_id: str
    from_bucket: str
    from_location: str | None
    to_bucket: str
    to_location: str | None
    lot: str
    quantity: int
    reason: str
    reference: str
    container: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has a right to units: an order, or a hold that ends by itself at `until`.

    `quantity` is what is promised and not picked yet, `allocated` what of it is set aside in bins already.
    """

    kind: str
    reference: str
    quantity: int
    allocated: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Relief:
    """Something that would free units, put more of them on sale, or let them be picked: how many at most, and when, as
    far as that is known: at an instant, or on a day.

    `cause` is hold_expires, arrival (an announced delivery, its id as `reference`), count (a frozen bin), put_away
    (units where nobody picks), grade_returns, hospital, or quarantine.
    """

    cause: str
    quantity: int
    at: datetime | None
    detail: str
    on: date | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PlannedUnits:
    """Units that orders want on a later day: nothing of it is promised yet."""

    site_id: str
    ship_on: date
    quantity: int
    orders: int


@dataclass(frozen=True, slots=True)
class SafetyUnits:
    """Units that a channel (empty: every one) must leave at a site."""

    channel: str
    units: int


@dataclass(frozen=True, slots=True)
class SiteExplanation:
    """Why a site can sell just so many units of an item: `available` = `on_hand` - `reserved` - `held_back`.

    `safety` are the rules behind `held_back`, which is what every channel without a rule of its own must leave now;
    `planned` is what orders for later days will want.

    `pickable` are those of `on_hand` in bins that pickers may take from now: sold is not the same as within reach. The
    claims are the oldest ones, and sum up to `reserved` unless `claims_left_out` says that there are more.
    """

    site_id: str
    site_code: str
    site_name: str
    on_hand: int
    reserved: int
    available: int
    pickable: int
    sentence: str
    buckets: tuple[BucketView, ...]
    bins: tuple[BinView, ...]
    claims: tuple[Claim, ...]
    claims_left_out: int
    reliefs: tuple[Relief, ...]
    held_back: int = 0
    safety: tuple[SafetyUnits, ...] = ()
    planned: tuple[PlannedUnits, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why so many units of an item can be sold, and what would free more, as of one instant."""

    item: ItemView
    as_of: datetime
    available: int
    sites: tuple[SiteExplanation, ...]
