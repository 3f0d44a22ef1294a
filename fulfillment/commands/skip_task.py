from sqlalchemy import func, select

from fulfillment.commands.task_work import TaskResult, open_task, task_result
from fulfillment.models import PickTask
from fulfillment.walks import resequence_walk
from kernel.db.transactions import UnitOfWork


def skip_task(uow: UnitOfWork, *, task_id: str, reason: str = "", next_location: str = "") -> TaskResult:
    """Put a task at the end of the walk. It stays mandatory; the others are put into a new shortest order.

    The new order begins at `next_location`, which the device showed at once, without asking: its picker may have been
    walking there for as long as the network was away. Where none is named, it is the stop that came after this one.

    Raises:
        TaskClosed, BatchTaken: as `confirm_pick`.
    """
    task, _ = open_task(uow, task_id, kind="pick")
    last = select(func.max(PickTask.seq)).where(PickTask.batch_id == task.batch_id)
    task.seq = (uow.session.execute(last).scalar_one() or 0) + 1
    task.state, task.reason, task.step = "SKIPPED", reason, ""
    task.version += 1
    if task.batch_id:
        resequence_walk(uow, task.batch_id, here=_next_stop(uow, task.batch_id, next_location))
    return task_result(task)


def _next_stop(uow: UnitOfWork, batch_id: str, shown: str) -> str:
    """Return the location where the walk goes on, "" if only skipped tasks are left."""
    uow.session.flush()
    waiting = select(PickTask.location_code).where(
        PickTask.batch_id == batch_id, PickTask.kind == "pick", PickTask.state == "CLAIMED"
    )
    following = uow.session.scalars(waiting.order_by(PickTask.seq, PickTask.id)).all()
    return shown if shown in following else next(iter(following), "")
