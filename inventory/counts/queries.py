"""Reads of counts: what is to be counted, what came of it, and what a decision would do."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select, true

from inventory.counts.domain import LIVE_COUNTS, TO_COUNT
from inventory.counts.errors import UnknownCount
from inventory.counts.models import CountEntry, CountTask
from inventory.counts.views import CountEffect, CountEntryView, CountHead, CountView, OwnCount, ShortedPromise
from inventory.models import BinStock, Item, Location, Reservation, StockLevel
from inventory.repository import Promise
from inventory.shorting import newest_first
from inventory.task_lists import OWN_WORK_SHOWN, Heads, TaskList, TaskRow
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, Page

_COUNTS = TaskList(
    "counts", LIVE_COUNTS, CountTask.site_id, CountTask.state, CountTask.closed_at,
    (Location.zone, Location.aisle, Location.bay, Location.level, Location.code, CountTask.id),
)  # fmt: skip
_FROZEN = (
    select(BinStock.lot)
    .where(BinStock.tenant_id == CountTask.tenant_id, BinStock.item_id == CountTask.item_id)
    .where(BinStock.location_id == CountTask.location_id, BinStock.frozen)
    .exists()
    .label("frozen")
)


def sees_figures(actor: Actor) -> bool:
    """Say whether somebody may see what the book said: who decides, and whose goods they are, but nobody who counts."""
    return actor.may("work:plan") or actor.may("stock:write")


def find_counts(
    uow: UnitOfWork, *, site_id: str = "", states: Sequence[str] = LIVE_COUNTS, cause: str = "", abc: str = "",
    search: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT,
) -> Page[CountHead]:  # fmt: skip
    """Return counts in walking order, finished ones latest first. `search` is a location's code, its beginning, or a
    SKU.

    Raises:
        Invalid: the cursor was not given out by this service for this list.
    """
    heads = _heads()
    for column, wanted in ((CountTask.site_id, site_id), (CountTask.cause, cause), (CountTask.abc, abc)):
        heads = heads.where(column == wanted) if wanted else heads
    if search:
        heads = heads.where(Location.code.istartswith(search, autoescape=True) | (Item.sku == search))
    rows, following = _COUNTS.page(uow, heads, states=states, cursor=cursor, limit=limit)
    return Page(tuple(_head(row, show=sees_figures(uow.actor)) for row in rows), following)


def count_heads(uow: UnitOfWork, ids: Iterable[str]) -> tuple[CountHead, ...]:
    """Return these counts as lists show them, in walking order."""
    uow.session.flush()
    rows = uow.session.execute(_heads().where(CountTask.id.in_(sorted(set(ids)))).order_by(*_COUNTS.walk))
    return tuple(_head(row, show=sees_figures(uow.actor)) for row in rows)


def next_to_count(uow: UnitOfWork, count_id: str) -> str | None:
    """Return the next count in walking order that the actor has not made yet, from the beginning after the last."""
    own = select(CountEntry.task_id).where(
        CountEntry.tenant_id == CountTask.tenant_id, CountEntry.task_id == CountTask.id,
        CountEntry.counted_by == uow.actor.id, CountEntry.withdrawn_at.is_(None),
    )  # fmt: skip
    return _COUNTS.following(
        uow, _heads(), count_id, CountTask.state.in_(TO_COUNT), CountTask.returned_by != uow.actor.id, ~own.exists()
    )


def get_count(uow: UnitOfWork, count_id: str) -> CountView:
    """Return a count. Its figures are left out as long as somebody may still have to count, and for who only counts.

    Raises:
        UnknownCount: the actor sees none with this id.
    """
    row = _COUNTS.one(uow, _heads(), count_id)
    if row is None:
        raise UnknownCount("There is no such count.", remedy="Look at the list of counts.")
    task = uow.session.scalars(
        select(CountTask).where(CountTask.id == count_id), execution_options={"populate_existing": True}
    ).one()
    show = sees_figures(uow.actor) and task.state not in TO_COUNT
    entries = uow.session.scalars(
        select(CountEntry)
        .where(CountEntry.tenant_id == task.tenant_id, CountEntry.task_id == count_id)
        .order_by(CountEntry.number),
        execution_options={"populate_existing": True},
    ).all()
    standing = {each.counted_by for each in entries if each.withdrawn_at is None}
    return CountView(
        _head(row, show=show), task.created_by, task.closed_by, task.decision,
        task.expected if show else None, tuple(_entry(each, show=show) for each in entries),
        tuple(_told(each) for each in task.shorted), uow.actor.id in {*standing, task.returned_by},
    )  # fmt: skip


def own_counts(uow: UnitOfWork, *, site_id: str = "", limit: int = 5) -> tuple[OwnCount, ...]:
    """Return what the actor counted in the last day, latest first, with what can still be taken back."""
    uow.session.flush()
    since = uow.now - OWN_WORK_SHOWN
    standing = (
        select(func.max(CountEntry.number))
        .where(CountEntry.tenant_id == CountTask.tenant_id, CountEntry.task_id == CountTask.id)
        .where(CountEntry.withdrawn_at.is_(None))
        .correlate(CountTask)
        .scalar_subquery()
    )
    rows = uow.session.execute(
        select(
            CountTask.id, Location.code, Item.sku, Item.name, CountEntry.counted, CountEntry.counted_at,
            CountTask.state, CountEntry.withdrawn_at.is_not(None), CountEntry.number == standing,
        )
        .join(CountTask, (CountTask.tenant_id == CountEntry.tenant_id) & (CountTask.id == CountEntry.task_id))
        .join(Location, Location.id == CountTask.location_id)
        .join(Item, (Item.tenant_id == CountTask.tenant_id) & (Item.id == CountTask.item_id))
        .where(CountEntry.counted_by == uow.actor.id, CountTask.site_id == site_id if site_id else true())
        .where(CountEntry.counted_at > since, CountTask.state.in_(LIVE_COUNTS) | (CountTask.closed_at > since))
        .order_by(CountEntry.counted_at.desc(), CountTask.id.desc(), CountEntry.number.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(OwnCount(*row[:8], bool(row[8]) and row[6] == "recount") for row in rows)


def waiting_counts(uow: UnitOfWork, *, site_id: str = "") -> dict[str, int]:
    """Return how many counts are in each unfinished state."""
    found = _COUNTS.tally(uow, CountTask.state, site_id=site_id)
    return {state: found.get(state, 0) for state in LIVE_COUNTS}


def count_effects(uow: UnitOfWork, count_id: str) -> tuple[CountEffect, ...]:
    """Return what booking each entry of a count that waits for a decision would do: nobody is told anything yet.

    None for a count in any other state, and for who does not see its figures.

    Raises:
        UnknownCount: the actor sees none with this id.
    """
    found = get_count(uow, count_id)
    head = found.head
    if head.state != "counted" or not sees_figures(uow.actor):
        return ()
    free = uow.session.scalar(
        select(StockLevel.on_hand - StockLevel.reserved).where(
            StockLevel.tenant_id == head.tenant_id, StockLevel.item_id == head.item_id,
            StockLevel.site_id == head.site_id,
        )
    )  # fmt: skip
    held = uow.session.scalar(
        select(func.sum(BinStock.quantity))
        .join(Location, Location.id == BinStock.location_id)
        .where(BinStock.tenant_id == head.tenant_id, BinStock.item_id == head.item_id)
        .where(Location.site_id == head.site_id, Location.code == head.location_code)
    )
    promises = _live_promises(uow, head)
    return tuple(
        CountEffect(
            entry.number, entry.difference, int(held or 0), int(held or 0) + entry.difference,
            tuple(_loses(*each) for each in newest_first(promises, over=-entry.difference - (free or 0))),
        )
        for entry in found.entries
        if entry.difference is not None and not entry.withdrawn
    )  # fmt: skip


def _live_promises(uow: UnitOfWork, head: CountHead) -> list[Promise]:
    """Return what is promised of the item at the site, without a lock: it is shown, not acted on."""
    rows = uow.session.scalars(
        select(Reservation).where(
            Reservation.tenant_id == head.tenant_id, Reservation.item_id == head.item_id,
            Reservation.site_id == head.site_id, Reservation.quantity > 0,
        ),
        execution_options={"populate_existing": True},
    )  # fmt: skip
    return [
        Promise(
            tenant_id=r.tenant_id, id=r.id, site_id=r.site_id, item_id=r.item_id, order_id=r.order_id,
            customer_id=r.customer_id, line_id=r.line_id, quantity=r.quantity, hold=r.hold, created_at=r.created_at,
            expires_at=r.expires_at,
        )
        for r in rows
    ]  # fmt: skip


def _loses(promise: Promise, units: int) -> ShortedPromise:
    order_id = "" if promise.hold else promise.order_id
    return _promise(order_id, promise.order_id, promise.customer_id, promise.line_id, units)


def _heads() -> Heads:
    return (
        select(
            CountTask.id, CountTask.tenant_id, CountTask.site_id, CountTask.item_id, Item.sku, Item.name, Location.code,
            Location.zone, CountTask.cause, CountTask.abc, CountTask.state, _FROZEN, CountTask.note,
            CountTask.created_at, CountTask.closed_at, CountTask.difference, *_COUNTS.steps,
        )
        .join(Location, Location.id == CountTask.location_id)
        .join(Item, (Item.tenant_id == CountTask.tenant_id) & (Item.id == CountTask.item_id))
    )  # fmt: skip


def _head(row: TaskRow, *, show: bool) -> CountHead:
    head = CountHead(*row[:16])
    return head if show else replace(head, difference=None)


def _entry(entry: CountEntry, *, show: bool) -> CountEntryView:
    figures = (entry.counted, entry.expected, entry.counted - entry.expected) if show else (None, None, None)
    return CountEntryView(entry.number, entry.counted_by, entry.counted_at, entry.withdrawn_at is not None, *figures)


def _told(kept: dict[str, Any]) -> ShortedPromise:
    return _promise(kept["order_id"], kept["reference"], kept["customer_id"], kept["line_id"], kept["quantity"])


def _promise(order_id: str, reference: str, customer_id: str, line_id: str, quantity: int) -> ShortedPromise:
    """A hold is the merchant's own affair; of an order its customer reads on the tracker too."""
    told = ("merchant", "customer") if order_id and customer_id else ("merchant",)
    return ShortedPromise("order" if order_id else "hold", reference, customer_id, line_id, quantity, told)
