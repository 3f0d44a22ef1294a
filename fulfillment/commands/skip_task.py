from sqlalchemy import func, select

from fulfillment.commands.task_work import TaskResult, open_task, task_result
from fulfillment.models import PickTask
from fulfillment.walks import resequence_walk
from kernel.db.transactions import UnitOfWork


def skip_task(uow: UnitOfWork, *, task_id: str, reason: str = "") -> TaskResult:
    """Put a task at the end of the walk. It stays mandatory; the others are put into a new shortest order from here.

    Raises:
        TaskClosed, BatchTaken: as `confirm_pick`.
    """
    task, _ = open_task(uow, task_id, kind="pick")
    here = task.location_code if task.step else ""
    last = select(func.max(PickTask.seq)).where(PickTask.batch_id == task.batch_id)
    task.seq = (uow.session.execute(last).scalar_one() or 0) + 1
    task.state, task.reason, task.step = "SKIPPED", reason, ""
    task.version += 1
    if task.batch_id:
        resequence_walk(uow, task.batch_id, here=here)
    return task_result(task)
