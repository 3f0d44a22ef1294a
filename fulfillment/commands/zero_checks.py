"""The question at an emptied bin: asked of who took the last unit, answered from the handheld, never in the way."""

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.models import FloorSetting, PickTask
from fulfillment.queries.zero_checks import asks_zero_checks, bin_of
from fulfillment.repository import OPEN_TASK_STATES, lock_task
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden, Invalid


def ask_if_empty(uow: UnitOfWork, task: PickTask) -> None:
    """Have the picker asked when a pick that is done left nothing of its item and lot in the bin by the book."""
    if task.state != "PICKED":
        return
    units = inventory.units_in_bins(uow, site_id=task.site_id, bins=[bin_of(task)])[bin_of(task)]
    if units == 0 and asks_zero_checks(uow, task.site_id):
        task.zero_check = "asked"


def answer_zero_check(uow: UnitOfWork, *, task_id: str, units_seen: int) -> tuple[str, ...]:
    """Take a picker's word on the bin of a pick, 0 when it is empty; return the counts that follow from it.

    What was seen is a fact: it is taken although the question was answered, or never asked because units came in
    between. An answer that says the same again changes nothing, and units that were seen stand against a later "empty".

    Emits:
        BinCounted or CountWanted, as `report_zero_check`.

    Raises:
        NotFound: the actor sees no such task.
        Forbidden: the bin is at another site than the actor.
        Invalid: there are fewer than 0 units, or the task brings units back.
    """
    task = _asked_task(uow, task_id)
    if units_seen < 0:
        raise Invalid("There are 0 units or more in a bin.", pointer="/quantity")
    answer = "not_empty" if units_seen else "empty"
    if task.zero_check in (answer, "not_empty"):
        return ()
    task.zero_check, task.units_seen = answer, units_seen
    uow.audit("pick.zero_check", subject=task.id, tenant_id=task.tenant_id, units_seen=units_seen)
    return inventory.report_zero_check(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, item_id=task.item_id, location_code=task.location_code,
        is_empty=not units_seen, lot=task.lot or None,
    )  # fmt: skip


def postpone_zero_check(uow: UnitOfWork, *, task_id: str) -> str:
    """Ask again at the end of the walk, and no more when it is over; return what became of the question.

    Raises:
        NotFound, Forbidden, Invalid: as `answer_zero_check`.
    """
    task = _asked_task(uow, task_id)
    if task.zero_check in ("asked", "later"):
        task.zero_check = "later" if _walks_on(uow, task) else "unanswered"
    return task.zero_check


def set_zero_checks(uow: UnitOfWork, *, site_id: str, on: bool) -> None:
    """Say whether a site asks its pickers about the bins that they empty; without, open questions rest."""
    chosen = {"zero_checks": on, "changed_at": uow.now, "changed_by": uow.actor.id}
    statement = insert(FloorSetting).values(site_id=site_id, **chosen)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=chosen))
    uow.audit("floor.zero_checks", subject=site_id, on=on)


def _asked_task(uow: UnitOfWork, task_id: str) -> PickTask:
    task, _, _ = lock_task(uow, task_id)
    if task.kind != "pick":
        raise Invalid("This task brings units back.", pointer="/task_id")
    if uow.actor.site and uow.actor.site != task.site_id:
        raise Forbidden("This bin is at another site.", remedy="Ask who works there.")
    return task


def _walks_on(uow: UnitOfWork, task: PickTask) -> bool:
    waiting = exists().where(PickTask.batch_id == task.batch_id, PickTask.state.in_(OPEN_TASK_STATES))
    return task.batch_id is not None and bool(uow.session.scalar(select(waiting)))
