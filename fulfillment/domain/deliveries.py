from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Delivery:
    """When one unit ordered now would be there: leaves on `ship_on`, arrives from `earliest` to `latest`, which is the
    day that an order would be promised. Without dates, `reason` says why there are none.

    `cause` is in_stock, arrival (counted from an announced delivery), or for no dates: nothing_expected, overdue (what
    was announced has not come), all_promised (orders wait for all of it), no_service (nobody takes it there),
    unknown_item.
    """

    ship_on: date | None
    earliest: date | None
    latest: date | None
    service: str | None
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class DatedSite:
    """What one site can sell of an item, and when a unit from there would arrive."""

    site_id: str
    site_code: str
    available: int
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class DatedItem:
    """What can be sold of a SKU in all, and when one unit ordered now would arrive: from the site that ships the
    merchant's orders. `item_id` is None when there is no such item.
    """

    sku: str
    item_id: str | None
    available: int
    delivery: Delivery
    sites: tuple[DatedSite, ...]


def no_delivery(cause: str, reason: str) -> Delivery:
    """Return the answer without dates."""
    return Delivery(None, None, None, None, cause, reason)
