from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import count

from sqlalchemy import select, text

from fulfillment.domain.batching import Batch, CartCapacity, PickLine, PickOrder, load_of, loads_of, slots_on
from fulfillment.domain.batching import plan_batches as plan_walks
from fulfillment.domain.graph_batching import plan_graph_batches
from fulfillment.domain.legs import ZonedFloor, find_legs
from fulfillment.domain.routing.floor_routes import FloorLayout, find_floor_route
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.savings import Load
from fulfillment.models import BatchOrder, PickBatch, PickTask, SalesOrder
from fulfillment.queries.carts import cart_of
from fulfillment.queries.floor import floor_layout, floor_version
from fulfillment.queries.legs import leg_floor
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

_ASSIGN = text(
    "update pick_task t set batch_id = u.batch, seq = u.seq, slot = u.slot"
    " from unnest(cast(:tenants as text[]), cast(:ids as text[]), cast(:batches as text[]), cast(:seqs as bigint[]),"
    " cast(:slots as bigint[])) u(tenant, id, batch, seq, slot) where t.tenant_id = u.tenant and t.id = u.id"
)

_RUSH = -1
"""The due rank of rush orders: they walk before all cut-offs, and wait for none."""

Tasks = dict[str, list[PickTask]]
"""The open picks by part of an order: what of it may share a cart, see `part_of`."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One batch before it is stored: which part of an order goes into which slot, the locations in walking order, and
    why its goods ride with no others. One that is passed from zone to zone has those in order.
    """

    slots: tuple[tuple[int, str], ...]
    stops: tuple[str, ...]
    length_mm: int
    by_name_mm: int
    corners: tuple[tuple[int, int], ...]
    loads: int = 1
    kept_apart: str = ""
    zones: tuple[str, ...] = ()

    @property
    def order_ids(self) -> frozenset[str]:
        """The parts of orders on the cart."""
        return frozenset(order_id for _, order_id in self.slots)


def plan_batches(uow: UnitOfWork, *, site_id: str, max_orders: int = 300) -> list[str]:
    """Put the released orders that nobody walks for yet onto carts and return the new batches' ids, most urgent first.

    Orders share a cart of the site only with others of their cut-off and service level. Hazardous, chilled and frozen
    goods share it only with their like: an order of several kinds is walked in parts. Walks follow the site's floor
    plan; orders with locations that the plan lacks, or without any plan, are walked by location name.
    """
    found = _unplanned(uow, site_id, max_orders)
    if not found:
        return []
    tasks = in_parts(uow, found)
    orders, version = orders_of(uow, tasks), floor_version(uow, site_id)
    zoned = leg_floor(uow, site_id)
    walks = walks_for(pick_orders(uow, tasks, orders), floor_layout(uow, site_id), cart_of(uow, site_id), zoned)
    batches = [store_batch(uow, site_id, walk, tasks, orders, version=version) for walk in walks]
    uow.session.flush()
    assign_tasks(uow, walks, batches, tasks)
    return [batch.id for batch in batches]


def _unplanned(uow: UnitOfWork, site_id: str, max_orders: int) -> dict[str, list[PickTask]]:
    """Lock the tasks without a batch of the most urgent orders; those that another planner holds are skipped."""
    same = SalesOrder.tenant_id == PickTask.tenant_id, SalesOrder.id == PickTask.order_id
    waiting = (
        PickTask.site_id == site_id,
        PickTask.kind == "pick",
        PickTask.state == "READY",
        PickTask.batch_id.is_(None),
    )
    statement = select(PickTask).join(SalesOrder, (same[0]) & (same[1])).where(*waiting, SalesOrder.open_holds == 0)
    urgent = (
        SalesOrder.rushed_at.is_(None), SalesOrder.cut_off_at.nulls_last(), SalesOrder.promised_on.nulls_last(),
        PickTask.order_id, PickTask.id,
    )  # fmt: skip
    statement = statement.order_by(*urgent).with_for_update(of=PickTask, skip_locked=True)
    found: dict[str, list[PickTask]] = defaultdict(list)
    for task in uow.session.scalars(statement.execution_options(populate_existing=True)):
        if task.order_id not in found and len(found) == max_orders:
            break
        found[task.order_id].append(task)
    return found


def part_of(task: PickTask, kept_apart: str) -> str:
    """Return what of an order a task belongs to: the order's id, with why it is kept apart from the rest."""
    return f"{task.order_id} {kept_apart}" if kept_apart else task.order_id


def order_of(part: str) -> str:
    """Return the id of the order that a part belongs to."""
    return part.partition(" ")[0]


def in_parts(uow: UnitOfWork, found: Mapping[str, Sequence[PickTask]]) -> Tasks:
    """Return tasks by the parts of their orders, each of goods that may share a cart."""
    items = inventory.items_by_id(uow, {task.item_id for of_order in found.values() for task in of_order})
    parts: Tasks = defaultdict(list)
    for of_order in found.values():
        for task in of_order:
            parts[part_of(task, items[task.item_id].kept_apart)].append(task)
    return parts


def orders_of(uow: UnitOfWork, tasks: Mapping[str, Sequence[PickTask]]) -> dict[str, SalesOrder]:
    """Return the orders that tasks are given for, by the parts for which they are given."""
    found = uow.session.scalars(select(SalesOrder).where(SalesOrder.id.in_({order_of(part) for part in tasks})))
    orders = {order.id: order for order in found}
    return {part: orders[order_of(part)] for part in tasks}


def pick_orders(
    uow: UnitOfWork, tasks: Mapping[str, Sequence[PickTask]], orders: Mapping[str, SalesOrder]
) -> list[PickOrder]:
    """Return the parts of orders as the batcher sees them: each rides with its like."""
    items = inventory.items_by_id(uow, {task.item_id for of_order in tasks.values() for task in of_order})
    cut_offs = sorted({order.cut_off_at for order in orders.values() if order.cut_off_at})
    ranks: dict[datetime | None, int] = {at: rank for rank, at in enumerate(cut_offs)} | {None: len(cut_offs)}
    planned = []
    for order_id, of_order in tasks.items():
        units = [(items[task.item_id], task.quantity) for task in of_order]
        planned.append(
            PickOrder(
                order_id=order_id,
                lines=tuple(PickLine(task.location_code, task.quantity) for task in of_order),
                volume_mm3=sum(i.length_mm * i.width_mm * i.height_mm * quantity for i, quantity in units),
                weight_g=sum(i.weight_g * quantity for i, quantity in units),
                due_rank=_RUSH if orders[order_id].rushed_at else ranks[orders[order_id].cut_off_at],
                service_class=orders[order_id].service_level,
                kept_apart=" ".join(sorted({item.kept_apart for item, _ in units} - {""})),
            )
        )
    return planned


def walks_for(
    orders: Sequence[PickOrder], layout: FloorLayout | None, cart: CartCapacity, zoned: ZonedFloor | None = None
) -> list[Walk]:
    """Return the first walks for orders: those on the floor by their way, the others by location name."""
    if layout is None:
        return _walks_by_name(orders, cart)
    drawn = [order for order in orders if all(line.bin in layout.codes for line in order.lines)]
    by_id = {order.order_id: order for order in drawn}
    walks = [
        walk_of([by_id[order_id] for order_id in batch.order_ids], layout, cart, zoned)
        for batch in _batches(drawn, layout, cart)
    ]
    return walks + _walks_by_name([order for order in orders if order.order_id not in by_id], cart)


def walk_of(
    orders: Sequence[PickOrder], layout: FloorLayout, cart: CartCapacity, zoned: ZonedFloor | None = None
) -> Walk:
    """Return the walk for orders on one cart; with zones, as it is passed from one to the next."""
    bins = sorted({line.bin for order in orders for line in order.lines})
    route = find_floor_route(layout, bins)
    slots = tuple((tote.slot, tote.order_id) for tote in slots_on(orders, cart))
    loads = loads_of(reduce(Load.plus, (load_of(order, cart) for order in orders)), cart)
    apart = orders[0].kept_apart
    if zoned:
        legs = find_legs(zoned, bins)
        by_name = max(route.length_by_name_order_mm, legs.length_mm)
        return Walk(slots, legs.stops, legs.length_mm, by_name, legs.walk, loads, apart, legs.zones)
    return Walk(slots, route.stops, route.length_mm, route.length_by_name_order_mm, route.walk, loads, apart)


def _batches(orders: Sequence[PickOrder], layout: FloorLayout, cart: CartCapacity) -> tuple[Batch, ...]:
    if isinstance(layout, GraphLayout):
        return plan_graph_batches(orders, capacity=cart, layout=layout)
    return plan_walks(orders, capacity=cart, layout=layout)


def _walks_by_name(orders: Sequence[PickOrder], cart: CartCapacity) -> list[Walk]:
    groups: dict[tuple[int, str, str], list[PickOrder]] = defaultdict(list)
    for order in orders:
        groups[order.company].append(order)
    return [_walk_by_name(part, cart) for key in sorted(groups) for part in _filled(groups[key], cart)]


def _filled(orders: Iterable[PickOrder], cart: CartCapacity) -> list[list[PickOrder]]:
    """Fill carts one after the other."""
    parts: list[list[PickOrder]] = []
    load = cart.limit
    for order in orders:
        own = load_of(order, cart)
        load = load.plus(own)
        if load.fits(cart.limit) and parts:
            parts[-1].append(order)
        else:
            parts.append([order])
            load = own
    return parts


def _walk_by_name(orders: Sequence[PickOrder], cart: CartCapacity) -> Walk:
    stops = tuple(sorted({line.bin for order in orders for line in order.lines}))
    slots = tuple((tote.slot, tote.order_id) for tote in slots_on(orders, cart))
    loads = loads_of(reduce(Load.plus, (load_of(order, cart) for order in orders)), cart)
    return Walk(slots, stops, 0, 0, (), loads, orders[0].kept_apart)


def store_batch(
    uow: UnitOfWork,
    site_id: str,
    walk: Walk,
    tasks: Mapping[str, Sequence[PickTask]],
    orders: Mapping[str, SalesOrder],
    *,
    version: int,
) -> PickBatch:
    """Store a walk, planned on a version of the floor, as a batch that nobody has claimed."""
    first = orders[walk.slots[0][1]]
    batch = PickBatch(
        id=new_id("bat"), site_id=site_id, state="DRAFT", picker="", lease_until=None, cut_off_at=first.cut_off_at,
        service_class=first.service_level, stops=len(walk.stops), length_mm=walk.length_mm,
        length_by_name_order_mm=walk.by_name_mm, rushed=first.rushed_at is not None,
        walk=[{"x_mm": x, "y_mm": y} for x, y in walk.corners],
        created_at=uow.now, claimed_at=None, finished_at=None, version=1, planned_mm=walk.length_mm, loads=walk.loads,
        floor_version=version, kept_apart=walk.kept_apart,
        zones=list(walk.zones),
    )  # fmt: skip
    uow.session.add(batch)
    uow.session.flush()
    add_slots(uow, batch, walk, tasks)
    return batch


def add_slots(uow: UnitOfWork, batch: PickBatch, walk: Walk, tasks: Mapping[str, Sequence[PickTask]]) -> None:
    """Give a batch the slots of its cart."""
    uow.session.add_all(
        BatchOrder(
            tenant_id=tasks[part][0].tenant_id, batch_id=batch.id, slot=slot, order_id=tasks[part][0].order_id,
            site_id=batch.site_id, tote="", is_open=True,
        )
        for slot, part in walk.slots
    )  # fmt: skip


def assign_tasks(
    uow: UnitOfWork,
    walks: Iterable[Walk],
    batches: Iterable[PickBatch],
    tasks: Mapping[str, Sequence[PickTask]],
) -> None:
    """Give every task its batch, slot and place in the walk in one statement."""
    rows: list[tuple[PickTask, str, int, int]] = []
    for walk, batch in zip(walks, batches, strict=True):
        slot_of = {tasks[part][0].order_id: slot for slot, part in reversed(walk.slots)}
        place = {code: number for number, code in enumerate(walk.stops)}
        of_walk = [task for part in sorted(walk.order_ids) for task in tasks[part]]
        of_walk.sort(key=lambda task: (place[task.location_code], slot_of[task.order_id], task.id))
        rows += [(task, batch.id, seq, slot_of[task.order_id]) for seq, task in zip(count(1), of_walk, strict=False)]
    columns = {
        "tenants": [task.tenant_id for task, *_ in rows],
        "ids": [task.id for task, *_ in rows],
        "batches": [batch_id for _, batch_id, _, _ in rows],
        "seqs": [seq for _, _, seq, _ in rows],
        "slots": [slot for *_, slot in rows],
    }
    uow.session.execute(_ASSIGN, columns)
    for task, *_ in rows:
        uow.session.expire(task)
