"""Putting an order onto a walk that somebody is on already: where there is room, and where it costs the least steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from fulfillment.domain.batching import CartCapacity
from fulfillment.domain.legs import ZonedFloor
from fulfillment.domain.savings import Load
from fulfillment.models import BatchOrder, PickBatch, PickTask
from fulfillment.queries.carts import cart_of
from fulfillment.queries.floor import zoned_floor
from fulfillment.repository import OPEN_TASK_STATES, OrderInHand, slots_of
from fulfillment.walks import resequence_walk, rest_of_walk
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

_MOST_WALKS = 50


@dataclass(frozen=True, slots=True)
class Joined:
    """The walk that an order joined, and by how many mm it got longer."""

    batch: PickBatch
    extra_mm: int


@dataclass(frozen=True, slots=True)
class _Goods:
    load: Load
    kept_apart: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Offer:
    batch: PickBatch
    slots: range
    extra_mm: int


def join_live_walk(uow: UnitOfWork, order: OrderInHand, tasks: Sequence[PickTask]) -> Joined | None:
    """Put the tasks of an order in hand on the live walk that gets least longer by them; None when none has room.

    What is left of that walk is put into a new shortest order; what is picked stays picked. The picker's device shows
    the new stops, and asks for a tote, with its next message.
    """
    floor = zoned_floor(uow, order.row.site_id)
    if floor is None or not all(task.location_code in floor.layout.codes for task in tasks):
        return None
    cart = cart_of(uow, order.row.site_id)
    offers = [_offer(uow, batch, tasks, cart, floor) for batch in _live(uow, order.row.site_id)]
    best = min((offer for offer in offers if offer), key=lambda offer: (offer.extra_mm, offer.batch.id), default=None)
    if best is None:
        return None
    _join(uow, order, tasks, best)
    return Joined(best.batch, best.extra_mm)


def _live(uow: UnitOfWork, site_id: str) -> list[PickBatch]:
    """Lock the walks that somebody is on; one that is being changed at this moment is left out."""
    on_it = PickBatch.state.in_(("ASSIGNED", "IN_PROGRESS")), PickBatch.lease_until > uow.now, PickBatch.picker != ""
    statement = select(PickBatch).where(PickBatch.site_id == site_id, *on_it).order_by(PickBatch.id).limit(_MOST_WALKS)
    statement = statement.with_for_update(skip_locked=True)
    return list(uow.session.scalars(statement.execution_options(populate_existing=True)))


def _open_tasks(uow: UnitOfWork, batch: PickBatch) -> list[PickTask]:
    statement = select(PickTask).where(PickTask.batch_id == batch.id, PickTask.state.in_(OPEN_TASK_STATES))
    return list(uow.session.scalars(statement.order_by(PickTask.seq, PickTask.id)))


def _goods(uow: UnitOfWork, tasks: Sequence[PickTask], cart: CartCapacity) -> _Goods:
    items = inventory.items_by_id(uow, {task.item_id for task in tasks})
    units = [(items[task.item_id], task.quantity) for task in tasks]
    volume = sum(item.length_mm * item.width_mm * item.height_mm * quantity for item, quantity in units)
    weight = sum(item.weight_g * quantity for item, quantity in units)
    totes = max(1, -(-volume * cart.totes // cart.volume_mm3))
    load = Load(totes, weight, volume, sum(quantity for _, quantity in units))
    return _Goods(load, frozenset(item.kept_apart for item, _ in units))


def _offer(
    uow: UnitOfWork, batch: PickBatch, tasks: Sequence[PickTask], cart: CartCapacity, floor: ZonedFloor
) -> _Offer | None:
    waiting = _open_tasks(uow, batch)
    slots = [slot.slot for slot in slots_of(uow, batch_id=batch.id)]
    first = max(slots, default=0) + 1
    goods = _goods(uow, tasks, cart)
    if not waiting or first + goods.load.totes - 1 > cart.totes:
        return None
    if any(task.location_code not in floor.layout.codes for task in waiting):
        return None
    statement = select(PickTask).where(PickTask.batch_id == batch.id, PickTask.state != "CANCELLED")
    carried = _goods(uow, list(uow.session.scalars(statement)), cart)
    together = replace(carried.load.plus(goods.load), totes=0)
    if carried.kept_apart != goods.kept_apart or not together.fits(cart.limit):
        return None
    rest = rest_of_walk(uow, batch.id)
    extra = rest.route(floor, tasks).length_mm - rest.route(floor).length_mm
    return _Offer(batch, range(first, first + goods.load.totes), extra)


def _join(uow: UnitOfWork, order: OrderInHand, tasks: Sequence[PickTask], offer: _Offer) -> None:
    batch, row = offer.batch, order.row
    uow.session.add_all(
        BatchOrder(
            tenant_id=row.tenant_id, batch_id=batch.id, slot=slot, order_id=row.id, site_id=row.site_id, tote="",
            is_open=True,
        )
        for slot in offer.slots
    )  # fmt: skip
    for task in tasks:
        task.batch_id, task.slot, task.state = batch.id, offer.slots[0], "CLAIMED"
        task.version += 1
    resequence_walk(uow, batch.id, new=tasks)
