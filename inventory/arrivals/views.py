from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ArrivalHead:
    """An arrival in a list: how many units are announced, in stock, damaged and still missing."""

    id: str
    tenant_id: str
    site_id: str
    external_id: str
    supplier: str
    expected_on: date
    state: str
    note: str
    created_at: datetime
    closed_at: datetime | None
    closed_by: str
    lines: int
    expected: int
    received: int
    damaged: int
    missing: int


@dataclass(frozen=True, slots=True)
class ArrivalLineView:
    """One item of an arrival. `outcome` is empty while more may come, then complete, short, over or damaged."""

    number: int
    item_id: str
    sku: str
    name: str
    expected: int
    received: int
    damaged: int
    reason: str
    outcome: str
    missing: int
    over: int


@dataclass(frozen=True, slots=True)
class ArrivalView:
    """An arrival with its lines."""

    id: str
    tenant_id: str
    site_id: str
    external_id: str
    supplier: str
    expected_on: date
    state: str
    note: str
    created_at: datetime
    closed_at: datetime | None
    closed_by: str
    lines: tuple[ArrivalLineView, ...]

    @property
    def missing(self) -> int:
        """Announced units that have not come."""
        return sum(line.missing for line in self.lines)


@dataclass(frozen=True, slots=True)
class ArrivalReceiptView:
    """Units of an arrival that were taken in at once; `location_code` is empty for damaged ones."""

    id: str
    arrival_id: str
    item_id: str
    sku: str
    name: str
    quantity: int
    condition: str
    location_code: str
    lot: str
    serials: list[str]
    received_at: datetime
    received_by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExpectedUnits:
    """Units of an item that an open arrival still has to bring."""

    arrival_id: str
    external_id: str
    site_id: str
    quantity: int
    expected_on: date
