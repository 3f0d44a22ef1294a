"""Another floor came into force: the walks that nobody has claimed are planned anew on it, and places that nobody gets
to any more are given up where others hold the same goods.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from itertools import chain

from sqlalchemy import select

from fulfillment.commands.plan_batches import Tasks, in_parts, orders_of, pick_orders, walks_for
from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.events.floor import OrderPulledBack
from fulfillment.models import FloorPlan, PickBatch, PickTask
from fulfillment.planning.drafts import (
    by_order,
    in_several,
    is_untouched,
    locked_orders,
    put_walks,
    slots_by_batch,
    tasks_by_batch,
)
from fulfillment.queries.carts import cart_of
from fulfillment.queries.floor import closed_locations, floor_layout, floor_version
from fulfillment.queries.legs import leg_floor
from fulfillment.repository import OPEN_TASK_STATES, OrderInHand, lock_orders
from fulfillment.walks import resequence_walk
from inventory import api as inventory
from kernel import actors
from kernel.db.transactions import UnitOfWork, run, transaction

_ACTOR = actors.system("planner")


def follow_new_floors() -> int:
    """Plan the unclaimed walks of every site anew whose floor is another than the one they were planned on; return how
    many walks there were.
    """
    with transaction(_ACTOR) as uow:
        sites = sites_with_old_walks(uow)
    return sum(run(_ACTOR, partial(plan_on_new_floor, site_id=site_id)) for site_id in sites)


def sites_with_old_walks(uow: UnitOfWork) -> list[str]:
    """Return the sites with unclaimed walks that were planned on another version of the floor than is in force."""
    other = (FloorPlan.site_id == PickBatch.site_id) & (FloorPlan.version != PickBatch.floor_version)
    found = select(PickBatch.site_id).join(FloorPlan, other).where(PickBatch.state == "DRAFT")
    return sorted(set(uow.session.scalars(found)))


def plan_on_new_floor(uow: UnitOfWork, *, site_id: str) -> int:
    """Put the orders of the unclaimed walks of an older floor on new carts, and return how many walks there were.

    Units at closed locations are taken from others, where there are any; an order without any other place goes back to
    the queue. A cart with totes, or one that lost an order, keeps its orders and only its way is found anew. Walks that
    somebody has in hand wait for the next time. Emits OrderPulledBack.
    """
    version, closed = floor_version(uow, site_id), closed_locations(uow, site_id)
    whole, others = _old_walks(uow, site_id, version)
    for batch in others:
        resequence_walk(uow, batch.id, new_floor=True)
        batch.floor_version, batch.planned_mm = version, batch.length_mm
    part = {task.id: name for name, tasks in in_parts(uow, whole).items() for task in tasks}
    leaving = {batch_id: frozenset(part[task.id] for task in tasks) for batch_id, tasks in whole.items()}
    tasks = in_parts(uow, _off_carts(uow, site_id, whole, closed))
    orders = orders_of(uow, tasks)
    zoned = leg_floor(uow, site_id)
    walks = walks_for(pick_orders(uow, tasks, orders), floor_layout(uow, site_id), cart_of(uow, site_id), zoned)
    planned = sum(walk.length_mm for walk in walks)
    put_walks(uow, site_id, leaving, walks, tasks, version=version, planned_mm=planned)
    return len(whole) + len(others)


def _old_walks(uow: UnitOfWork, site_id: str, version: int) -> tuple[Mapping[str, list[PickTask]], list[PickBatch]]:
    """Lock the walks of older floors with their orders: the tasks of those that can be planned anew, and the others."""
    old = select(PickBatch).where(
        PickBatch.site_id == site_id, PickBatch.state == "DRAFT", PickBatch.floor_version != version
    )
    old = old.order_by(PickBatch.id).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    batches = {batch.id: batch for batch in uow.session.scalars(old)}
    slots = slots_by_batch(uow, batches)
    held = locked_orders(uow, {slot.order_id for slot in chain.from_iterable(slots.values())})
    tasks = tasks_by_batch(uow, batches)
    ready = {batch_id: batch for batch_id, batch in batches.items() if {s.order_id for s in slots[batch_id]} <= held}
    split = in_several({batch_id: {task.order_id for task in found} for batch_id, found in tasks.items()})
    whole = {
        batch_id: tasks[batch_id] for batch_id in ready
        if is_untouched(slots[batch_id], tasks[batch_id]) and not split & {t.order_id for t in tasks[batch_id]}
    }  # fmt: skip
    return whole, [batch for batch_id, batch in ready.items() if batch_id not in whole]


def _off_carts(
    uow: UnitOfWork, site_id: str, walks: Mapping[str, Iterable[PickTask]], closed: Collection[str]
) -> Tasks:
    """Return what is to be picked of the orders of these walks; those with closed places have others by then."""
    tasks = by_order(chain.from_iterable(walks.values()))
    stuck = {order_id for order_id, of in tasks.items() if any(task.location_code in closed for task in of)}
    if not stuck:
        return tasks
    leaving = [task for order_id in sorted(stuck) for task in tasks.pop(order_id)]
    for slots in slots_by_batch(uow, walks).values():
        for slot in slots:
            if slot.order_id in stuck:
                uow.session.delete(slot)
    for task in leaving:
        task.batch_id, task.seq, task.slot = None, 0, 0
    uow.session.flush()
    for order in lock_orders(uow, sorted({(task.tenant_id, task.order_id) for task in leaving})):
        _take_elsewhere(uow, site_id, order, closed)
    uow.session.flush()
    return by_order([*chain.from_iterable(tasks.values()), *_open_picks(uow, stuck)])


def _take_elsewhere(uow: UnitOfWork, site_id: str, order: OrderInHand, closed: Collection[str]) -> None:
    """Set the units of an order aside in places that somebody gets to, or else put it back into the queue."""
    row, key = order.row, (order.row.tenant_id, order.row.id)
    inventory.deallocate_stock(uow, tenant_id=row.tenant_id, order_id=row.id)
    outcome = inventory.allocate_orders(uow, site_id=site_id, order_ids=[key], closed=closed)
    found = tuple(outcome)
    if found and outcome.missing and row.split_policy == "all_or_nothing":
        inventory.deallocate_stock(uow, tenant_id=row.tenant_id, order_id=row.id)
        found = ()
    units = order.units.allocated
    reconcile_tasks(uow, order, found)
    if not found:
        why = "Nobody gets to the places of its goods."
        row.released_at = row.cut_off_at = row.starts_at = None
        row.release_why = f"Waits: {why[0].lower()}{why[1:]}"
        uow.emit(OrderPulledBack(**order.about, reason=why, units=units))
    order.settle(uow.now)


def _open_picks(uow: UnitOfWork, order_ids: Iterable[str]) -> Iterable[PickTask]:
    ours = PickTask.order_id.in_(list(order_ids)), PickTask.kind == "pick", PickTask.state.in_(OPEN_TASK_STATES)
    statement = select(PickTask).where(*ours, PickTask.batch_id.is_(None)).order_by(PickTask.id)
    return uow.session.scalars(statement.execution_options(populate_existing=True))
