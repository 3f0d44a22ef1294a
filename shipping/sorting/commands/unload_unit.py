from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.commands.stage_parcel import ContainerSealed, ParcelStopped, locked_parcel
from shipping.domain.sort_lanes import STOPS, plain_code
from shipping.models.sorting import ParcelStageRow, SortContainerRow, SortLaneRow
from shipping.sorting.commands.fill_container import lock_container
from shipping.sorting.commands.load_unit import LoadedUnit
from shipping.states import CONTAINER

_UNLOAD_ALL = text(
    "update parcel_stage set loaded_at = null, loaded_by = '' where container_id = :container"
    " and loaded_at is not null returning parcel_id"
)
_GONE = text(
    "select 1 from parcel_stage s join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
    " where s.container_id = :container and p.state = 'handed_over' limit 1"
)


def unload_unit(uow: UnitOfWork, *, site_id: str, unit: str) -> LoadedUnit:
    """Take a parcel, or a container with all in it, off the truck again, back to its lane: until the driver has it.
    What is not on the truck stays as it is.

    Raises:
        NotFound: there is no such parcel or container at this site, or the parcel stands on no lane.
        ContainerSealed: the parcel is in a container, which is unloaded as one.
        ParcelStopped: it was handed over already.
    """
    statement = select(SortContainerRow.id).where(
        SortContainerRow.site_id == site_id, SortContainerRow.sscc == plain_code(unit)
    )
    container_id = uow.session.scalar(statement)
    return _unload_container(uow, container_id) if container_id else _unload_parcel(uow, site_id, unit)


def _unload_container(uow: UnitOfWork, container_id: str) -> LoadedUnit:
    row = lock_container(uow, container_id)
    lane = uow.session.get_one(SortLaneRow, row.lane_id).code
    if row.state != "loaded":
        return LoadedUnit(row.sscc, lane, 0)
    keys = {"container": container_id}
    if uow.session.scalar(_GONE, keys):
        raise _gone(row.sscc)
    row.state, row.loaded_at = CONTAINER.after(row.state, "unload"), None
    uow.session.flush()
    parcels = len(uow.session.execute(_UNLOAD_ALL, keys).all())
    uow.audit("container.unloaded", subject=row.id, sscc=row.sscc, parcels=parcels)
    return LoadedUnit(row.sscc, lane, parcels)


def _unload_parcel(uow: UnitOfWork, site_id: str, scanned: str) -> LoadedUnit:
    parcel = locked_parcel(uow, site_id, scanned)
    if parcel.state == "handed_over":
        raise _gone(parcel.sscc)
    stage = uow.session.get(ParcelStageRow, (parcel.tenant_id, parcel.id), populate_existing=True)
    if stage is None:
        raise NotFound("This parcel stands on no lane.", remedy="Scan it onto its lane first.")
    if stage.container_id:
        raise ContainerSealed("This parcel is in a container.", remedy="Scan the container, not the parcel.")
    lane = uow.session.get_one(SortLaneRow, stage.lane_id).code
    if stage.loaded_at is None:
        return LoadedUnit(parcel.sscc, lane, 0)
    stage.loaded_at, stage.loaded_by = None, ""
    uow.session.flush()
    uow.audit("parcel.unloaded", subject=parcel.id, tenant_id=parcel.tenant_id, lane=lane)
    return LoadedUnit(parcel.sscc, lane, 1)


def _gone(sscc: str) -> ParcelStopped:
    reason, detail, remedy = STOPS["handed_over"]
    return ParcelStopped(f"\N{HORIZONTAL ELLIPSIS}{sscc[-6:]}: {detail}", remedy=remedy, reason=reason)
