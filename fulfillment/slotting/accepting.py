"""A lead accepts a plan, or a part of it: what is accepted becomes moves and rules of pick faces."""

from collections.abc import Collection

from sqlalchemy import select

from fulfillment.slotting.asking import UnknownPlan
from fulfillment.slotting.models import SlottingChange, SlottingPlan
from fulfillment.slotting.reading import relocations_of
from fulfillment.slotting.views import Acceptance, RefusedChange
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal


class SlottingStale(Refusal):
    """Nothing of what was accepted can be done any more."""

    code = "slotting_stale"
    title = "The plan is stale"


def accept_slotting(
    uow: UnitOfWork, *, plan_id: str, site_id: str = "", numbers: Collection[int] | None = None
) -> Acceptance:
    """Have changes of a plan carried out: those named, or all. A change whose stock moved meanwhile is left out and
    said so; the others are done.

    Emits:
        MoveWanted for each lot.

    Raises:
        UnknownPlan, Invalid: there is no such plan that is ready, or no such change.
        SlottingStale: none of them can be done.
    """
    plan = uow.session.get(SlottingPlan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None or plan.state != "ready" or (site_id and plan.site_id != site_id):
        raise UnknownPlan("There is no such plan that is ready.", remedy="Look at the list of plans.")
    waiting = _waiting(uow, plan_id, numbers)
    wanted = relocations_of(uow, plan_id)
    accepted: list[int] = []
    refused: list[RefusedChange] = []
    moves: list[str] = []
    for change in waiting:
        try:
            moves += inventory.relocate(uow, site_id=plan.site_id, relocations=wanted[change.number])
        except inventory.StaleRelocation as stale:
            refused.append(RefusedChange(change.number, stale.detail))
            continue
        change.accepted_at, change.accepted_by = uow.now, uow.actor.id
        accepted.append(change.number)
    if not accepted:
        raise SlottingStale(
            refused[0].why, remedy="Have a new plan worked out.",
            refused=[{"number": each.number, "why": each.why} for each in refused],
        )  # fmt: skip
    uow.audit("slotting.accepted", subject=plan_id, changes=accepted, moves=len(moves))
    uow.session.flush()
    return Acceptance(tuple(accepted), tuple(moves), tuple(refused))


def _waiting(uow: UnitOfWork, plan_id: str, numbers: Collection[int] | None) -> list[SlottingChange]:
    found = select(SlottingChange).where(SlottingChange.plan_id == plan_id).order_by(SlottingChange.number)
    changes = list(uow.session.scalars(found, execution_options={"populate_existing": True}))
    unknown = sorted(set(numbers or ()) - {change.number for change in changes})
    if unknown:
        raise Invalid(f"The plan has no change {unknown[0]}.", remedy="Look at the plan again.", pointer="/changes")
    waiting = [c for c in changes if c.accepted_at is None and (numbers is None or c.number in numbers)]
    if not waiting:
        raise Invalid("There is nothing left to accept.", remedy="Look at the plan again.", pointer="/changes")
    return waiting
