from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as others may see it."""

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
    active: bool
    version: int
    gtins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocationView:
    """A location of a site."""

    id: str
    code: str
    kind: str
    zone: str
    aisle: str
    bay: str
    level: str
    x_mm: int
    y_mm: int


@dataclass(frozen=True, slots=True)
class SiteAvailability:
    """What one site has of an item."""

    site_id: str
    on_hand: int
    reserved: int
    available: int


@dataclass(frozen=True, slots=True)
class Availability:
    """What can be sold of an item: units in bins, minus what is promised."""

    sku: str
    item_id: str
    on_hand: int
    reserved: int
    available: int
    by_site: tuple[SiteAvailability, ...]


@dataclass(frozen=True, slots=True)
class BinView:
    """What a location holds of an item."""

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
    quantity: int
    reason: str
    reference: str
    container: str
    actor: str
    at: datetime
