from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Pack:
    """An inner or a case with a GTIN of its own, and how many base units it holds."""

    gtin: str
    units: int


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """What a merchant tells about an item: grams and millimetres of one base unit, 0 when not known.

    Units of an item that is `lot_tracked` are told apart by lot; with `min_shelf_days` they are sold only as long as
    they are good for that many more days. Units of one that is `serial_tracked` have a serial number each. `gtins` are
    those of one base unit, `packs` those of several. An empty `temperature_class` leaves it as it is known, ambient for
    a new item. In a carton at most `max_load_g` may lie on a unit, None for no limit; a unit with `own_container`
    goes into no carton: it is a parcel by itself. Units that are `mailer_ok` may go into a bag without a box.
    """

    sku: str
    name: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    gtins: tuple[str, ...] = ()
    keep_upright: bool = False
    fragile: bool = False
    hazmat: bool = False
    lot_tracked: bool = False
    min_shelf_days: int = 0
    serial_tracked: bool = False
    packs: tuple[Pack, ...] = ()
    temperature_class: str = ""
    max_load_g: int | None = None
    own_container: bool = False
    mailer_ok: bool = False


@dataclass(frozen=True, slots=True)
class LocationDraft:
    """A place goods can lie in. `x_mm` and `y_mm` are floor coordinates of the picking face.

    The limits are what it bears altogether, 0 when not known; hazardous goods go only where they are allowed.
    An empty `temperature_class` leaves it as it is known, ambient for a new location.
    """

    code: str
    kind: str = "pick"
    zone: str = ""
    aisle: str = ""
    bay: str = ""
    level: str = ""
    x_mm: int = 0
    y_mm: int = 0
    max_weight_g: int = 0
    max_volume_mm3: int = 0
    hazmat_ok: bool = False
    temperature_class: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Units of one item that arrived in one location. `reference` names the delivery; `lot` and `serials` are what is
    printed on them.
    """

    item_id: str
    location_code: str
    quantity: int
    reference: str = ""
    lot: str = ""
    expires_on: date | None = None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """How many base units of an item one order line wants."""

    line_id: str
    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderDemand:
    """Everything one order wants, for reserving many orders at once."""

    order_id: str
    customer_id: str
    demands: tuple[Demand, ...]
    policy: str = "all_or_nothing"
    channel: str = ""


@dataclass(frozen=True, slots=True)
class ReservationOutcome:
    """What was reserved and what was lacking, by line id; lines with nothing of a kind are left out of it.

    `by_item` is what was reserved by line and item: a line may want several.
    """

    reserved: dict[str, int]
    short: dict[str, int]
    by_item: dict[tuple[str, str], int] = field(default_factory=dict, compare=False)

    @property
    def is_complete(self) -> bool:
        """Whether nothing was lacking."""
        return not self.short


@dataclass(frozen=True, slots=True)
class TakenHold:
    """What an order found of its cart's hold: units, or when it had expired. Neither, if there was no such hold."""

    units: int
    expired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reliance:
    """Units of an order line that lay aside in a bin that is in doubt: `moved` of them lie aside at `places` now."""

    order_id: str
    customer_id: str
    line_id: str
    quantity: int
    moved: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units of a bin and lot that are set aside for one order line."""

    line_id: str
    item_id: str
    location_code: str
    quantity: int
    order_id: str = ""
    tenant_id: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Reserved units that no bin could be found for, and why in words."""

    order_id: str
    line_id: str
    item_id: str
    quantity: int
    why: str


@dataclass(frozen=True, slots=True)
class AllocationOutcome:
    """The allocations made; iterating goes through them. So many lines are as was proposed."""

    allocations: tuple[Allocation, ...]
    missing: tuple[Missing, ...] = ()
    followed: int = 0

    def __iter__(self) -> Iterator[Allocation]:
        return iter(self.allocations)

    def __len__(self) -> int:
        return len(self.allocations)


@dataclass(frozen=True, slots=True)
class ShortOutcome:
    """What became of the units a picker did not find: bins to walk to instead, and units that nobody has."""

    reallocated: tuple[Allocation, ...]
    missing: int
