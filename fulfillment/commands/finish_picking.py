from sqlalchemy import func, select

from fulfillment.commands.claim_batch import require_lease
from fulfillment.models import PickTask
from fulfillment.repository import OPEN_TASK_STATES, lock_batch, slots_of
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


class TasksOpen(Refusal):
    """A batch cannot be finished while tasks are open: skipped ones stay mandatory."""

    code = "tasks_open"
    title = "The walk is not finished"


def finish_picking(uow: UnitOfWork, *, batch_id: str) -> None:
    """Close a walk whose tasks are all done; its totes go to the bench. Again, it changes nothing.

    Raises:
        TasksOpen: tasks are left, skipped ones included.
        BatchTaken: another picker has the batch.
    """
    batch = lock_batch(uow, batch_id=batch_id)
    if batch.state == "DONE":
        return
    require_lease(uow, batch)
    left = select(func.count()).where(PickTask.batch_id == batch_id, PickTask.state.in_(OPEN_TASK_STATES))
    count = uow.session.execute(left).scalar_one()
    if count:
        raise TasksOpen(f"{count} task(s) are left, skipped ones included.", remedy="Pick them or report them short.")
    batch.state, batch.finished_at, batch.lease_until = "DONE", uow.now, None
    batch.version += 1
    for slot in slots_of(uow, batch_id=batch_id):
        slot.is_open = slot.is_open and bool(slot.tote)
