from sqlalchemy import select

from fulfillment.commands.scans import WrongScan
from fulfillment.commands.task_work import (
    TaskResult,
    finish_task,
    free_empty_totes,
    open_task,
    settle_picking,
    take_units,
    task_result,
)
from fulfillment.events.floor import UnitsPutBack
from fulfillment.models import BatchOrder, PickTask
from fulfillment.repository import OPEN_TASK_STATES, lock_orders, open_tasks
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound


def reuse_units(uow: UnitOfWork, *, task_id: str, tote: str, quantity: int) -> TaskResult:
    """Move cancelled units from their tote into that of another order on the same walk that still needs them, instead
    of bringing them back and fetching others. Return what became of the other order's pick.

    In the books they go back to the bin of that pick and are picked from it: there as many more stay. Emits
    UnitsPutBack, LinePicked and, when nothing of the other order is left to pick, OrderPicked.

    Raises:
        NotFound: there is no such task.
        WrongScan: the tote is not one of an order that needs the units; nothing changed.
        TaskClosed, BatchTaken, Invalid: as `confirm_put_back` and `confirm_pick`.
    """
    back = uow.session.scalar(select(PickTask).where(PickTask.id == task_id, PickTask.kind == "put_back"))
    if back is None:
        raise NotFound("There is no such task.", remedy="Fetch the work again.")
    wanted = _pick_for(uow, back, tote.strip())
    lock_orders(uow, sorted({(back.tenant_id, back.order_id), (wanted.tenant_id, wanted.order_id)}))
    back, from_order = open_task(uow, back.id, kind="put_back")
    pick, to_order = open_task(uow, wanted.id, kind="pick")
    most = min(back.quantity - back.done, pick.quantity - pick.done)
    if not 1 <= quantity <= most:
        raise Invalid(f"Between 1 and {most} units can go there.", pointer="/quantity")
    inventory.put_back_stock(
        uow, tenant_id=back.tenant_id, site_id=back.site_id, order_id=back.order_id, line_id=back.line_id,
        item_id=back.item_id, location_code=pick.location_code, quantity=quantity, reason="reused",
        lot=pick.lot or None,
    )  # fmt: skip
    back.done += quantity
    finish_task(uow, back, "PICKED" if back.done == back.quantity else back.state)
    uow.emit(
        UnitsPutBack(
            **from_order.about, line_id=back.line_id, item_id=back.item_id, quantity=quantity,
            location_code=pick.location_code,
        )
    )  # fmt: skip
    take_units(uow, pick, to_order, quantity, tote.strip())
    finish_task(uow, pick, "PICKED" if pick.done == pick.quantity else pick.state)
    uow.session.flush()
    settle_picking(uow, to_order)
    if not open_tasks(uow, tenant_id=back.tenant_id, order_id=back.order_id):
        free_empty_totes(uow, from_order)
    return task_result(pick, f"{quantity} moved from tote {back.tote or 'of the cancelled order'}.")


def _pick_for(uow: UnitOfWork, back: PickTask, tote: str) -> PickTask:
    """Return the open pick of the same item and lot whose order's goods go into a tote, on a walk of both orders."""
    both = select(BatchOrder.batch_id).where(
        BatchOrder.tenant_id == back.tenant_id, BatchOrder.order_id == back.order_id
    )
    slot = (BatchOrder.batch_id == PickTask.batch_id) & (BatchOrder.slot == PickTask.slot)
    statement = (
        select(PickTask)
        .join(BatchOrder, slot & (BatchOrder.tenant_id == PickTask.tenant_id))
        .where(PickTask.tenant_id == back.tenant_id, PickTask.item_id == back.item_id, PickTask.lot == back.lot)
        .where(PickTask.kind == "pick", PickTask.state.in_(OPEN_TASK_STATES), PickTask.order_id != back.order_id)
        .where(PickTask.batch_id.in_(both), BatchOrder.tote == tote, BatchOrder.is_open)
    )
    found = uow.session.scalars(statement.order_by(PickTask.seq, PickTask.id)).first()
    if found is None:
        needed = "a tote of an order that needs it"
        raise WrongScan("tote", scanned=tote or "nothing", needed=needed, remedy="Bring it back to its bin instead.")
    return found
