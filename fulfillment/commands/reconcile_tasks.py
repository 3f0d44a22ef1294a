from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from fulfillment.models import BatchOrder, PickBatch, PickTask
from fulfillment.queries.floor import closed_locations
from fulfillment.repository import OrderInHand, open_tasks
from fulfillment.walks import resequence_walk
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

_Place = tuple[str, str, str, str]
"""Line, item, location code and lot."""


def reconcile_tasks(
    uow: UnitOfWork, order: OrderInHand, allocations: Iterable[inventory.Allocation] | None = None
) -> list[PickTask]:
    """Make an order's open pick tasks say what its allocations say, and return the new ones.

    Needed whenever units were cancelled, shorted or moved to other bins: what is still wanted is walked to, and nothing
    else, and nobody is sent to closed places that were not on a walk before. New tasks join the walk that collects the
    order already, where they cost the least steps. `allocations` are the order's, if they are known.
    """
    row = order.row
    tasks = [t for t in open_tasks(uow, tenant_id=row.tenant_id, order_id=row.id) if t.kind == "pick"]
    if allocations is None:
        allocations = _allocate(uow, order, tasks)
    wanted: Counter[_Place] = Counter()
    for allocation in allocations:
        wanted[allocation.line_id, allocation.item_id, allocation.location_code, allocation.lot] += allocation.quantity
    _follow_vector(order, wanted)
    for task in tasks:
        place = task.line_id, task.item_id, task.location_code, task.lot
        keep = min(task.quantity - task.done, wanted[place])
        wanted[place] -= keep
        trim_task(task, keep)
    return _append(uow, order, [(place, quantity) for place, quantity in sorted(wanted.items()) if quantity])


def _allocate(uow: UnitOfWork, order: OrderInHand, tasks: Iterable[PickTask]) -> Iterable[inventory.Allocation]:
    """Set bins aside for an order. The stock knows no aisles: units that it moved to a closed place, when others left
    the bin that they were in, are taken elsewhere, or wait.
    """
    row, closed = order.row, closed_locations(uow, order.row.site_id)
    of_order = {"tenant_id": row.tenant_id, "site_id": row.site_id, "order_id": row.id}
    found = inventory.allocate_stock(uow, **of_order, closed=closed)
    walked = {(task.line_id, task.location_code) for task in tasks}
    away = [each for each in found if each.location_code in closed]
    strays = {each.location_code for each in away if (each.line_id, each.location_code) not in walked}
    if strays:
        inventory.leave_bins(uow, **of_order, codes=strays)
        found = inventory.allocate_stock(uow, **of_order, closed=closed)
    return found


def trim_task(task: PickTask, keep: int) -> None:
    """Leave `keep` units of a task to be done; a task without any ends."""
    if keep == task.quantity - task.done:
        return
    task.version += 1
    if keep:
        task.quantity = task.done + keep
    elif task.done:
        task.quantity, task.state = task.done, "PICKED"
    else:
        task.state = "CANCELLED"


def _follow_vector(order: OrderInHand, wanted: Counter[_Place]) -> None:
    allocated: Counter[str] = Counter()
    for (line_id, *_), quantity in wanted.items():
        allocated[line_id] += quantity
    for line in order.lines:
        change = allocated[line.id] - line.allocated
        if change > 0:
            order.move(line.id, change, "promised", "allocated")
        elif change < 0:
            order.move(line.id, -change, "allocated", "promised")


def _slot_on_a_walk(uow: UnitOfWork, order: OrderInHand, kept_apart: str) -> BatchOrder | None:
    statement = select(BatchOrder).join(PickBatch, PickBatch.id == BatchOrder.batch_id).where(
        BatchOrder.tenant_id == order.row.tenant_id, BatchOrder.order_id == order.row.id, BatchOrder.is_open,
        PickBatch.state != "DONE", func.coalesce(PickBatch.kept_apart, kept_apart) == kept_apart,
    )  # fmt: skip
    return uow.session.scalars(statement.order_by(BatchOrder.batch_id.desc(), BatchOrder.slot)).first()


def _append(uow: UnitOfWork, order: OrderInHand, places: Sequence[tuple[_Place, int]]) -> list[PickTask]:
    """Add tasks for units at places, those of goods that are kept apart to the order's walk with their like."""
    items = inventory.items_by_id(uow, {place[1] for place, _ in places}) if places else {}
    alike: dict[str, list[tuple[_Place, int]]] = defaultdict(list)
    for place, quantity in places:
        alike[items[place[1]].kept_apart].append((place, quantity))
    return [task for apart, missing in alike.items() for task in _append_alike(uow, order, apart, missing)]


def _append_alike(
    uow: UnitOfWork, order: OrderInHand, kept_apart: str, missing: Sequence[tuple[_Place, int]]
) -> list[PickTask]:
    slot = _slot_on_a_walk(uow, order, kept_apart)
    batch_id = slot.batch_id if slot else None
    last = select(func.coalesce(func.max(PickTask.seq), 0)).where(PickTask.batch_id == batch_id)
    seq = uow.session.execute(last).scalar_one() if batch_id else 0
    tasks = [
        PickTask(
            tenant_id=order.row.tenant_id, id=new_id("tsk"), site_id=order.row.site_id, batch_id=batch_id,
            order_id=order.row.id, line_id=line_id, item_id=item_id, kind="pick", seq=seq + number if batch_id else 0,
            slot=slot.slot if slot else 0, location_code=location_code, lot=lot, quantity=quantity, done=0, tote="",
            state="CLAIMED" if batch_id else "READY", step="", reason="", finished_at=None, finished_by="", version=1,
        )
        for number, ((line_id, item_id, location_code, lot), quantity) in enumerate(missing, start=1)
    ]  # fmt: skip
    uow.session.add_all(tasks)
    if batch_id:
        resequence_walk(uow, batch_id, new=tasks)
    return tasks
