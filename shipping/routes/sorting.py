from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from shipping.commands.stage_parcel import stage_parcel, unstage_parcel
from shipping.lanes import ContainerView, get_container, get_lane, sort_containers
from shipping.printing import container_label_pdf
from shipping.reconciliation import reconcile
from shipping.routes.callers import PDF, Packer, Planner, dump, pdf, site_of
from shipping.routes.lane_schemas import (
    ContainerIn,
    ContainerList,
    ContainerOut,
    DockOut,
    LoadedOut,
    LoadIn,
    ReconciliationOut,
    StagedOut,
    StageIn,
    UnloadIn,
    UnstageIn,
)
from shipping.sorting.commands.fill_container import close_container, open_container, reopen_container
from shipping.sorting.commands.load_unit import load_unit
from shipping.sorting.commands.unload_unit import unload_unit
from shipping.sorting.trucks import dock

router = APIRouter(prefix="/v1", tags=["sorting"])
SiteId = Annotated[str | None, Query(max_length=60)]


@router.post("/sorting/stage", operation_id="stageParcel", summary="Put a parcel on its lane",
             responses={200: {"model": StagedOut}})  # fmt: skip
def stage(request: Request, actor: Packer, body: StageIn) -> Response:
    """Put a parcel on its lane or into a container there. A wrong lane is refused, with the right one named."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, body.site_id)
        return Answer(dump(StagedOut, stage_parcel(uow, site_id=site, parcel=body.parcel, target=body.target)))

    return act(request, actor, body.model_dump(), work)


@router.post("/sorting/unstage", operation_id="unstageParcel", summary="Take a parcel off its lane",
             responses={200: {"model": StagedOut}})  # fmt: skip
def unstage(request: Request, actor: Packer, body: UnstageIn) -> Response:
    """Take a parcel off its lane and out of its open container."""

    def work(uow: UnitOfWork) -> Answer:
        return Answer(
            dump(StagedOut, unstage_parcel(uow, site_id=site_of(uow, actor, body.site_id), parcel=body.parcel))
        )

    return act(request, actor, body.model_dump(), work)


@router.post("/sorting/load", operation_id="loadUnit", summary="Put a parcel or a container on the truck",
             responses={200: {"model": LoadedOut}})  # fmt: skip
def load(request: Request, actor: Packer, body: LoadIn) -> Response:
    """Put a staged parcel, or a closed container with all in it, on the truck."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, body.site_id)
        return Answer(dump(LoadedOut, load_unit(uow, site_id=site, unit=body.unit, truck=body.truck)))

    return act(request, actor, body.model_dump(), work)


@router.post("/sorting/unload", operation_id="unloadUnit", summary="Take a parcel or a container off the truck",
             responses={200: {"model": LoadedOut}})  # fmt: skip
def unload(request: Request, actor: Packer, body: UnloadIn) -> Response:
    """Take a loaded parcel, or a container with all in it, off the truck again, until the driver has it."""

    def work(uow: UnitOfWork) -> Answer:
        return Answer(dump(LoadedOut, unload_unit(uow, site_id=site_of(uow, actor, body.site_id), unit=body.unit)))

    return act(request, actor, body.model_dump(), work)


@router.get("/sorting/dock", operation_id="listTrucks", summary="What goes on which truck")
def get_dock(actor: Packer, site_id: SiteId = None) -> DockOut:
    """Return the trucks that are loaded, and each parcel and container that goes on one or stands there."""
    with transaction(actor) as uow:
        found = dock(uow, site_id=site_of(uow, actor, site_id))
    return DockOut.model_validate(found)


@router.get("/containers", operation_id="listContainers", summary="List containers at the lanes")
def list_containers(actor: Packer, site_id: SiteId = None) -> ContainerList:
    """Return the containers that are not loaded, newest first."""
    with transaction(actor) as uow:
        found = sort_containers(uow, site_id=site_of(uow, actor, site_id))
    return ContainerList(items=[ContainerOut.model_validate(each) for each in found])


@router.post("/containers", operation_id="openContainer", summary="Open a container",
             responses={201: {"model": ContainerOut}})  # fmt: skip
def open_one(request: Request, actor: Packer, body: ContainerIn) -> Response:
    """Open a pallet, cage or bag on a lane; it gets a license plate (SSCC) of its own."""

    def work(uow: UnitOfWork) -> Answer:
        require_site(uow, actor, get_lane(uow, lane_id=body.lane_id).site_id)
        return Answer(dump(ContainerOut, open_container(uow, lane_id=body.lane_id, kind=body.kind)), 201)

    return act(request, actor, body.model_dump(), work)


@router.post("/containers/{container_id}/close", operation_id="closeContainer", summary="Close a container",
             responses={200: {"model": ContainerOut}})  # fmt: skip
def close_one(request: Request, actor: Packer, container_id: str) -> Response:
    """Close a container: nothing more goes in, and one scan loads it."""

    def work(uow: UnitOfWork) -> Answer:
        _own(uow, actor, container_id)
        return Answer(dump(ContainerOut, close_container(uow, container_id=container_id)))

    return act(request, actor, container_id, work)


@router.post("/containers/{container_id}/reopen", operation_id="reopenContainer", summary="Reopen a container",
             responses={200: {"model": ContainerOut}})  # fmt: skip
def reopen_one(request: Request, actor: Packer, container_id: str) -> Response:
    """Open a closed container again, until it is loaded."""

    def work(uow: UnitOfWork) -> Answer:
        _own(uow, actor, container_id)
        return Answer(dump(ContainerOut, reopen_container(uow, container_id=container_id)))

    return act(request, actor, container_id, work)


@router.get("/containers/{container_id}/label.pdf", operation_id="getContainerLabel", summary="A container's label",
            responses=PDF, response_class=Response)  # fmt: skip
def get_label(actor: Packer, container_id: str) -> Response:
    """Return the 4 x 6 inch label of a container with its SSCC."""
    with transaction(actor) as uow:
        found = _own(uow, actor, container_id)
        document = container_label_pdf(uow, container_id=container_id)
    return pdf(document, f"container-{found.sscc}")


@router.get("/manifests/reconciliation", operation_id="reconcileManifest", summary="What a manifest would hold",
            tags=["manifests"])  # fmt: skip
def get_reconciliation(
    actor: Planner, carrier: Annotated[str, Query(max_length=60)], ship_date: date,
    site: Annotated[str | None, Query(max_length=60, description="The site's id")] = None,
) -> ReconciliationOut:  # fmt: skip
    """Return what is packed, audited, labelled, staged and loaded for a collection, and each parcel that differs."""
    with transaction(actor) as uow:
        found = reconcile(uow, site_id=site_of(uow, actor, site), carrier=carrier, ship_date=ship_date)
    return ReconciliationOut.model_validate(found)


def _own(uow: UnitOfWork, actor: Actor, container_id: str) -> ContainerView:
    """Return a container of a site that the actor works at."""
    found = get_container(uow, container_id=container_id)
    require_site(uow, actor, found.site_id)
    return found
