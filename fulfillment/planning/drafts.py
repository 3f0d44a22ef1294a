"""The walks of a site that nobody has claimed: reading them, and putting better ones in their place."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256

from sqlalchemy import select

from fulfillment.commands.plan_batches import (
    Tasks,
    Walk,
    add_slots,
    assign_tasks,
    orders_of,
    part_of,
    pick_orders,
    store_batch,
    walk_of,
)
from fulfillment.domain.batching import CartCapacity, PickOrder, load_of
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.savings import Load
from fulfillment.domain.shares import apportioned
from fulfillment.models import BatchOrder, PickBatch, PickTask, SalesOrder
from fulfillment.queries.floor import floor_version
from fulfillment.queries.legs import leg_floor
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Drafts:
    """Unclaimed walks: the parts of orders on each by batch id, what each part is, and the length in mm by batch id.

    `seen` is what a batch holds, by which somebody sees later whether it still holds that; `tasks` are those of each
    part. All were planned on one version of the floor.
    """

    floor_version: int
    carts: Mapping[str, tuple[str, ...]]
    orders: Mapping[str, PickOrder]
    lengths_mm: Mapping[str, int]
    planned_mm: Mapping[str, int]
    seen: Mapping[str, str]
    tasks: Tasks

    @property
    def total_mm(self) -> int:
        """The length of all these walks."""
        return sum(self.lengths_mm.values())

    def subject(self, cart: CartCapacity) -> str:
        """Return a name for the question how these orders are best put on such carts."""
        return _digest([*sorted(self.orders), str(cart), str(self.floor_version)])


def read_drafts(
    uow: UnitOfWork, site_id: str, layout: FloorLayout, version: int, *, lock: Iterable[str] | None = None
) -> Drafts:
    """Return the walks that can be improved: drafts planned on this `version` of the floor, with all goods on it,
    without a tote or a closed slot.

    With `lock` only those batches, locked together with their orders; what somebody else has in hand is left out.
    """
    of_floor = PickBatch.site_id == site_id, PickBatch.state == "DRAFT", PickBatch.floor_version == version
    statement = select(PickBatch).where(*of_floor, PickBatch.kept_apart.is_not(None)).order_by(PickBatch.id)
    if lock is not None:
        statement = statement.where(PickBatch.id.in_(list(lock))).with_for_update(skip_locked=True)
    batches = {b.id: b for b in uow.session.scalars(statement.execution_options(populate_existing=True))}
    held = {slot.order_id for of_batch in slots_by_batch(uow, batches).values() for slot in of_batch}
    if lock is not None:
        held = locked_orders(uow, held)
    slots, by_batch = slots_by_batch(uow, batches), tasks_by_batch(uow, batches)
    good = {
        batch_id: tasks for batch_id, tasks in by_batch.items()
        if is_untouched(slots[batch_id], tasks) and _is_drawn(tasks, layout)
        and {task.order_id for task in tasks} <= held
    }  # fmt: skip
    parts = {batch_id: _by_part(batches[batch_id], found) for batch_id, found in good.items()}
    split = in_several(parts)
    kept = {batch_id: found for batch_id, found in good.items() if not split & parts[batch_id].keys()}
    tasks = {part: found for batch_id in kept for part, found in parts[batch_id].items()}
    orders = {o.order_id: o for o in pick_orders(uow, tasks, orders_of(uow, tasks))} if tasks else {}
    return Drafts(
        floor_version=version,
        carts={batch_id: tuple(sorted(parts[batch_id])) for batch_id in kept},
        orders=orders,
        lengths_mm={batch_id: batches[batch_id].length_mm for batch_id in kept},
        planned_mm={batch_id: batches[batch_id].planned_mm for batch_id in kept},
        seen={batch_id: _mark(batches[batch_id], found) for batch_id, found in kept.items()},
        tasks=tasks,
    )


def by_order(tasks: Iterable[PickTask]) -> Tasks:
    """Return tasks by the id of their order."""
    found: Tasks = defaultdict(list)
    for task in tasks:
        found[task.order_id].append(task)
    return found


def _by_part(batch: PickBatch, tasks: Iterable[PickTask]) -> Tasks:
    found: Tasks = defaultdict(list)
    for task in tasks:
        found[part_of(task, batch.kept_apart or "")].append(task)
    return found


def slots_by_batch(uow: UnitOfWork, batches: Iterable[str]) -> dict[str, list[BatchOrder]]:
    """Return the slots of carts by batch id."""
    found: dict[str, list[BatchOrder]] = defaultdict(list)
    statement = select(BatchOrder).where(BatchOrder.batch_id.in_(list(batches)))
    for slot in uow.session.scalars(statement.execution_options(populate_existing=True)):
        found[slot.batch_id].append(slot)
    return found


def locked_orders(uow: UnitOfWork, order_ids: Iterable[str]) -> set[str]:
    """Lock orders without waiting and return the ids of those that nobody else has in hand."""
    statement = select(SalesOrder.id).where(SalesOrder.id.in_(list(order_ids)))
    statement = statement.order_by(SalesOrder.tenant_id, SalesOrder.id)
    return set(uow.session.scalars(statement.with_for_update(key_share=True, skip_locked=True)))


def tasks_by_batch(uow: UnitOfWork, batches: Iterable[str]) -> dict[str, list[PickTask]]:
    """Return the tasks of walks by batch id."""
    found: dict[str, list[PickTask]] = defaultdict(list)
    statement = select(PickTask).where(PickTask.batch_id.in_(list(batches))).order_by(PickTask.id)
    for task in uow.session.scalars(statement.execution_options(populate_existing=True)):
        found[task.batch_id or ""].append(task)
    return found


def is_untouched(slots: Sequence[BatchOrder], tasks: Sequence[PickTask]) -> bool:
    """Say whether nobody has put a tote on a cart or changed its orders."""
    untouched = all(slot.is_open and not slot.tote for slot in slots)
    return untouched and all(task.kind == "pick" and task.state == "READY" and not task.done for task in tasks)


def _is_drawn(tasks: Sequence[PickTask], layout: FloorLayout) -> bool:
    return all(task.location_code in layout.codes for task in tasks)


def in_several(batches: Mapping[str, Collection[str]]) -> set[str]:
    """Return the orders, or the parts of orders, that lie in several batches: each stays where it is."""
    seen = Counter(part for parts in batches.values() for part in set(parts))
    return {part for part, number in seen.items() if number > 1}


def _mark(batch: PickBatch, tasks: Iterable[PickTask]) -> str:
    return _digest([str(batch.version), *(f"{t.id}/{t.version}/{t.location_code}/{t.quantity}" for t in tasks)])


def _digest(parts: Iterable[str]) -> str:
    return sha256("|".join(parts).encode()).hexdigest()[:32]


def swap_carts(
    uow: UnitOfWork,
    *,
    site_id: str,
    layout: FloorLayout,
    cart: CartCapacity,
    read: Drafts,
    carts: Sequence[Sequence[str]],
) -> int:
    """Put carts in the place of unclaimed walks, if together they are shorter or the old ones too full; return the mm
    saved, 0 if nothing was changed.

    A batch that somebody claimed or changed since it was `read` is left alone with its orders. All locks are taken
    without waiting, and a picker who asks meanwhile waits for them: nobody sees half of it.
    """
    if floor_version(uow, site_id) != read.floor_version:
        return 0
    now = read_drafts(uow, site_id, layout, read.floor_version, lock=read.carts)
    old = {batch_id: frozenset(ids) for batch_id, ids in now.carts.items() if now.seen[batch_id] == read.seen[batch_id]}
    free = frozenset[str]().union(*old.values())
    wanted = {kept for ids in carts if (kept := free.intersection(ids))}
    new = sorted(wanted - set(old.values()), key=sorted)
    leaving = {batch_id: ids for batch_id, ids in old.items() if ids not in wanted}
    zoned = leg_floor(uow, site_id)
    walks = [walk_of([now.orders[order_id] for order_id in sorted(ids)], layout, cart, zoned) for ids in new]
    saved = sum(now.lengths_mm[batch_id] for batch_id in leaving) - sum(walk.length_mm for walk in walks)
    too_full = any(not fits([now.orders[each] for each in ids], cart) for ids in leaving.values())
    if not walks or (saved <= 0 and not too_full):
        return 0
    # Smaller carts make for longer walks than were planned: those are what is improved from then on.
    planned = max(sum(now.planned_mm[batch_id] for batch_id in leaving), sum(walk.length_mm for walk in walks))
    put_walks(uow, site_id, leaving, walks, now.tasks, version=read.floor_version, planned_mm=planned)
    return saved


def fits(orders: Sequence[PickOrder], cart: CartCapacity) -> bool:
    """Return whether these orders fit on a cart; one alone always does, if on several loads."""
    return len(orders) <= 1 or reduce(Load.plus, (load_of(order, cart) for order in orders)).fits(cart.limit)


def put_walks(
    uow: UnitOfWork, site_id: str, leaving: Mapping[str, frozenset[str]], walks: Sequence[Walk], tasks: Tasks, *,
    version: int, planned_mm: int,
) -> None:  # fmt: skip
    """Change the batches that leave into the new ones, those with the most in common; their ids stay known.

    `version` is the floor's, `planned_mm` what all of them were when they were first planned.
    """
    batches = {batch_id: uow.session.get_one(PickBatch, batch_id) for batch_id in sorted(leaving)}
    for slots in slots_by_batch(uow, batches).values():
        for slot in slots:
            uow.session.delete(slot)
    uow.session.flush()
    orders, unused = orders_of(uow, tasks), dict(leaving)
    stored = []
    for walk in walks:
        batch_id = max(unused, key=lambda each: (len(unused[each] & walk.order_ids), each), default="")
        if batch_id:
            del unused[batch_id]
            _change(uow, batches[batch_id], walk, tasks, orders)
            batches[batch_id].floor_version = version
        stored.append(
            batches[batch_id] if batch_id else store_batch(uow, site_id, walk, tasks, orders, version=version)
        )
    uow.session.flush()
    assign_tasks(uow, walks, stored, tasks)
    for batch_id in unused:
        uow.session.delete(batches[batch_id])
    for batch, part in zip(stored, apportioned(planned_mm, [walk.length_mm for walk in walks]), strict=True):
        batch.planned_mm = part
    uow.session.flush()


def _change(uow: UnitOfWork, batch: PickBatch, walk: Walk, tasks: Tasks, orders: Mapping[str, SalesOrder]) -> None:
    first = orders[walk.slots[0][1]]
    batch.cut_off_at, batch.service_class, batch.rushed = first.cut_off_at, first.service_level, bool(first.rushed_at)
    batch.stops, batch.length_mm, batch.length_by_name_order_mm = len(walk.stops), walk.length_mm, walk.by_name_mm
    batch.walk = [{"x_mm": x, "y_mm": y} for x, y in walk.corners]
    batch.loads, batch.version = walk.loads, batch.version + 1
    batch.kept_apart, batch.zones, batch.leg = walk.kept_apart, list(walk.zones), 0
    add_slots(uow, batch, walk, tasks)
