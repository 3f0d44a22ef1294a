from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from fulfillment.domain.floor_document import plan_from_document
from fulfillment.domain.floor_files.files import plan_to_csv, plan_to_geojson
from fulfillment.floor.blocking import block_floor, open_floor
from fulfillment.floor.checking import check_floor_plan
from fulfillment.floor.importing import add_plan_locations, import_floor_plan
from fulfillment.floor.keeping import draft_floor_plan, put_floor_plan_in_force
from fulfillment.floor.large_files import (
    AT_ONCE_BYTES,
    FloorFileView,
    ask_for_floor_file,
    cancel_floor_file,
    get_floor_file,
)
from fulfillment.floor.reading import find_floor_plans, get_floor_plan
from fulfillment.floor.views import FloorCheck, FloorPlanHead, FloorPlanView, StoredFloorPlan
from fulfillment.routes.callers import Key, Picker, Planner, SiteId, json_response, site_of
from fulfillment.routes.floor_schemas import BlockIn, DraftIn, InForceIn, read_document
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page

router = APIRouter(prefix="/v1/floor-plans", tags=["floor plans"])

Version = Annotated[int, Path(ge=1, le=1_000_000_000)]
Obstacle = Annotated[str, Path(max_length=64)]
Cursor = Annotated[str, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
_FILE = {"schema": {"type": "string", "format": "binary"}, "example": "code,x,y\nA-01-01-1,4.7,11\n"}
_DOCUMENT = {"schema": {"$ref": "#/components/schemas/DocumentIn"}}
_DRAWN = {"required": True, "content": {"application/json": _DOCUMENT, "application/octet-stream": _DOCUMENT}}
_CONTENT = {"required": True, "content": {"text/csv": _FILE, "application/octet-stream": _FILE}}


async def file_body(request: Request) -> bytes:
    """Read a file; it is not read before the caller is known to be one who may send it."""
    return await request.body()


@router.get(
    "", operation_id="listFloorPlans", summary="List the versions of a floor",
    responses={200: {"model": Page[FloorPlanHead]}},
)  # fmt: skip
def list_plans(actor: Picker, site_id: SiteId = "", cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Response:
    """Return the versions of the site's floor, latest first, and which is in force."""
    with transaction(actor) as uow:
        found = find_floor_plans(uow, site_id=site_of(uow, actor, site_id), cursor=cursor, limit=limit)
        return json_response(found)


@router.post(
    "", operation_id="draftFloorPlan", summary="Keep a drawn floor as a draft", status_code=201,
    responses={201: {"model": StoredFloorPlan}},
)  # fmt: skip
def post_draft(request: Request, actor: Planner, body: DraftIn, site_id: SiteId = "") -> Response:
    """Keep a floor as it was drawn, with whatever is wrong with it; nothing changes until it is put in force."""
    drawn = body.model_dump(mode="json")

    def work(uow: UnitOfWork) -> Answer:
        site, plan = site_of(uow, actor, site_id), plan_from_document(drawn["document"])
        version = draft_floor_plan(uow, site_id=site, plan=plan, note=body.note, based_on=body.based_on)
        view = get_floor_plan(uow, site_id=site, version=version)
        return Answer(StoredFloorPlan(view.head, view.faults), status=201)

    return act(request, actor, [site_id, drawn], work)


@router.post(
    "/files", operation_id="importFloorPlan", summary="Import a floor from a file", status_code=201,
    responses={201: {"model": StoredFloorPlan}, 202: {"model": FloorFileView}},
    openapi_extra={"requestBody": _CONTENT},
)  # fmt: skip
def post_file(
    request: Request,
    actor: Planner,
    content: Annotated[bytes, Depends(file_body)],
    form: Annotated[Literal["csv", "geojson", "dxf", "json"], Query(alias="format")] = "csv",
    unit: Annotated[Literal["", "mm", "cm", "m", "in", "ft"], Query(description="Empty: as the file says")] = "",
    layers: Annotated[str, Query(max_length=2_000, description="Of a drawing: A-WALL = rack, X = ignore")] = "",
    file: Annotated[str, Query(max_length=200, description="Name of the file")] = "",
    note: Annotated[str, Query(max_length=200)] = "",
    based_on: Annotated[int | None, Query(ge=1, le=1_000_000_000, description="Version it was drawn from")] = None,
    *,
    in_force: Annotated[bool, Query(description="Put it in force unless it has faults")] = False,
    confirmed: Annotated[bool, Query(description="Leave locations with stock off the plan")] = False,
    site_id: SiteId = "",
) -> Response:
    """Keep the floor that a file draws as a new version, with what is wrong and where; up to 50 MB.

    A JSON file is a document as `GET /v1/floor-plans/{version}` returns it, its lengths in mm. Another one above 500 kB
    is read by a worker: the answer is 202, and `getFloorFile` tells how far it is.
    """
    if form != "json" and len(content) > AT_ONCE_BYTES:
        asked = {"form": form, "unit": unit, "layers": layers, "file": file, "note": note, "based_on": based_on}
        asked |= {"in_force": in_force, "confirmed": confirmed}
        return _ask_for(request, actor, content, site_id, asked)
    drawn = plan_from_document(read_document(content)) if form == "json" else None

    def work(uow: UnitOfWork) -> Answer:
        view = import_floor_plan(
            uow, site_id=site_of(uow, actor, site_id), content=content, form=form, unit=unit, layers=layers, note=note,
            file=file, based_on=based_on, in_force=in_force, confirmed=confirmed, drawn=drawn,
        )  # fmt: skip
        return Answer(StoredFloorPlan(view.head, view.faults), status=201)

    said = [site_id, form, unit, layers, file, note, based_on, in_force, confirmed]
    return act(request, actor, [sha256(content).hexdigest(), *said], work)


def _ask_for(request: Request, actor: Actor, content: bytes, site_id: str, said: dict[str, Any]) -> Response:
    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        asked = ask_for_floor_file(uow, site_id=site, content=content, **said)
        return Answer(get_floor_file(uow, asked, site_id=site), 202)

    return act(request, actor, [sha256(content).hexdigest(), site_id, said], work)


@router.get(
    "/files/{file_id}", operation_id="getFloorFile", summary="How far a large file of a floor is",
    responses={200: {"model": FloorFileView}},
)  # fmt: skip
def get_file(actor: Planner, file_id: Key, site_id: SiteId = "") -> Response:
    """Return how far a worker is with a file, and once it is `ready`, the version that it became."""
    with transaction(actor) as uow:
        return json_response(get_floor_file(uow, file_id, site_id=site_of(uow, actor, site_id)))


@router.post(
    "/files/{file_id}/cancel", operation_id="cancelFloorFile", summary="Stop reading a large file of a floor",
    responses={200: {"model": FloorFileView}},
)  # fmt: skip
def cancel_file(request: Request, actor: Planner, file_id: Key, site_id: SiteId = "") -> Response:
    """Have the worker drop a file; nothing of it is kept."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        cancel_floor_file(uow, file_id, site_id=site)
        return Answer(get_floor_file(uow, file_id, site_id=site))

    return act(request, actor, [site_id, file_id], work)


@router.post(
    "/check", operation_id="checkFloorPlan", summary="Check a drawn floor", responses={200: {"model": FloorCheck}},
    openapi_extra={"requestBody": _DRAWN},
)  # fmt: skip
def post_check(actor: Planner, content: Annotated[bytes, Depends(file_body)], site_id: SiteId = "") -> Response:
    """Say what is wrong with a floor and where, which of its locations the site lacks, and which with stock it leaves
    out. Nothing is stored. As `application/octet-stream` a document may have up to 50 MB.
    """
    plan = plan_from_document(read_document(content))
    with transaction(actor) as uow:
        return json_response(check_floor_plan(uow, site_id=site_of(uow, actor, site_id), plan=plan))


@router.get(
    "/in-force", operation_id="getFloorPlanInForce", summary="Read the floor in force",
    responses={200: {"model": FloorPlanView}},
)  # fmt: skip
def read_in_force(actor: Picker, site_id: SiteId = "") -> Response:
    """Return the floor on which walks are computed now."""
    with transaction(actor) as uow:
        return json_response(get_floor_plan(uow, site_id=site_of(uow, actor, site_id)))


@router.get(
    "/{version}", operation_id="getFloorPlan", summary="Read a version of a floor, or download it",
    responses={200: {"model": FloorPlanView, "content": {"text/csv": {}, "application/geo+json": {}}}},
)  # fmt: skip
def read_plan(
    actor: Picker,
    version: Version,
    form: Annotated[Literal["json", "geojson", "csv"], Query(alias="format")] = "json",
    site_id: SiteId = "",
) -> Response:
    """Return a version with what is drawn and what is wrong with it; as GeoJSON or CSV it can be imported again."""
    with transaction(actor) as uow:
        view = get_floor_plan(uow, site_id=site_of(uow, actor, site_id), version=version)
    if form == "json":
        return json_response(view)
    plan = plan_from_document(view.document)
    headers = {"content-disposition": f'attachment; filename="floor-{version}.{form}"'}
    if form == "csv":
        return StreamingResponse(plan_to_csv(plan), media_type="text/csv; charset=utf-8", headers=headers)
    return Response(plan_to_geojson(plan), media_type="application/geo+json", headers=headers)


@router.post(
    "/{version}/put-in-force", operation_id="putFloorPlanInForce", summary="Put a version in force",
    responses={200: {"model": FloorPlanHead}},
)  # fmt: skip
def post_in_force(
    request: Request, actor: Planner, version: Version, body: InForceIn, site_id: SiteId = ""
) -> Response:
    """Have walks computed on this version from now on, be it new or an earlier one. One with faults is refused, and
    the plan in force stays.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        put_floor_plan_in_force(
            uow, site_id=site, version=version, instead_of=body.instead_of, confirmed=body.confirmed
        )
        if body.add_locations:
            add_plan_locations(uow, site_id=site, version=version)
        return Answer(get_floor_plan(uow, site_id=site, version=version).head)

    return act(request, actor, [version, site_id, body.model_dump(mode="json")], work)


@router.post(
    "/blocks", operation_id="blockFloor", summary="Block an aisle or a bay", status_code=201,
    responses={201: {"model": FloorPlanHead}},
)  # fmt: skip
def post_block(request: Request, actor: Planner, body: BlockIn, site_id: SiteId = "") -> Response:
    """Have walks planned from now on go around something in the way. Locations that nobody would get to are named, and
    closed once that is confirmed.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        version = block_floor(uow, site_id=site, **body.model_dump())
        return Answer(get_floor_plan(uow, site_id=site, version=version).head, status=201)

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.post(
    "/blocks/{obstacle}/open", operation_id="openFloor", summary="Take an obstacle away",
    responses={200: {"model": FloorPlanHead}},
)  # fmt: skip
def post_open(request: Request, actor: Planner, obstacle: Obstacle, site_id: SiteId = "") -> Response:
    """Have walks planned from now on go where the obstacle was; locations that it cut off are open again."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        version = open_floor(uow, site_id=site, obstacle=obstacle)
        return Answer(get_floor_plan(uow, site_id=site, version=version).head)

    return act(request, actor, [site_id, obstacle], work)
