from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from fulfillment.domain.shares import apportioned
from fulfillment.models import BatchOrder, PickBatch, PickTask, SalesOrder
from fulfillment.queries.floor import floor_layout
from fulfillment.queries.legs import is_for, zones_of_places
from fulfillment.queries.zero_checks import emptying_tasks
from fulfillment.repository import OPEN_TASK_STATES
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class WorkSlot:
    """One place on the cart: whose goods go there, and the tote that stands in it (empty until it is bound)."""

    slot: int
    tenant_id: str
    order_id: str
    order_number: str
    tote: str
    is_open: bool
    order_state: str


@dataclass(frozen=True, slots=True)
class WorkTask:
    """Units to take from (or with kind `put_back`, to bring to) one location, with all that a scan may say.

    `kept_apart` is why its units share no tote with other goods. With `empties_bin` the book has nothing left of the
    item and lot there once this is picked: who picks it is asked whether the bin is empty.
    """

    task_id: str
    version: int
    kind: str
    state: str
    step: str
    seq: int
    tenant_id: str
    order_id: str
    order_number: str
    line_id: str
    location_code: str
    side: str
    level: int
    item_id: str
    sku: str
    name: str
    gtins: tuple[str, ...]
    packs: tuple[inventory.Pack, ...]
    lot: str
    quantity: int
    done: int
    slot: int
    tote: str
    reason: str
    empties_bin: bool = False
    kept_apart: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class WorkPackage:
    """A batch as a handheld needs it, tasks in walking order; lengths in mm.

    `stage` is `bind` while a slot with work has no tote, then `pick`, then `pack` while totes hold goods, then `done`.
    Of a walk with `zones` only the leg under way counts: `fetch` comes before it, `pass` behind it while others wait.
    """

    batch_id: str
    site_id: str
    state: str
    stage: str
    version: int
    picker: str
    lease_until: datetime | None
    cut_off_at: datetime | None
    stops: int
    lines: int
    lines_done: int
    length_mm: int
    length_by_name_order_mm: int
    walk: tuple[tuple[int, int], ...]
    slots: tuple[WorkSlot, ...]
    tasks: tuple[WorkTask, ...]
    kept_apart: str = ""
    zones: tuple[str, ...] = ()
    leg: int = 0


@dataclass(frozen=True, slots=True)
class MerchantShare:
    """A merchant's picks on a walk, and its part of the walk in mm by them."""

    tenant_id: str
    picks: int
    length_mm: int


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """One row of the list of batches. `planned_mm` is the walk as first planned, before it was improved; one order may
    fill `loads` carts. The parts of the `merchants` add up to the walk; `loading_mm` of it are for heavy goods first
    and fragile ones last.
    """

    id: str
    site_id: str
    state: str
    picker: str
    lease_until: datetime | None
    cut_off_at: datetime | None
    orders: int
    lines: int
    lines_done: int
    stops: int
    length_mm: int
    length_by_name_order_mm: int
    created_at: datetime
    finished_at: datetime | None
    planned_mm: int = 0
    loads: int = 1
    merchants: tuple[MerchantShare, ...] = ()
    loading_mm: int = 0
    congestion_mm: int = 0
    kept_apart: str = ""
    zones: tuple[str, ...] = ()
    leg: int = 0


def work_package(uow: UnitOfWork, batch_id: str) -> WorkPackage:
    """Return a batch with slots and all its tasks.

    Raises:
        NotFound: the actor's site has no such batch.
    """
    batch = uow.session.get(PickBatch, batch_id)
    if batch is None:
        raise NotFound("There is no such batch.", remedy="Ask for the next batch.")
    slots = _slots(uow, batch_id)
    tasks = _tasks(uow, PickTask.batch_id == batch_id, site_id=batch.site_id)
    lines_done = sum(task.state not in OPEN_TASK_STATES for task in tasks)
    return WorkPackage(
        batch.id, batch.site_id, batch.state, _stage(batch, slots, tasks), batch.version, batch.picker,
        batch.lease_until, batch.cut_off_at, batch.stops, len(tasks), lines_done, batch.length_mm,
        batch.length_by_name_order_mm,
        tuple((corner["x_mm"], corner["y_mm"]) for corner in batch.walk), slots, tasks,
        batch.kept_apart or "", tuple(batch.zones), batch.leg,
    )  # fmt: skip


def task_views(uow: UnitOfWork, ids: Iterable[str], *, site_id: str) -> tuple[WorkTask, ...]:
    """Return these tasks as a handheld needs them."""
    return _tasks(uow, PickTask.id.in_(sorted(ids)), site_id=site_id)


def _slots(uow: UnitOfWork, batch_id: str) -> tuple[WorkSlot, ...]:
    of_order = (SalesOrder.tenant_id == BatchOrder.tenant_id) & (SalesOrder.id == BatchOrder.order_id)
    statement = select(BatchOrder, SalesOrder.external_id, SalesOrder.state).join(SalesOrder, of_order)
    rows = uow.session.execute(statement.where(BatchOrder.batch_id == batch_id).order_by(BatchOrder.slot))
    return tuple(
        WorkSlot(s.slot, s.tenant_id, s.order_id, number, s.tote, s.is_open, state) for s, number, state in rows
    )


def _tasks(uow: UnitOfWork, which: object, *, site_id: str) -> tuple[WorkTask, ...]:
    of_order = (SalesOrder.tenant_id == PickTask.tenant_id) & (SalesOrder.id == PickTask.order_id)
    statement = select(PickTask, SalesOrder.external_id).join(SalesOrder, of_order).where(which)  # type: ignore[arg-type]  # any SQL condition
    found = uow.session.execute(statement.order_by(PickTask.seq, PickTask.id)).all()
    items = inventory.items_by_id(uow, {task.item_id for task, _ in found}) if found else {}
    layout = floor_layout(uow, site_id) if found else None
    wanted = {task.location_code for task, _ in found}
    bins = {each.code: (each.side, each.level) for each in layout.plan.bins if each.code in wanted} if layout else {}
    totes = _totes(uow, {task.batch_id for task, _ in found if task.batch_id})
    zones = zones_of_places(uow, site_id, [task.location_code for task, _ in found]) if found else []
    last = emptying_tasks(uow, site_id, [task for task, _ in found])
    return tuple(
        replace(_task(task, number, items[task.item_id], bins, totes), empties_bin=task.id in last, zone=zone)
        for (task, number), zone in zip(found, zones, strict=True)
    )


def _totes(uow: UnitOfWork, batch_ids: Iterable[str]) -> dict[tuple[str, int], str]:
    statement = select(BatchOrder.batch_id, BatchOrder.slot, BatchOrder.tote)
    rows = uow.session.execute(statement.where(BatchOrder.batch_id.in_(list(batch_ids))))
    return {(row.batch_id, row.slot): row.tote for row in rows}


def _task(
    task: PickTask,
    number: str,
    item: inventory.ItemView,
    bins: dict[str, tuple[str, int]],
    totes: dict[tuple[str, int], str],
) -> WorkTask:
    side, level = bins.get(task.location_code, ("", 0))
    return WorkTask(
        task_id=task.id, version=task.version, kind=task.kind, state=task.state, step=task.step, seq=task.seq,
        tenant_id=task.tenant_id, order_id=task.order_id, order_number=number, line_id=task.line_id,
        location_code=task.location_code, side=side, level=level, item_id=item.id, sku=item.sku, name=item.name,
        gtins=item.gtins, packs=item.packs, lot=task.lot, quantity=task.quantity, done=task.done, slot=task.slot,
        tote=task.tote or totes.get((task.batch_id or "", task.slot), ""), reason=task.reason,
        kept_apart=item.kept_apart,
    )  # fmt: skip


def _stage(batch: PickBatch, slots: Sequence[WorkSlot], tasks: Sequence[WorkTask]) -> str:
    everywhere = [task for task in tasks if task.state in OPEN_TASK_STATES]
    waiting = [task for task in everywhere if not batch.zones or task.zone == batch.zones[batch.leg]]
    if batch.leg and batch.state == "ASSIGNED" and any(slot.tote and slot.is_open for slot in slots):
        return "fetch"
    with_work = {task.slot for task in waiting}
    if any(slot.slot in with_work and not slot.tote for slot in slots):
        return "bind"
    if waiting:
        return "pick"
    if everywhere:
        return "pass"
    return "pack" if any(slot.is_open for slot in slots) else "done"


def find_batches(
    uow: UnitOfWork, *, site_id: str, states: Sequence[str] = (), limit: int = 100, zone: str = ""
) -> list[BatchSummary]:
    """Return the batches of a site, most urgent first; with a `zone`, those that who picks there may take."""
    orders = select(func.count(BatchOrder.order_id.distinct())).where(BatchOrder.batch_id == PickBatch.id)
    lines = select(func.count()).where(PickTask.batch_id == PickBatch.id)
    done = lines.where(PickTask.state.not_in(OPEN_TASK_STATES))
    statement = select(PickBatch, orders.scalar_subquery(), lines.scalar_subquery(), done.scalar_subquery())
    statement = statement.where(PickBatch.site_id == site_id, is_for(zone))
    if states:
        statement = statement.where(PickBatch.state.in_(states))
    statement = statement.order_by(
        PickBatch.state == "DONE", ~PickBatch.rushed, PickBatch.cut_off_at.nulls_last(), PickBatch.id
    )
    rows = uow.session.execute(statement.limit(limit)).all()
    shares = _shares(uow, [row[0] for row in rows])
    return [
        BatchSummary(
            b.id, b.site_id, b.state, b.picker, b.lease_until, b.cut_off_at, orders, lines, done, b.stops,
            b.length_mm, b.length_by_name_order_mm, b.created_at, b.finished_at, b.planned_mm, b.loads,
            shares.get(b.id, ()), b.loading_mm, b.congestion_mm, b.kept_apart or "", tuple(b.zones), b.leg,
        )
        for b, orders, lines, done in rows
    ]  # fmt: skip


def _shares(uow: UnitOfWork, batches: Sequence[PickBatch]) -> dict[str, tuple[MerchantShare, ...]]:
    """Return each merchant's part of these walks, by what is or was to be picked on them."""
    counted = select(PickTask.batch_id, PickTask.tenant_id, func.count())
    counted = counted.where(
        PickTask.batch_id.in_([b.id for b in batches]), PickTask.kind == "pick", PickTask.state != "CANCELLED"
    )
    counted = counted.group_by(PickTask.batch_id, PickTask.tenant_id).order_by(PickTask.tenant_id)
    picks: dict[str, dict[str, int]] = defaultdict(dict)
    for batch_id, tenant_id, number in uow.session.execute(counted):
        picks[batch_id or ""][tenant_id] = number
    return {
        b.id: tuple(
            MerchantShare(tenant_id, number, part)
            for (tenant_id, number), part in zip(
                picks[b.id].items(), apportioned(b.length_mm, list(picks[b.id].values())), strict=True
            )
        )
        for b in batches
    }


def open_put_backs(uow: UnitOfWork, *, site_id: str) -> tuple[WorkTask, ...]:
    """Return the cancelled units that still have to go from totes back into stock."""
    waiting = (PickTask.kind == "put_back") & (PickTask.state == "READY") & PickTask.batch_id.is_(None)
    return _tasks(uow, (PickTask.site_id == site_id) & waiting, site_id=site_id)
