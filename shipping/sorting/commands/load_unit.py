from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound, Refusal
from shipping.commands.stage_parcel import ContainerSealed, locked_parcel, raise_for
from shipping.domain.sort_lanes import plain_code
from shipping.models.parcels import ManifestRow
from shipping.models.sorting import ParcelStageRow, SortContainerRow, SortLaneRow
from shipping.sorting.commands.fill_container import ContainerNotReady, lock_container, require_fit
from shipping.states import CONTAINER

_LOAD_ALL = text(
    "update parcel_stage set loaded_at = :now, loaded_by = :actor where container_id = :container"
    " and loaded_at is null returning parcel_id"
)

_INSIDE = text(
    "select p.sscc, p.manifest_id, p.ship_date from parcel_stage s"
    " join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id where s.container_id = :container"
    " order by p.sscc"
)


@dataclass(frozen=True, slots=True)
class LoadedUnit:
    """What one scan put on the truck: its SSCC, the lane it stood on, and how many parcels it is; 0 when it was there
    already.
    """

    sscc: str
    lane: str
    parcels: int


class WrongTruck(Refusal):
    """The unit goes with another truck than the one that is loaded; `truck` is the id of its own, empty for none."""

    code = "wrong_truck"
    title = "Not on this truck"


def load_unit(uow: UnitOfWork, *, site_id: str, unit: str, truck: str = "") -> LoadedUnit:
    """Put a staged parcel, or a closed container with all in it, on the truck. Scanned again, nothing changes.

    `truck` is what is being loaded, a manifest's id or a carrier's code (see `shipping.trucks`): all else is stopped.
    A manifest that was closed after its carrier's truck was chosen is that truck's. Without it anything goes.

    Raises:
        WrongTruck: the unit goes with another truck.
        NotFound: there is no such parcel or container at this site, or the parcel stands on no lane.
        ContainerSealed: the parcel is in a container, which is loaded as one.
        ContainerNotReady: the container is still open, is empty, or holds a parcel that was given up, that weighs
            otherwise than its label says, or that does not leave with the others.
        ParcelStopped: the parcel was given up or held, or weighs otherwise than its label says.
    """
    statement = select(SortContainerRow.id).where(
        SortContainerRow.site_id == site_id, SortContainerRow.sscc == plain_code(unit)
    )
    container_id = uow.session.scalar(statement)
    if container_id:
        return _load_container(uow, container_id, truck)
    return _load_parcel(uow, site_id, unit, truck)


def _load_container(uow: UnitOfWork, container_id: str, truck: str) -> LoadedUnit:
    row = lock_container(uow, container_id)
    lane = uow.session.get_one(SortLaneRow, row.lane_id).code
    manifest = _manifest_of(uow.session.execute(_INSIDE, {"container": row.id}).all())
    _require_truck(uow, truck, carrier=row.carrier, manifest=manifest, lane=lane)
    if row.state == "loaded":
        return LoadedUnit(row.sscc, lane, 0)
    if row.state == "open":
        raise ContainerNotReady("It is still open.", remedy="Close it, then load it.")
    require_fit(uow, row)
    _require_together(uow, row)
    row.state, row.loaded_at = CONTAINER.after(row.state, "load"), uow.now
    uow.session.flush()
    keys = {"now": uow.now, "actor": uow.actor.id, "container": container_id}
    loaded = uow.session.execute(_LOAD_ALL, keys).all()
    uow.audit("container.loaded", subject=row.id, sscc=row.sscc, parcels=len(loaded))
    return LoadedUnit(row.sscc, lane, len(loaded))


def _require_truck(uow: UnitOfWork, truck: str, *, carrier: str, manifest: str, lane: str) -> None:
    if truck in ("", carrier, manifest):
        return
    chosen = uow.session.get(ManifestRow, truck)
    if chosen is None or chosen.carrier != carrier:
        detail, remedy = f"It goes with {carrier}.", f"Put it back on {lane}."
    elif manifest:
        detail, remedy = "It is on another manifest.", f"Put it back on {lane}."
    else:
        detail, remedy = "It is on no manifest yet.", f"Put it back on {lane} for the next one."
    raise WrongTruck(detail, remedy=remedy, truck=manifest or carrier)


def _require_together(uow: UnitOfWork, row: SortContainerRow) -> None:
    """Refuse a container in which a parcel is not on the manifest of the others; before there is one, in which a parcel
    is for a later day.

    Raises:
        ContainerNotReady: because of those; `parcels` are their license plates.
    """
    inside = uow.session.execute(_INSIDE, {"container": row.id}).all()
    if ours := _manifest_of(inside):
        strangers = [str(each.sscc) for each in inside if each.manifest_id != ours]
        detail = "is not on the manifest of the others"
    else:
        today = uow.now.astimezone(ZoneInfo(get_site(uow, row.site_id).time_zone)).date()
        day = max(today, min(each.ship_date for each in inside))
        strangers = [str(each.sscc) for each in inside if each.ship_date > day]
        detail = "is for a later day"
    if strangers:
        numbers = ", ".join(f"\N{HORIZONTAL ELLIPSIS}{sscc[-6:]}" for sscc in strangers)
        remedy = "Reopen the container, and take it out."
        raise ContainerNotReady(f"Parcel {numbers} {detail}.", remedy=remedy, parcels=strangers)


def _manifest_of(inside: Sequence[Any]) -> str:
    """Return the id of the manifest that most parcels of a container are on, empty when none is on any."""
    manifests = Counter(str(each.manifest_id) for each in inside if each.manifest_id)
    return max(sorted(manifests), key=lambda manifest: manifests[manifest], default="")


def _load_parcel(uow: UnitOfWork, site_id: str, scanned: str, truck: str) -> LoadedUnit:
    parcel = locked_parcel(uow, site_id, scanned)
    raise_for(parcel)
    stage = uow.session.get(ParcelStageRow, (parcel.tenant_id, parcel.id), populate_existing=True)
    if stage is None:
        raise NotFound("This parcel stands on no lane.", remedy="Scan it onto its lane first.")
    if stage.container_id:
        raise ContainerSealed("This parcel is in a container.", remedy="Scan the container, not the parcel.")
    lane = uow.session.get_one(SortLaneRow, stage.lane_id).code
    _require_truck(uow, truck, carrier=parcel.carrier or "", manifest=parcel.manifest_id or "", lane=lane)
    if stage.loaded_at:
        return LoadedUnit(parcel.sscc, lane, 0)
    stage.loaded_at, stage.loaded_by = uow.now, uow.actor.id
    uow.session.flush()
    uow.audit("parcel.loaded", subject=parcel.id, tenant_id=parcel.tenant_id, lane=lane)
    return LoadedUnit(parcel.sscc, lane, 1)
