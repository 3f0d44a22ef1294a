from dataclasses import dataclass

from sqlalchemy import func, select

from fulfillment.commands.claim_batch import require_lease
from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.commands.scans import require_item, require_location, require_tote
from fulfillment.events import LinePicked, LineShorted, OrderBackordered, OrderPicked, UnitsPutBack
from fulfillment.models import PickBatch, PickTask
from fulfillment.repository import (
    OPEN_TASK_STATES,
    OrderInHand,
    find_task,
    lock_batch,
    lock_order,
    open_slots,
    open_tasks,
    slots_of,
)
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal

SHORT_REASONS = {
    "BIDF": "missing",
    "BIDP": "missing",
    "DAMAGED": "damaged",
    "WRONG_ITEM": "wrong_item",
    "UNREACHABLE": "unreachable",
}
"""The handheld's exception codes (bin denial full and partial, as SAP EWM names them) and the stock's reasons."""


class TaskClosed(Refusal):
    """The task is done, or was taken off the walk."""

    code = "task_closed"
    title = "There is nothing left to do here"


class TasksOpen(Refusal):
    """A batch cannot be finished while tasks are open: skipped ones stay mandatory."""

    code = "tasks_open"
    title = "The walk is not finished"


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of a task: its state, its version, what is done of it, and what the picker should know."""

    task_id: str
    order_id: str
    batch_id: str | None
    state: str
    version: int
    quantity: int
    done: int
    detail: str = ""


def confirm_pick(
    uow: UnitOfWork, *, task_id: str, location_code: str, barcode: str, quantity: int, tote: str = ""
) -> TaskResult:
    """Take units from the task's location into the order's tote. Fewer than the task asks for leave it open.

    Emits LinePicked, and OrderPicked when nothing of the order is left to pick.

    Raises:
        WrongScan: the location, item or tote is not the one needed; nothing changed.
        TaskClosed: done before, or cancelled meanwhile: put the units back.
        BatchTaken: another picker took the batch over.
    """
    task, order = open_task(uow, task_id, kind="pick")
    line = order.line(task.line_id)
    require_location(location_code, task.location_code)
    require_item(uow, line, barcode)
    slots = open_slots(uow, tenant_id=task.tenant_id, order_id=task.order_id)
    into = require_tote(uow, [s for s in slots if s.batch_id == task.batch_id], tote, site_id=task.site_id)
    if not 1 <= quantity <= task.quantity - task.done:
        raise Invalid(f"Between 1 and {task.quantity - task.done} units are needed here.", pointer="/quantity")
    _take(uow, task, order, quantity, into)
    _finish(uow, task, "PICKED" if task.done == task.quantity else task.state)
    _after_pick(uow, order)
    return task_result(task)


def open_task(uow: UnitOfWork, task_id: str, *, kind: str) -> tuple[PickTask, OrderInHand]:
    """Lock a task's order, read the task again under that lock, and check the picker's lease.

    Raises:
        TaskClosed, BatchTaken, NotFound: as `confirm_pick`.
        Invalid: the task is of another kind.
    """
    found = find_task(uow, task_id)
    if found.kind != kind:
        raise Invalid(f"This is a {found.kind.replace('_', ' ')} task.", pointer="/task_id")
    order = lock_order(uow, tenant_id=found.tenant_id, order_id=found.order_id)
    task = find_task(uow, task_id)
    if task.state not in OPEN_TASK_STATES:
        cancelled = task.state == "CANCELLED"
        raise TaskClosed(
            "The order was cancelled meanwhile." if cancelled else "This was done before.",
            remedy=f"Put the units back at {task.location_code}." if cancelled else "Go on with the next task.",
            state=task.state,
        )
    require_lease(uow, task.batch_id)
    return task, order


def _take(uow: UnitOfWork, task: PickTask, order: OrderInHand, quantity: int, tote: str) -> None:
    inventory.pick_stock(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, order_id=task.order_id, line_id=task.line_id,
        item_id=task.item_id, location_code=task.location_code, quantity=quantity, tote=tote,
    )  # fmt: skip
    order.move(task.line_id, quantity, "allocated", "picked")
    task.done += quantity
    task.tote = tote
    uow.emit(
        LinePicked(
            **order.about, line_id=task.line_id,
            item_id=task.item_id, quantity=quantity, location_code=task.location_code, tote=tote,
        )
    )  # fmt: skip


def _finish(uow: UnitOfWork, task: PickTask, state: str) -> None:
    task.version += 1
    task.step = ""
    if state != task.state:
        task.state, task.finished_at, task.finished_by = state, uow.now, uow.actor.id
    batch = uow.session.get(PickBatch, task.batch_id) if task.batch_id else None
    if batch and batch.state == "ASSIGNED":
        batch.state = "IN_PROGRESS"


def _after_pick(uow: UnitOfWork, order: OrderInHand) -> None:
    order.settle(uow.now)
    units = order.units
    if units.picked and not units.allocated:
        uow.emit(OrderPicked(**order.about, units=units.picked))


def short_pick(uow: UnitOfWork, *, task_id: str, found: int, reason: str, tote: str = "") -> TaskResult:
    """Take what is there (`found`, possibly 0) and report the rest as missing, with the reason.

    The bin is frozen for a count. Units that other bins have join the same walk; those that nobody has wait for stock.
    With 0 found, nothing is put into any container. Emits LineShorted, and as it happens LinePicked, OrderBackordered
    and OrderPicked.

    Raises:
        Invalid: no reason, or `found` is not below what is needed.
        TaskClosed, BatchTaken, WrongScan: as `confirm_pick`.
    """
    task, order = open_task(uow, task_id, kind="pick")
    line = order.line(task.line_id)
    expected = task.quantity - task.done
    if not 0 <= found < expected:
        raise Invalid(f"A short pick finds between 0 and {expected - 1} units.", pointer="/found")
    if not reason.strip():
        raise Invalid("Say why the units could not be picked.", pointer="/reason")
    if found:
        slots = open_slots(uow, tenant_id=task.tenant_id, order_id=task.order_id)
        into = require_tote(uow, [s for s in slots if s.batch_id == task.batch_id], tote, site_id=task.site_id)
        _take(uow, task, order, found, into)
    missing, elsewhere = _report(
        uow, task, order, expected=expected, found=found, reason=SHORT_REASONS.get(reason, reason)
    )
    task.reason = reason
    _finish(uow, task, "SHORT")
    uow.session.flush()
    reconcile_tasks(uow, order)
    _tell_short(uow, task, order, expected=expected, found=found, missing=missing, elsewhere=elsewhere)
    _after_pick(uow, order)
    _free_empty_totes(uow, order)
    return task_result(task, _said(missing, elsewhere))


def _report(
    uow: UnitOfWork, task: PickTask, order: OrderInHand, *, expected: int, found: int, reason: str
) -> tuple[int, int]:
    """Tell the stock, move what nobody has to backordered, and return (missing, found elsewhere) units."""
    outcome = inventory.report_short(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, order_id=task.order_id, line_id=task.line_id,
        item_id=task.item_id, location_code=task.location_code, expected=expected, found=found, reason=reason,
    )  # fmt: skip
    if outcome.missing:
        order.move(task.line_id, outcome.missing, "allocated", "backordered")
    return outcome.missing, expected - found - outcome.missing


def _tell_short(
    uow: UnitOfWork, task: PickTask, order: OrderInHand, *, expected: int, found: int, missing: int, elsewhere: int
) -> None:
    uow.emit(
        LineShorted(
            **order.about, line_id=task.line_id, item_id=task.item_id, location_code=task.location_code,
            expected=expected, found=found, reallocated=elsewhere, missing=missing, reason=task.reason,
        )
    )  # fmt: skip
    if missing:
        lines = [{"line_id": task.line_id, "item_id": task.item_id, "quantity": missing}]
        uow.emit(OrderBackordered(**order.about, units=missing, lines=lines, cause="the location held too few"))


def _free_empty_totes(uow: UnitOfWork, order: OrderInHand) -> None:
    """Give back the totes of an order of which nothing was picked and nothing is left to pick."""
    if order.units.picked or order.units.allocated:
        return
    for slot in open_slots(uow, tenant_id=order.row.tenant_id, order_id=order.row.id):
        slot.is_open = False


def _said(missing: int, elsewhere: int) -> str:
    parts = [f"{elsewhere} more to pick at another location"] if elsewhere else []
    parts += [f"{missing} must wait for stock"] if missing else []
    return f"{' and '.join(parts)}." if parts else ""


def skip_task(uow: UnitOfWork, *, task_id: str, reason: str = "") -> TaskResult:
    """Put a task at the end of the walk. It stays mandatory.

    Raises:
        TaskClosed, BatchTaken: as `confirm_pick`.
    """
    task, _ = open_task(uow, task_id, kind="pick")
    last = select(func.max(PickTask.seq)).where(PickTask.batch_id == task.batch_id)
    task.seq = (uow.session.execute(last).scalar_one() or 0) + 1
    task.state, task.reason, task.step = "SKIPPED", reason, ""
    task.version += 1
    return task_result(task)


def confirm_put_back(uow: UnitOfWork, *, task_id: str, location_code: str, quantity: int) -> TaskResult:
    """Bring cancelled units back into stock, where they came from or at another location. Emits UnitsPutBack.

    Raises:
        TaskClosed: it was done before.
        Invalid: more units than were cancelled.
        UnknownLocation: the site has no such location.
    """
    task, order = open_task(uow, task_id, kind="put_back")
    if not 1 <= quantity <= task.quantity - task.done:
        raise Invalid(f"Between 1 and {task.quantity - task.done} units go back here.", pointer="/quantity")
    inventory.put_back_stock(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, order_id=task.order_id, line_id=task.line_id,
        item_id=task.item_id, location_code=location_code.strip(), quantity=quantity, reason=task.reason or "cancelled",
    )  # fmt: skip
    task.done += quantity
    task.version += 1
    if task.done == task.quantity:
        task.state, task.finished_at, task.finished_by = "PICKED", uow.now, uow.actor.id
    uow.emit(
        UnitsPutBack(
            **order.about,
            line_id=task.line_id,
            item_id=task.item_id,
            quantity=quantity,
            location_code=location_code.strip(),
        )
    )
    uow.session.flush()
    if not open_tasks(uow, tenant_id=task.tenant_id, order_id=task.order_id):
        _free_empty_totes(uow, order)
    return task_result(task)


def finish_picking(uow: UnitOfWork, *, batch_id: str) -> None:
    """Close a walk whose tasks are all done; its totes go to the bench. Again, it changes nothing.

    Raises:
        TasksOpen: tasks are left, skipped ones included.
        BatchTaken: another picker has the batch.
    """
    batch = lock_batch(uow, batch_id=batch_id)
    if batch.state == "DONE":
        return
    require_lease(uow, batch_id)
    left = select(func.count()).where(PickTask.batch_id == batch_id, PickTask.state.in_(OPEN_TASK_STATES))
    count = uow.session.execute(left).scalar_one()
    if count:
        raise TasksOpen(f"{count} task(s) are left, skipped ones included.", remedy="Pick them or report them short.")
    batch.state, batch.finished_at, batch.lease_until = "DONE", uow.now, None
    batch.version += 1
    for slot in slots_of(uow, batch_id=batch_id):
        slot.is_open = slot.is_open and bool(slot.tote)


def task_result(task: PickTask, detail: str = "") -> TaskResult:
    """Return what became of a task."""
    return TaskResult(task.id, task.order_id, task.batch_id, task.state, task.version, task.quantity, task.done, detail)
