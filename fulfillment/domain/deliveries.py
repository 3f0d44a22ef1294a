from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Delivery:
    """When all units asked for, ordered now, would be there: leave on `ship_on`, arrive from `earliest` to `latest`,
    which is the day that an order would be promised. Without dates, `reason` says why there are none.

    `cause` is in_stock, arrival (counted from an announced delivery), or for no dates: nothing_expected, overdue (what
    was announced has not come), all_promised (orders wait for all of it), too_few (there will not be so many),
    no_service (nobody takes it there), unknown_item.
    """

    ship_on: date | None
    earliest: date | None
    latest: date | None
    service: str | None
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class DatedSite:
    """What one site can sell of an item, and when the units asked for would arrive from there."""

    site_id: str
    site_code: str
    available: int
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class DatedItem:
    """What can be sold of a SKU in all, and when `quantity` units ordered now would all be there: from the site that
    ships the merchant's orders. `item_id` is None when there is no such item.
    """

    sku: str
    quantity: int
    item_id: str | None
    available: int
    delivery: Delivery
    sites: tuple[DatedSite, ...]


def no_delivery(cause: str, reason: str) -> Delivery:
    """Return the answer without dates."""
    return Delivery(None, None, None, None, cause, reason)
