from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from inventory.plates.commands.carrying import break_plate, move_plate, nest_plate
from inventory.plates.commands.opening import load_plate, open_plate
from inventory.plates.commands.receiving import PlateLine, receive_plate
from inventory.plates.queries import find_plates, get_plate, plate_by_sscc
from inventory.plates.schemas import PlateIn, PlateLoadIn, PlateMoveIn, PlateNestIn, PlateReceiptIn
from inventory.plates.views import PlateHead, PlateView
from inventory.web.answers import json_response
from inventory.web.parameters import Cursor, Id, Limit, Reader, Word, Worker
from inventory.web.schemas import Body
from inventory.web.scope import list_site, place_of
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, Page

router = APIRouter(prefix="/v1")

State = Annotated[str, Query(pattern="^(open|empty|broken)?$", description="All if empty")]


@router.get(
    "/plates", operation_id="listPlates", summary="List license plates", tags=["plates"],
    responses={200: {"model": Page[PlateHead]}},
)  # fmt: skip
def list_plates(
    actor: Reader, state: State = "open", search: Word = "", site: Word = "", cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Response:  # fmt: skip
    """Return plates, latest first. `search` is an SSCC or its end, a SKU, or the beginning of a location's code."""
    with transaction(actor) as uow:
        found = find_plates(
            uow, site_id=list_site(uow, actor, site), state=state, search=search.strip(), cursor=cursor, limit=limit
        )
        return json_response(found)


@router.get(
    "/plates/by-sscc/{sscc}", operation_id="getPlateBySscc", summary="Scan a license plate", tags=["plates"],
    responses={200: {"model": PlateView}},
)  # fmt: skip
def scan_plate(actor: Reader, sscc: str) -> Response:
    """Return the plate with this SSCC, plain or with application identifier 00, and what is on it."""
    with transaction(actor) as uow:
        return json_response(plate_by_sscc(uow, scan=sscc, site_id=actor.site))


@router.get(
    "/plates/{plate_id}", operation_id="getPlate", summary="Read a license plate", tags=["plates"],
    responses={200: {"model": PlateView}},
)  # fmt: skip
def read_plate(actor: Reader, plate_id: Id) -> Response:
    """Return a plate, what is on it, and the plates that lie on it."""
    with transaction(actor) as uow:
        return json_response(get_plate(uow, plate_id))


@router.post(
    "/plates", operation_id="openPlate", summary="Take a license plate into use", tags=["plates"], status_code=201,
    responses={201: {"model": PlateView}},
)  # fmt: skip
def post_plate(request: Request, body: PlateIn, actor: Worker) -> Response:
    """Take a plate into use, with its sender's SSCC or, if none is sent, with a new one of ours."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id, site_id = place_of(uow, actor, body)
        plate_id = open_plate(
            uow, tenant_id=tenant_id, site_id=site_id, location_code=body.location_code, sscc=body.sscc
        )
        return Answer(get_plate(uow, plate_id), 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/plates/{plate_id}/load", operation_id="loadPlate", summary="Put units on a license plate", tags=["plates"],
    responses={200: {"model": PlateView}},
)  # fmt: skip
def post_load(request: Request, body: PlateLoadIn, actor: Worker, plate_id: Id) -> Response:
    """Put units on a plate that lie loose beside it. The stock stays as it is."""

    def work(uow: UnitOfWork) -> Answer:
        load_plate(
            uow, plate_id=plate_id, barcode=body.barcode, quantity=body.quantity, lot=body.lot or None,
            serials=body.serials,
        )  # fmt: skip
        return Answer(get_plate(uow, plate_id))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/plates/{plate_id}/move", operation_id="movePlate", summary="Carry a license plate", tags=["plates"],
    responses={200: {"model": PlateView}},
)  # fmt: skip
def post_move(request: Request, body: PlateMoveIn, actor: Worker, plate_id: Id) -> Response:
    """Carry a plate with everything on it. Moves that wanted these units carried are worked off."""

    def work(uow: UnitOfWork) -> Answer:
        move_plate(uow, plate_id=plate_id, to_code=body.to_code)
        return Answer(get_plate(uow, plate_id))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/plates/{plate_id}/nest", operation_id="nestPlate", summary="Put a license plate on another", tags=["plates"],
    responses={200: {"model": PlateView}},
)  # fmt: skip
def post_nest(request: Request, body: PlateNestIn, actor: Worker, plate_id: Id) -> Response:
    """Put a plate on another one in the same location; from then on both are carried together."""

    def work(uow: UnitOfWork) -> Answer:
        parent = plate_by_sscc(uow, scan=body.parent, site_id=actor.site)
        nest_plate(uow, plate_id=plate_id, parent_id=parent.head.id)
        return Answer(get_plate(uow, plate_id))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/plates/{plate_id}/break", operation_id="breakPlate", summary="Break a license plate up", tags=["plates"],
    responses={200: {"model": PlateView}},
)  # fmt: skip
def post_break(request: Request, body: Body, actor: Worker, plate_id: Id) -> Response:
    """Let what is on a plate lie loose where it is; the plate is no more."""

    def work(uow: UnitOfWork) -> Answer:
        break_plate(uow, plate_id=plate_id)
        return Answer(get_plate(uow, plate_id))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/arrivals/{arrival_id}/plates", operation_id="receivePlate", summary="Take in a license plate",
    tags=["arrivals"], status_code=201, responses={201: {"model": PlateView}},
)  # fmt: skip
def post_receive(request: Request, body: PlateReceiptIn, actor: Worker, arrival_id: Id) -> Response:
    """Take in a plate of an arrival by one scan, with what was announced on it or what `lines` say: all or nothing."""
    lines = [PlateLine(each.barcode, each.quantity, each.lot, each.expires_on, each.serials) for each in body.lines]

    def work(uow: UnitOfWork) -> Answer:
        plate_id = receive_plate(
            uow, arrival_id=arrival_id, sscc=body.sscc, location_code=body.location_code, lines=lines,
            reason=body.reason,
        )  # fmt: skip
        return Answer(get_plate(uow, plate_id), 201)

    return act(request, actor, body.model_dump(mode="json"), work)
