from dataclasses import dataclass

from fulfillment.commands.claim_batch import require_lease
from fulfillment.events.floor import LinePicked, OrderPicked
from fulfillment.models import PickTask
from fulfillment.repository import OPEN_TASK_STATES, OrderInHand, lock_task, open_slots
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal


class TaskClosed(Refusal):
    """The task is done, or was taken off the walk."""

    code = "task_closed"
    title = "There is nothing left to do here"


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
    asks_if_empty: bool = False


def open_task(uow: UnitOfWork, task_id: str, *, kind: str) -> tuple[PickTask, OrderInHand]:
    """Lock a task's order, read the task under that lock, and check the picker's lease; its batch is in progress.

    Raises:
        TaskClosed, BatchTaken, NotFound: as `confirm_pick`.
        Invalid: the task is of another kind.
    """
    task, batch, order = lock_task(uow, task_id)
    if task.kind != kind:
        raise Invalid(f"This is a {task.kind.replace('_', ' ')} task.", pointer="/task_id")
    if task.state not in OPEN_TASK_STATES:
        cancelled = task.state == "CANCELLED"
        raise TaskClosed(
            "The order was cancelled meanwhile." if cancelled else "This was done before.",
            remedy=f"Put the units back at {task.location_code}." if cancelled else "Go on with the next task.",
            state=task.state,
        )
    if batch:
        require_lease(uow, batch)
        if batch.state == "ASSIGNED":
            batch.state = "IN_PROGRESS"
    return task, order


def take_units(uow: UnitOfWork, task: PickTask, order: OrderInHand, quantity: int, tote: str) -> None:
    """Move units from the task's location into a tote, in the books of the order and of the stock. Emits LinePicked."""
    inventory.pick_stock(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, order_id=task.order_id, line_id=task.line_id,
        item_id=task.item_id, location_code=task.location_code, quantity=quantity, tote=tote,
        lot=task.lot or None,
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


def finish_task(uow: UnitOfWork, task: PickTask, state: str) -> None:
    """Bring a task to a state, and begin it anew if it stays open."""
    task.version += 1
    task.step = ""
    if state != task.state:
        task.state, task.finished_at, task.finished_by = state, uow.now, uow.actor.id


def settle_picking(uow: UnitOfWork, order: OrderInHand) -> None:
    """Settle the order after its task. Emits OrderPicked when nothing of it is left to pick."""
    order.settle(uow.now)
    units = order.units
    if units.picked and not units.allocated:
        uow.emit(OrderPicked(**order.about, units=units.picked))


def free_empty_totes(uow: UnitOfWork, order: OrderInHand) -> None:
    """Give back the totes of an order of which nothing was picked and nothing is left to pick."""
    if order.units.picked or order.units.allocated:
        return
    for slot in open_slots(uow, tenant_id=order.row.tenant_id, order_id=order.row.id):
        slot.is_open = False


def task_result(task: PickTask, detail: str = "") -> TaskResult:
    """Return what became of a task."""
    return TaskResult(
        task.id, task.order_id, task.batch_id, task.state, task.version, task.quantity, task.done, detail,
        task.zero_check == "asked",
    )  # fmt: skip
