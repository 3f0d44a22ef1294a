from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShortedPromise:
    """A promise that a count takes units from, and who is told of it: the merchant's feed, the customer's tracker.

    `reference` is an order's id, or the merchant's own reference of a hold.
    """

    kind: str
    reference: str
    customer_id: str
    line_id: str
    quantity: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountEntryView:
    """One person's count. The figures are None as long as somebody may still have to count, and for counters."""

    number: int
    counted_by: str
    counted_at: datetime
    withdrawn: bool
    counted: int | None
    expected: int | None
    difference: int | None


@dataclass(frozen=True, slots=True)
class CountHead:
    """A count in a list: one bin, one item. `difference` is what was booked, for those who may see it."""

    id: str
    tenant_id: str
    site_id: str
    item_id: str
    sku: str
    name: str
    location_code: str
    zone: str
    cause: str
    abc: str
    state: str
    frozen: bool
    note: str
    created_at: datetime
    closed_at: datetime | None
    difference: int | None


@dataclass(frozen=True, slots=True)
class CountView:
    """A count with its entries, its decision and the promises that its booking took units from.

    `barred` says that the reader counted it before or saw its figures: somebody else has to count.
    """

    head: CountHead
    created_by: str
    closed_by: str
    decision: str
    expected: int | None
    entries: tuple[CountEntryView, ...]
    shorted: tuple[ShortedPromise, ...]
    barred: bool


@dataclass(frozen=True, slots=True)
class OwnCount:
    """A count that the reader made, and whether it can still be taken back."""

    count_id: str
    location_code: str
    sku: str
    name: str
    counted: int
    counted_at: datetime
    state: str
    withdrawn: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class CountEffect:
    """What booking one entry of a count would do: units the bin holds now and then, and the promises shorted by it."""

    number: int
    difference: int
    held: int
    booked: int
    shorted: tuple[ShortedPromise, ...]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How right the book was where it was counted: counts without any difference, and units booked right.

    The shares are None when nothing was counted.
    """

    site_id: str
    abc: str
    counts: int
    right: int
    units: int
    units_right: int
    count_share: float | None
    unit_share: float | None


@dataclass(frozen=True, slots=True)
class AccuracyReport:
    """How right the book was in a period, from `since` on and before `until`: altogether, and by site and class."""

    since: datetime
    until: datetime
    total: Accuracy
    parts: tuple[Accuracy, ...]
