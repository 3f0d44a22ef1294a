from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.labels import parcel_label
from app.web.routes.answers import Done, PageRoute, Submitted, submit, submitted
from app.web.routes.lane_page import lanes_page
from app.web.routes.visits import Visit, at_desk, visitor
from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Sorter = Annotated[Visit, Depends(visitor("work:pack", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]


@router.post("/lanes/scan/stage")
def stage(request: Request, visit: Sorter, form: Sent) -> Response:
    """Put a parcel on its lane or into a container there."""

    def work(uow: UnitOfWork) -> Done:
        site = at_desk(uow, visit).require_site(form["site"])
        found = shipping.stage_parcel(uow, site_id=site, parcel=form["parcel"], target=form["target"])
        inside = f", in container {parcel_label(found.container)}" if found.container else ""
        return Done("/lanes", f"Parcel {parcel_label(found.sscc)} stands on {found.lane}{inside}.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/lanes/scan/unstage")
def unstage(request: Request, visit: Sorter, form: Sent) -> Response:
    """Take a parcel off its lane."""

    def work(uow: UnitOfWork) -> Done:
        site = at_desk(uow, visit).require_site(form["site"])
        found = shipping.unstage_parcel(uow, site_id=site, parcel=form["parcel"])
        return Done("/lanes", f"Parcel {parcel_label(found.sscc)} is off {found.lane}.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/lanes/scan/load")
def load(request: Request, visit: Sorter, form: Sent) -> Response:
    """Put a parcel or a closed container on the truck."""

    def work(uow: UnitOfWork) -> Done:
        site = at_desk(uow, visit).require_site(form["site"])
        found = shipping.load_unit(uow, site_id=site, unit=form["unit"])
        words = f"{counted(found.parcels, 'parcel')} loaded" if found.parcels else "loaded already"
        return Done("/lanes", f"{parcel_label(found.sscc)} from {found.lane}: {words}.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/lanes/scan/unload")
def unload(request: Request, visit: Sorter, form: Sent) -> Response:
    """Take a parcel or a container off the truck again."""

    def work(uow: UnitOfWork) -> Done:
        site = at_desk(uow, visit).require_site(form["site"])
        found = shipping.unload_unit(uow, site_id=site, unit=form["unit"])
        words = f"{counted(found.parcels, 'parcel')} off the truck" if found.parcels else "was not on the truck"
        return Done("/lanes", f"{parcel_label(found.sscc)}, back to {found.lane}: {words}.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/containers")
def open_container(request: Request, visit: Sorter, form: Sent) -> Response:
    """Open a pallet, cage or bag on a lane."""

    def work(uow: UnitOfWork) -> Done:
        require_site(uow, visit.actor, shipping.get_lane(uow, lane_id=form["lane"]).site_id)
        box = shipping.open_container(uow, lane_id=form["lane"], kind=form["kind"])
        return Done("/lanes", f"{box.kind.capitalize()} {parcel_label(box.sscc)} is open on {box.lane_code}.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/containers/{container_id}/close")
def close_container(request: Request, visit: Sorter, container_id: str, form: Sent) -> Response:
    """Close a container: nothing more goes in."""

    def work(uow: UnitOfWork) -> Done:
        _require_own(uow, visit, container_id)
        box = shipping.close_container(uow, container_id=container_id)
        return Done("/lanes", f"{parcel_label(box.sscc)} is closed with {counted(box.parcels, 'parcel')}.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/containers/{container_id}/reopen")
def reopen_container(request: Request, visit: Sorter, container_id: str, form: Sent) -> Response:
    """Open a closed container again, until it is loaded."""

    def work(uow: UnitOfWork) -> Done:
        _require_own(uow, visit, container_id)
        box = shipping.reopen_container(uow, container_id=container_id)
        return Done("/lanes", f"{parcel_label(box.sscc)} is open again.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


def _require_own(uow: UnitOfWork, visit: Visit, container_id: str) -> None:
    require_site(uow, visit.actor, shipping.get_container(uow, container_id=container_id).site_id)
