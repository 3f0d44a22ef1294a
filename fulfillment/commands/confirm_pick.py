from fulfillment.commands.scans import require_item, require_location, require_tote
from fulfillment.commands.task_work import TaskResult, finish_task, open_task, settle_picking, take_units, task_result
from fulfillment.commands.zero_checks import ask_if_empty
from fulfillment.repository import open_slots
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


def confirm_pick(
    uow: UnitOfWork, *, task_id: str, location_code: str, barcode: str, quantity: int, tote: str = ""
) -> TaskResult:
    """Take units from the task's location into the order's tote. Fewer than the task asks for leave it open. Who
    empties a bin by the book is asked whether it is empty.

    Emits LinePicked, and OrderPicked when nothing of the order is left to pick.

    Raises:
        WrongScan: the location, item or tote is not the one needed; nothing changed.
        TaskClosed: done before, or cancelled meanwhile: put the units back.
        BatchTaken: another picker took the batch over.
    """
    task, order = open_task(uow, task_id, kind="pick")
    line = order.line(task.line_id)
    require_location(location_code, task.location_code)
    require_item(uow, line, barcode, task.lot)
    slots = open_slots(uow, tenant_id=task.tenant_id, order_id=task.order_id)
    into = require_tote(uow, [s for s in slots if s.batch_id == task.batch_id], tote, site_id=task.site_id)
    if not 1 <= quantity <= task.quantity - task.done:
        raise Invalid(f"Between 1 and {task.quantity - task.done} units are needed here.", pointer="/quantity")
    take_units(uow, task, order, quantity, into)
    finish_task(uow, task, "PICKED" if task.done == task.quantity else task.state)
    settle_picking(uow, order)
    ask_if_empty(uow, task)
    return task_result(task)
