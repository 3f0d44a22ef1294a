from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT
from shipping import queries
from shipping.commands.close_manifest import close_manifest
from shipping.commands.hand_over_manifest import hand_over_manifest
from shipping.routes.callers import Cursor, Limit, Planner, dump
from shipping.routes.schemas import HandOverIn, ManifestIn, ManifestOut, ManifestPage

router = APIRouter(prefix="/v1")


@router.get("/manifests", operation_id="listManifests", summary="List manifests", tags=["manifests"])
def list_manifests(
    actor: Planner,
    site_id: Annotated[str | None, Query(max_length=60)] = None,
    carrier: Annotated[str | None, Query(max_length=60)] = None,
    ship_date: date | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ManifestPage:
    """Return manifests, newest first."""
    with transaction(actor) as uow:
        if site_id:
            require_site(uow, actor, site_id)
        page = queries.find_manifests(
            uow, site_id=site_id, carrier=carrier, ship_date=ship_date, cursor=cursor, limit=limit
        )
    return ManifestPage.model_validate(page)


@router.post(
    "/manifests", operation_id="closeManifest", summary="Close a manifest", tags=["manifests"],
    responses={201: {"model": ManifestOut}},
)  # fmt: skip
def close(request: Request, actor: Planner, body: ManifestIn) -> Response:
    """Close what a carrier takes: from then on it never changes."""

    def work(uow: UnitOfWork) -> Answer:
        require_site(uow, actor, body.site_id)
        return Answer(dump(ManifestOut, close_manifest(uow, **body.model_dump())), 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.get("/manifests/{manifest_id}", operation_id="getManifest", summary="Get a manifest", tags=["manifests"])
def get_manifest(actor: Planner, manifest_id: str) -> ManifestOut:
    """Return one manifest."""
    with transaction(actor) as uow:
        manifest = queries.get_manifest(uow, manifest_id=manifest_id)
    return ManifestOut.model_validate(manifest)


@router.post(
    "/manifests/{manifest_id}/hand-over", operation_id="handOverManifest", summary="Hand a manifest over",
    tags=["manifests"], responses={200: {"model": ManifestOut}},
)  # fmt: skip
def hand_over(request: Request, actor: Planner, manifest_id: str, body: HandOverIn) -> Response:
    """Record that the driver took everything on it. Where lanes are loaded by scan, what was not scanned onto the truck
    is refused by name until it is confirmed to stay behind: it goes on the next manifest.
    """
    return act(
        request, actor, body.model_dump(),
        lambda uow: Answer(
            dump(ManifestOut, hand_over_manifest(uow, manifest_id=manifest_id, **body.model_dump()))
        ),
    )  # fmt: skip
