"""What each person did in this shift, and what the walks that wait ask for."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.strain import BEND_UP_TO_LEVEL, Strain, StrainLimits
from fulfillment.models import LaborSetting, PickBatch, PickTask
from fulfillment.queries.floor import shelf_levels
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

SHIFT = timedelta(hours=12)
"""Looked back on as one shift: long enough for any, and short enough that yesterday's is over."""

_MOST = {"weight_g": 50_000_000, "bends": 100_000, "reach_level": 99, "reaches": 100_000, "walked_m": 1_000_000}
_DONE = text(
    """
    select picker, sum(weight_g)::bigint, sum(bends)::bigint, sum(reaches)::bigint, sum(length_mm)::bigint,
           sum(lines)::bigint
    from (
      select picker, weight_g, bends, reaches, length_mm, lines from pick_batch
      where site_id = :site and claimed_at > :since and picker <> '' and zones = '[]'
      union all
      select picker, weight_g, bends, reaches, walked_mm, lines from batch_leg
      where site_id = :site and claimed_at > :since) w
    group by picker order by picker
    """
)


def strain_of_people(uow: UnitOfWork, *, site_id: str) -> dict[str, Strain]:
    """Return what the walks of this shift asked of each person, by who it is. A walk handed over counts for the last
    who had it, but of one that is passed from zone to zone each leg for itself.
    """
    rows = uow.session.execute(_DONE, {"site": site_id, "since": uow.now - SHIFT})
    return {person: Strain(*figures) for person, *figures in rows}


def strain_of_walks(uow: UnitOfWork, *, site_id: str, batches: Collection[PickBatch]) -> dict[str, Strain]:
    """Return what is to be done on each of these walks, by its id."""
    ids = [batch.id for batch in batches]
    picks = select(PickTask).where(PickTask.batch_id.in_(ids), PickTask.kind == "pick", PickTask.state != "CANCELLED")
    tasks = uow.session.scalars(picks).all()
    items, levels = inventory.items_by_id(uow, {task.item_id for task in tasks}), shelf_levels(uow, site_id)
    reach_level = strain_limits(uow, site_id).reach_level
    found = {batch.id: Strain(walked_mm=batch.length_mm) for batch in batches}
    for task in tasks:
        level = levels.get(task.location_code, 0)
        found[task.batch_id or ""] += Strain(
            items[task.item_id].weight_g * task.quantity, int(0 < level <= BEND_UP_TO_LEVEL), int(level >= reach_level),
            lines=1,
        )  # fmt: skip
    return found


def strain_limits(uow: UnitOfWork, site_id: str) -> StrainLimits:
    """Return what a site asks of a person at most; nothing is limited while nobody said so."""
    row = uow.session.get(LaborSetting, site_id)
    return StrainLimits(row.weight_g, row.bends, row.reach_level, row.reaches, row.walked_m) if row else StrainLimits()


def set_strain_limits(uow: UnitOfWork, *, site_id: str, limits: StrainLimits) -> None:
    """Say what a site asks of a person in one shift at most.

    Raises:
        Invalid: a limit below 1 or beyond reason.
    """
    for name, most in _MOST.items():
        value = getattr(limits, name)
        if value is not None and not 1 <= value <= most:
            raise Invalid(f"Give 1 to {most}.", pointer=f"/{name}")
    values = asdict(limits) | {"changed_at": uow.now, "changed_by": uow.actor.id}
    statement = insert(LaborSetting).values(site_id=site_id, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=values))
    uow.session.expire_all()
    uow.audit("floor.strain_limits", subject=site_id, **asdict(limits))
