"""What changed about availability, read from the event feed: facts of the database, in the order of their commits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.availability.answers import site_of, stock_answer
from inventory import api as inventory
from kernel.db.feed import feed_head, read_feed
from kernel.db.transactions import UnitOfWork
from kernel.events import Envelope, Event

RESUMABLE = 2_000
"""Whoever missed more events than this reads the export again: that is cheaper for both sides."""
_OTHER_TYPES = ("fulfillment.line_picked.v1",)
TYPES = sorted(
    {each.TYPE for each in vars(inventory).values() if isinstance(each, type) and issubclass(each, Event)}
    | set(_OTHER_TYPES)
)
"""The events after which an item's figures may be others: all of the stock, and a pick, which takes units off both
what is on hand and what is reserved.
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """The items that changed after a position, as they are now, and the position up to which that holds.

    `gap` says that too much was missed to name the items.
    """

    position: int
    items: tuple[dict[str, Any], ...]
    gap: bool = False


def present_position(uow: UnitOfWork) -> int:
    """Return the position from which on an actor hears of every change that this transaction does not see."""
    return feed_head(uow)


def read_changes(uow: UnitOfWork, *, after: int, channel: str = "") -> Changes:
    """Return what changed for a channel after a position, as far as the actor may see it.

    An item that changed often comes once, as it is now and not as it was: whoever applies it twice is right twice.
    """
    head = feed_head(uow)
    if after == head:
        return Changes(head, ())
    events = read_feed(uow, after=after, limit=RESUMABLE + 1, types=TYPES, until=head)
    if len(events) > RESUMABLE or after > head:
        return Changes(head, (), gap=True)
    site_id = site_of(uow.actor)
    touched = _touched(events, site_id)
    found = [
        stock_answer(tenant_id, each, site_id=site_id)
        for tenant_id, ids in touched.items()
        for each in _levels(uow, tenant_id, ids, channel)
    ]
    return Changes(head, tuple(found))


def items_in(data: Mapping[str, Any]) -> set[str]:
    """Return the ids of the items that an event is about: its own, or those of its lines."""
    lines = data.get("lines", ())
    ids = {data.get("item_id"), *(line.get("item_id") for line in lines if isinstance(line, dict))}
    return {each for each in ids if each}


def _touched(events: Iterable[Envelope], site_id: str) -> dict[str, set[str]]:
    touched: dict[str, set[str]] = defaultdict(set)
    for event in events:
        data = event.data()
        if site_id in ("", data.get("site_id", site_id)):
            touched[event.tenant_id] |= items_in(data)
    return touched


def _levels(uow: UnitOfWork, tenant_id: str, item_ids: set[str], channel: str) -> list[inventory.Availability]:
    """Return the levels of items and of the kits that they are parts of."""
    ids = item_ids | inventory.kits_with(uow, tenant_id=tenant_id, item_ids=item_ids)
    items = {item.sku: item for item in inventory.items_by_id(uow, ids).values() if item.tenant_id == tenant_id}
    found = inventory.availability(uow, tenant_id=tenant_id, skus=sorted(items), channel=channel) if items else []
    return [each if items[each.sku].active else _sold_no_longer(each) for each in found]


def _sold_no_longer(found: inventory.Availability) -> inventory.Availability:
    """Return the figures of an item that is there and cannot be sold: what is free is held back."""
    sites = tuple(replace(each, available=0, held_back=each.on_hand - each.reserved) for each in found.by_site)
    return replace(found, available=0, held_back=found.on_hand - found.reserved, by_site=sites)
