"""Somebody asks where items would better lie; a worker works it out, because it takes longer than a page may."""

from sqlalchemy import select

from fulfillment.models import FloorPlan, FloorPlanVersion
from fulfillment.slotting.models import SlottingPlan
from kernel import runs
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound, Refusal
from kernel.ids import new_id

_IN_FORCE = (FloorPlan.site_id == FloorPlanVersion.site_id) & (FloorPlan.version == FloorPlanVersion.version)
NOT_MEASURED = "The floor has one-way aisles or ways that are no straight aisles: moves are not measured on such."


class SlottingUnderWay(Refusal):
    """A plan of the site is being worked out already."""

    code = "slotting_under_way"
    title = "A plan is being worked out"


class NoFloorPlan(Refusal):
    """Nobody has drawn the site's floor: ways on it cannot be measured."""

    code = "no_floor_plan"
    title = "There is no floor plan"


class UnknownPlan(NotFound):
    """There is no such slotting plan for this actor."""

    code = "slotting_plan_unknown"


def ask_slotting(
    uow: UnitOfWork, *, site_id: str, days: int = 28, most_changes: int = 40, payback_days: int = 30
) -> str:
    """Have a slotting plan worked out from the walks of the last `days` days, and return its id.

    Raises:
        NoFloorPlan: the site's ways cannot be measured.
        SlottingUnderWay: one is being worked out already.
    """
    if uow.session.get(FloorPlan, site_id) is None:
        raise NoFloorPlan("Nobody has drawn this site's floor.", remedy="Load its floor plan first.")
    kind = select(FloorPlanVersion.kind).join(FloorPlan, _IN_FORCE).where(FloorPlan.site_id == site_id)
    if uow.session.scalar(kind) != "grid":
        raise NoFloorPlan(NOT_MEASURED, remedy="Ask again when it has straight aisles only.")
    stored = runs.ask(
        uow, SlottingPlan, id=new_id("slo"), site_id=site_id, days=days, most_changes=most_changes,
        payback_days=payback_days,
    )  # fmt: skip
    if stored is None:
        found = runs.under_way(uow, SlottingPlan, site_id=site_id)
        raise SlottingUnderWay("A plan is being worked out.", remedy="Wait for it.", plan_id=found)
    uow.audit("slotting.asked", subject=stored, site_id=site_id, days=days)
    return stored
