from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.legs import next_zone
from fulfillment.domain.strain import BEND_UP_TO_LEVEL
from fulfillment.models import BatchLeg, PickBatch, PickTask
from fulfillment.queries.floor import shelf_levels, zoned_floor
from fulfillment.queries.legs import waiting_zones
from fulfillment.repository import OPEN_TASK_STATES
from fulfillment.strain import strain_limits
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork


def begin_leg(uow: UnitOfWork, batch: PickBatch) -> None:
    """Note that the acting picker walks the leg that a batch is on: the next one, if nothing is left of that.

    A walk that is not passed from zone to zone has no legs.
    """
    if not batch.zones:
        return
    waiting = waiting_zones(uow, batch)
    if waiting and batch.zones[batch.leg] not in waiting:
        following = next_zone(batch.zones, batch.leg, waiting)
        assert following, "something waits"
        batch.zones, batch.leg = list(following[0]), following[1]
    values = {
        "picker": uow.actor.id, "claimed_at": uow.now, "handed_over_at": None, "zone": batch.zones[batch.leg],
    } | _asked(uow, batch)  # fmt: skip
    statement = insert(BatchLeg).values(batch_id=batch.id, number=batch.leg, site_id=batch.site_id, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["batch_id", "number"], set_=values))


def _asked(uow: UnitOfWork, batch: PickBatch) -> dict[str, int]:
    """Return what is open of the leg, in the measures of a shift; its part of the walk goes by its picks."""
    floor, levels = zoned_floor(uow, batch.site_id), shelf_levels(uow, batch.site_id)
    picks = select(PickTask).where(
        PickTask.batch_id == batch.id, PickTask.kind == "pick", PickTask.state != "CANCELLED"
    )
    tasks = uow.session.scalars(picks).all()
    zone_of = floor.zone_of if floor else {}
    ours = [
        task for task in tasks
        if task.state in OPEN_TASK_STATES and zone_of.get(task.location_code, "") == batch.zones[batch.leg]
    ]  # fmt: skip
    items = inventory.items_by_id(uow, {task.item_id for task in ours}) if ours else {}
    reach = strain_limits(uow, batch.site_id).reach_level
    heights = [levels.get(task.location_code, 0) for task in ours]
    return {
        "weight_g": sum(items[task.item_id].weight_g * (task.quantity - task.done) for task in ours),
        "bends": sum(0 < level <= BEND_UP_TO_LEVEL for level in heights),
        "reaches": sum(level >= reach for level in heights), "lines": len(ours),
        "walked_mm": batch.length_mm * len(ours) // max(1, len(tasks)),
    }  # fmt: skip
