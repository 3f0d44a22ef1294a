from fulfillment.commands.note_short import note_short, tell_touched
from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.commands.scans import require_tote
from fulfillment.commands.settle_missing import lock_alternatives, settle_missing
from fulfillment.commands.task_work import (
    TaskResult,
    finish_task,
    free_empty_totes,
    open_task,
    settle_picking,
    take_units,
    task_result,
)
from fulfillment.events.floor import LineShorted
from fulfillment.events.orders import OrderBackordered
from fulfillment.models import PickTask
from fulfillment.queries.floor import closed_locations
from fulfillment.repository import OrderInHand, open_slots
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

SHORT_REASONS = {
    "BIDF": "missing",
    "BIDP": "missing",
    "DAMAGED": "damaged",
    "WRONG_ITEM": "wrong_item",
    "UNREACHABLE": "unreachable",
}
"""The handheld's exception codes (bin denial full and partial, as SAP EWM names them) and the stock's reasons."""


def short_pick(uow: UnitOfWork, *, task_id: str, found: int, reason: str, tote: str = "") -> TaskResult:
    """Take what is there (`found`, possibly 0) and report the rest as missing, with the reason.

    The bin is frozen for a count. Units that other bins have join the same walk; of those that nobody has it is decided
    at once what becomes, see `settle_missing`. With 0 found, nothing is put into any container. Emits LineShorted, and
    as it happens LinePicked, OrderBackordered and OrderPicked.

    Raises:
        Invalid: no reason, or `found` is not below what is needed.
        TaskClosed, BatchTaken, WrongScan: as `confirm_pick`.
    """
    task, order = open_task(uow, task_id, kind="pick")
    lock_alternatives(uow, tenant_id=task.tenant_id, site_id=task.site_id, item_id=task.item_id)
    expected = task.quantity - task.done
    if not 0 <= found < expected:
        raise Invalid(f"A short pick finds between 0 and {expected - 1} units.", pointer="/found")
    if not reason.strip():
        raise Invalid("Say why the units could not be picked.", pointer="/reason")
    if found:
        slots = open_slots(uow, tenant_id=task.tenant_id, order_id=task.order_id)
        into = require_tote(uow, [s for s in slots if s.batch_id == task.batch_id], tote, site_id=task.site_id)
        take_units(uow, task, order, found, into)
    since = len(uow.emitted)
    missing, elsewhere = _report(
        uow, task, order, expected=expected, found=found, reason=SHORT_REASONS.get(reason, reason)
    )
    task.reason = reason
    finish_task(uow, task, "SHORT")
    uow.session.flush()
    reconcile_tasks(uow, order)
    touched = tell_touched(uow, task, since=since)
    _tell_short(uow, task, order, expected=expected, found=found, missing=missing, elsewhere=elsewhere)
    words = [f"{elsewhere} more to pick at another location."] if elsewhere else []
    if missing:
        words.append(_settle(uow, task, order, missing))
    note_short(
        uow, task, expected=expected, found=found, elsewhere=elsewhere, missing=missing, became=" ".join(words),
        touched=touched,
    )  # fmt: skip
    settle_picking(uow, order)
    free_empty_totes(uow, order)
    return task_result(task, " ".join(words))


def _report(
    uow: UnitOfWork, task: PickTask, order: OrderInHand, *, expected: int, found: int, reason: str
) -> tuple[int, int]:
    """Tell the stock, move what nobody has to backordered, and return (missing, found elsewhere) units."""
    outcome = inventory.report_short(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, order_id=task.order_id, line_id=task.line_id,
        item_id=task.item_id, location_code=task.location_code, expected=expected, found=found, reason=reason,
        lot=task.lot or None, closed=closed_locations(uow, task.site_id),
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


def _settle(uow: UnitOfWork, task: PickTask, order: OrderInHand, missing: int) -> str:
    settled = settle_missing(uow, order, order.line(task.line_id), missing)
    if settled.waits:
        lines = [{"line_id": task.line_id, "item_id": task.item_id, "quantity": missing}]
        uow.emit(OrderBackordered(**order.about, units=missing, lines=lines, cause="the location held too few"))
    return settled.words
