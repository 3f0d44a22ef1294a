from sqlalchemy import func, select

from fulfillment.commands.task_work import TaskResult, open_task, task_result
from fulfillment.models import PickTask
from kernel.db.transactions import UnitOfWork


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
