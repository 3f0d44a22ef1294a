from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, or_, select

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound, Refusal
from shipping.domain.sort_lanes import STOPPED_BY_WEIGHT, STOPS, plain_code
from shipping.events.dock import ParcelStaged
from shipping.lanes import LanePlan, lane_plan
from shipping.models.parcels import ParcelRow
from shipping.models.sorting import ParcelStageRow, SortContainerRow, SortLaneRow
from shipping.repository import about, items_of, lock_parcel

_STAYS: Final = ("labelled", "voided")


class ParcelStopped(Refusal):
    """A parcel may not stand on any lane now; `reason` says why, the remedy where to take it."""

    code = "parcel_stopped"
    title = "Stop: this parcel does not go"


class WrongLane(Refusal):
    """The parcel belongs on another lane; `lane` names it."""

    code = "wrong_lane"
    title = "Wrong lane"


class ContainerSealed(Refusal):
    """The container takes nothing more in, and gives nothing out."""

    code = "container_sealed"
    title = "This container is closed"


@dataclass(frozen=True, slots=True)
class StagedParcel:
    """Where a parcel stands; `container` is its SSCC, empty for a loose one. `was_there`: the scan changed nothing."""

    tenant_id: str
    parcel_id: str
    sscc: str
    lane: str
    container: str
    was_there: bool


def stage_parcel(uow: UnitOfWork, *, site_id: str, parcel: str, target: str) -> StagedParcel:
    """Put a parcel on a lane, or into an open container on one; both are named as they are scanned: an SSCC in any form
    or a tracking number, and a lane's code or a container's SSCC. Scanned again, nothing changes.

    Raises:
        NotFound: there is no such parcel, lane or container at this site.
        ParcelStopped: it is held, given up, without a label, another site's, or no lane takes it.
        WrongLane: it belongs on another lane.
        ContainerSealed: the container is closed, or the parcel is in a closed one.

    Emits:
        shipping.parcel_staged.v1
    """
    row = locked_parcel(uow, site_id, parcel)
    plan = lane_plan(uow, site_id)
    right = _right_lane(plan, row)
    _lock_containers(uow, site_id, _stage_of(uow, row), target)
    lane_id, container = _target(uow, site_id, plan, target)
    if lane_id != right:
        meant = plan.codes[right]
        detail = f"Parcel {_short(row)} does not go on {plan.codes.get(lane_id, 'that lane')}."
        raise WrongLane(detail, remedy=f"Put it on {meant}.", lane=meant)
    if container and container.state != "open":
        raise ContainerSealed("It takes nothing more in.", remedy="Take another container, or reopen this one.")
    return _put(uow, row, lane_id, plan.codes[lane_id], container)


def unstage_parcel(uow: UnitOfWork, *, site_id: str, parcel: str) -> StagedParcel:
    """Take a parcel off its lane and out of its container, whatever became of it. Scanned again, nothing changes.

    Raises:
        NotFound: there is no such parcel at this site, or it stands on no lane.
        ContainerSealed: it is in a closed container, or in a loaded one and on a manifest. What was given up, or is on
            none, comes out of a loaded one too: it did not go with the others.
    """
    row = locked_parcel(uow, site_id, parcel)
    stage = _stage_of(uow, row)
    if stage is None:
        raise NotFound(f"Parcel {_short(row)} stands on no lane.", remedy="Scan it onto one.")
    sscc = _leave_container(uow, row, stage)
    lane = uow.session.get_one(SortLaneRow, stage.lane_id)
    gone = delete(ParcelStageRow).where(ParcelStageRow.tenant_id == row.tenant_id, ParcelStageRow.parcel_id == row.id)
    uow.session.execute(gone)
    uow.audit("parcel.unstaged", subject=row.id, tenant_id=row.tenant_id, lane=lane.code, container=sscc)
    return StagedParcel(row.tenant_id, row.id, row.sscc, lane.code, sscc, was_there=False)


def right_lane(uow: UnitOfWork, *, site_id: str, parcel: str) -> str:
    """Return the code of the lane that a scanned parcel belongs on.

    Raises:
        NotFound: there is no such parcel at this site.
        ParcelStopped: it is held, given up, without a label, another site's, or no lane takes it.
    """
    plan = lane_plan(uow, site_id)
    return plan.codes[_right_lane(plan, locked_parcel(uow, site_id, parcel))]


def locked_parcel(uow: UnitOfWork, site_id: str, scanned: str) -> ParcelRow:
    """Load and lock the parcel of a scan: the newest with this number, one of this site before another's.

    Raises:
        NotFound: there is no such parcel for this caller.
        ParcelStopped: it is another site's.
    """
    code = plain_code(scanned)
    statement = select(ParcelRow.tenant_id, ParcelRow.id, ParcelRow.site_id).where(
        or_(ParcelRow.sscc == code, ParcelRow.tracking_number == code), ParcelRow.kind == "outbound"
    )
    found = uow.session.execute(statement.order_by(ParcelRow.id.desc())).all() if code else []
    if not found:
        raise NotFound(f"No parcel has the number {scanned.strip()[:60]}.", remedy="Take it to the floor office.")
    key = next((each for each in found if each.site_id == site_id), found[0])
    row = lock_parcel(uow, key.tenant_id, key.id)
    if row.site_id != site_id:
        detail = f"Parcel {_short(row)} is another site's."
        raise ParcelStopped(detail, remedy="Take it to the floor office.", reason="other_site")
    return row


def _right_lane(plan: LanePlan, row: ParcelRow) -> str:
    raise_for(row)
    right = plan.lane_of(row.carrier, row.service, row.ship_to)
    if right is None:
        raise ParcelStopped(
            f"No lane takes {row.carrier} {row.service} to {row.ship_to['country']}.",
            remedy="Ask the lead to add it to a lane.", reason="no_lane",
        )  # fmt: skip
    return right


def raise_for(row: ParcelRow) -> None:
    """Refuse a parcel that may not stand on any lane.

    Raises:
        ParcelStopped: because of its state, or because a second weighing stopped it.
    """
    stop = STOPS.get(row.state) or (STOPPED_BY_WEIGHT if row.check_hold_id else None)
    if stop:
        reason, detail, remedy = stop
        raise ParcelStopped(f"Parcel {_short(row)}: {detail}", remedy=remedy, reason=reason)


def _lock_containers(uow: UnitOfWork, site_id: str, stage: ParcelStageRow | None, target: str) -> None:
    """Lock the container that a parcel leaves and the one it goes to, always in one order."""
    known = or_(SortContainerRow.sscc == plain_code(target), SortContainerRow.id == (stage and stage.container_id))
    statement = select(SortContainerRow.id).where(SortContainerRow.site_id == site_id, known)
    uow.session.execute(statement.order_by(SortContainerRow.id).with_for_update())


def _target(uow: UnitOfWork, site_id: str, plan: LanePlan, scanned: str) -> tuple[str, SortContainerRow | None]:
    code = plain_code(scanned)
    lane_id = next((lane for lane, known in plan.codes.items() if known == code), None)
    if lane_id:
        return lane_id, None
    statement = select(SortContainerRow).where(SortContainerRow.site_id == site_id, SortContainerRow.sscc == code)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"There is no lane or container {scanned.strip()[:60]}.", remedy="Scan the sign of the lane.")
    return row.lane_id, row


def _put(uow: UnitOfWork, row: ParcelRow, lane_id: str, lane: str, container: SortContainerRow | None) -> StagedParcel:
    stage, inside = _stage_of(uow, row), container.id if container else None
    told = StagedParcel(row.tenant_id, row.id, row.sscc, lane, container.sscc if container else "", was_there=True)
    if stage and (stage.lane_id, stage.container_id) == (lane_id, inside):
        return told
    if stage:
        _leave_container(uow, row, stage)
        stage.lane_id, stage.container_id, stage.loaded_at, stage.loaded_by = lane_id, inside, None, ""
        stage.staged_at, stage.staged_by = uow.now, uow.actor.id
    else:
        uow.session.add(
            ParcelStageRow(
                tenant_id=row.tenant_id, parcel_id=row.id, site_id=row.site_id, lane_id=lane_id, container_id=inside,
                staged_at=uow.now, staged_by=uow.actor.id, loaded_at=None, loaded_by="",
            )
        )  # fmt: skip
    uow.session.flush()
    contents = items_of(uow, [row])[row.id]
    uow.emit(ParcelStaged(**about(row, contents), lane=lane, container=told.container))
    return StagedParcel(row.tenant_id, row.id, row.sscc, lane, told.container, was_there=False)


def _stage_of(uow: UnitOfWork, row: ParcelRow) -> ParcelStageRow | None:
    return uow.session.get(ParcelStageRow, (row.tenant_id, row.id), populate_existing=True)


def _leave_container(uow: UnitOfWork, row: ParcelRow, stage: ParcelStageRow) -> str:
    """Return the SSCC of the container that a parcel is taken out of, empty for a loose one."""
    if stage.container_id is None:
        return ""
    statement = select(SortContainerRow).where(SortContainerRow.id == stage.container_id)
    box = uow.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one()
    if box.state == "loaded" and row.state not in _STAYS:
        detail = f"The parcel is in container {box.sscc[-6:]}, which is on the truck."
        raise ContainerSealed(detail, remedy="Pull the parcel off its manifest, then take it out.")
    if box.state == "closed":
        detail = f"The parcel is in container {box.sscc[-6:]}, which is closed."
        raise ContainerSealed(detail, remedy="Reopen the container, then take the parcel out.")
    return box.sscc


def _short(row: ParcelRow) -> str:
    return f"\N{HORIZONTAL ELLIPSIS}{row.sscc[-6:]}"
