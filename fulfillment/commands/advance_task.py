from fulfillment.commands.confirm_pick import confirm_pick
from fulfillment.commands.scans import require_item, require_location
from fulfillment.commands.task_work import TaskResult, open_task, task_result
from fulfillment.models import PickTask
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal

STEPS = ("loc", "item", "tote")


class StepMissing(Refusal):
    """A step came before the one that has to precede it."""

    code = "step_missing"
    title = "One scan is missing"


def advance_task(uow: UnitOfWork, *, task_id: str, step: str, code: str, quantity: int = 0) -> TaskResult:
    """Take one scan of a pick task: location, then item with the whole quantity, then tote, which completes the pick.

    Raises:
        WrongScan: the code is not the one needed; the step stays open.
        StepMissing: the tote was scanned before the item.
        TaskClosed, BatchTaken, Invalid: as `confirm_pick`.
    """
    if step not in STEPS:
        raise Invalid(f"A pick has the steps {', '.join(STEPS)}.", pointer="/step")
    task, order = open_task(uow, task_id, kind="pick")
    line = order.line(task.line_id)
    if step == "loc":
        require_location(code, task.location_code)
        task.step = "item"
    elif step == "item":
        require_item(uow, line, code, task.lot)
        if not 1 <= quantity <= task.quantity - task.done:
            raise Invalid(f"Between 1 and {task.quantity - task.done} units are needed.", pointer="/quantity")
        task.step = f"tote:{quantity}"
    else:
        return _complete(uow, task, line.sku, code)
    task.version += 1
    return task_result(task)


def _complete(uow: UnitOfWork, task: PickTask, sku: str, tote: str) -> TaskResult:
    reached, _, quantity = task.step.partition(":")
    if reached != "tote":
        raise StepMissing("The item was not scanned yet.", remedy="Scan the item, then the tote.")
    return confirm_pick(
        uow, task_id=task.id, location_code=task.location_code, barcode=sku, quantity=int(quantity), tote=tote
    )
