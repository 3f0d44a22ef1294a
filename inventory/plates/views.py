from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PlateHead:
    """A plate in a list; `location_code` is empty as long as it is only a label, `units` include plates on it."""

    id: str
    tenant_id: str
    site_id: str
    sscc: str
    own: bool
    state: str
    location_code: str
    parent_sscc: str
    arrival_id: str
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    items: int
    units: int


@dataclass(frozen=True, slots=True)
class PlateContentView:
    """Units of an item and lot on a plate; `sscc` is the plate that they lie on, itself or one that lies on it."""

    item_id: str
    sku: str
    name: str
    lot: str
    expires_on: date | None
    quantity: int
    sscc: str
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlateView:
    """A plate, what lies on it, and the plates that do."""

    head: PlateHead
    contents: tuple[PlateContentView, ...]
    plates: tuple[PlateHead, ...]


@dataclass(frozen=True, slots=True)
class AnnouncedPlate:
    """A plate that an arrival is to bring: what is on it, and whether it was received."""

    sscc: str
    items: int
    units: int
    words: str
    plate_id: str
