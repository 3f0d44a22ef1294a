from fulfillment.commands.task_work import TaskResult, free_empty_totes, open_task, task_result
from fulfillment.events.floor import UnitsPutBack
from fulfillment.repository import open_tasks
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


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
        lot=task.lot or None,
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
        free_empty_totes(uow, order)
    return task_result(task)
