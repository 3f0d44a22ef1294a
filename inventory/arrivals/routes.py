import hashlib
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from inventory.arrivals import queries as arrivals
from inventory.arrivals.commands.announcing import announce_arrival, cancel_arrival, close_arrival
from inventory.arrivals.commands.receiving import receive_arrival, undo_receipt
from inventory.arrivals.domain import ArrivalDraft, ArrivalLineDraft, Condition
from inventory.arrivals.schemas import ArrivalCloseIn, ArrivalIn, ArrivalReceiptIn
from inventory.arrivals.views import ArrivalHead, ArrivalReceiptView, ArrivalView
from inventory.web.answers import json_response
from inventory.web.parameters import Cursor, Id, Limit, Reader, Word, Worker, Writer
from inventory.web.schemas import Body
from inventory.web.scope import list_site, place_of
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.etags import is_current
from kernel.web.paging import DEFAULT_LIMIT, Page

router = APIRouter(prefix="/v1")

State = Annotated[str, Query(pattern=r"^(announced|receiving|closed|cancelled)?$")]


@router.post(
    "/arrivals", operation_id="announceArrival", summary="Announce an arrival", tags=["arrivals"], status_code=201,
    responses={200: {"model": ArrivalView, "description": "Announced before"}, 201: {"model": ArrivalView}},
)  # fmt: skip
def post_arrival(request: Request, body: ArrivalIn, actor: Writer) -> Response:
    """Say what will come to a site and when. The same announcement again is the same arrival, with status 200; other
    content under the same `external_id` is a conflict.
    """
    lines = tuple(
        ArrivalLineDraft(line.sku, line.quantity, line.sscc, line.lot, line.expires_on) for line in body.lines
    )
    draft = ArrivalDraft(body.external_id, body.expected_on, lines, body.supplier, body.note)

    def work(uow: UnitOfWork) -> Answer:
        tenant_id, site_id = place_of(uow, actor, body)
        announced = announce_arrival(uow, tenant_id=tenant_id, site_id=site_id, draft=draft)
        return Answer(announced.arrival, 201 if announced.is_new else 200)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.get(
    "/arrivals", operation_id="listArrivals", summary="List arrivals", tags=["arrivals"],
    responses={200: {"model": Page[ArrivalHead]}},
)  # fmt: skip
def list_arrivals(
    actor: Reader, state: State = "", search: Word = "", site: Word = "", cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Response:  # fmt: skip
    """Return arrivals by the day they are expected on; `search` finds parts of number and supplier, and exact SKUs."""
    with transaction(actor) as uow:
        site_id = list_site(uow, actor, site)
        found = arrivals.find_arrivals(
            uow, site_id=site_id, states=(state,) if state else (), search=search.strip(), cursor=cursor, limit=limit
        )
        return json_response(found)


@router.get(
    "/arrivals/{arrival_id}", operation_id="getArrival", summary="Read an arrival", tags=["arrivals"],
    responses={200: {"model": ArrivalView}, 304: {"description": "Not changed since"}},
)  # fmt: skip
def get_arrival(request: Request, actor: Reader, arrival_id: Id) -> Response:
    """Return an arrival with what of each line is expected, received, damaged, missing and over."""
    with transaction(actor) as uow:
        answer = json_response(arrivals.get_arrival(uow, arrival_id))
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if is_current(request, etag):
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer


@router.get(
    "/arrivals/{arrival_id}/receipts", operation_id="listArrivalReceipts", summary="What was taken in",
    tags=["arrivals"], responses={200: {"model": list[ArrivalReceiptView]}},
)  # fmt: skip
def list_receipts(actor: Reader, arrival_id: Id, limit: Limit = DEFAULT_LIMIT) -> Response:
    """Return the newest receipts of an arrival, undone ones too."""
    with transaction(actor) as uow:
        of = arrivals.get_arrival(uow, arrival_id)
        return json_response(arrivals.arrival_receipts(uow, tenant_id=of.tenant_id, arrival_id=arrival_id, limit=limit))


@router.post(
    "/arrivals/{arrival_id}/receive", operation_id="receiveArrival", summary="Take in units of an arrival",
    tags=["arrivals"], status_code=201, responses={201: {"model": ArrivalReceiptView}},
)  # fmt: skip
def post_receive(request: Request, body: ArrivalReceiptIn, actor: Worker, arrival_id: Id) -> Response:
    """Take in what was scanned: good units into a location, damaged ones aside."""

    def work(uow: UnitOfWork) -> Answer:
        received = receive_arrival(
            uow, arrival_id=arrival_id, barcode=body.barcode, quantity=body.quantity,
            condition=Condition(body.condition), location_code=body.location_code, reason=body.reason,
            lot=body.lot, expires_on=body.expires_on, serials=body.serials,
        )  # fmt: skip
        return Answer(received, 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/arrivals/{arrival_id}/receipts/{receipt_id}/undo", operation_id="undoArrivalReceipt",
    summary="Undo a mistaken receipt", tags=["arrivals"], responses={200: {"model": ArrivalReceiptView}},
)  # fmt: skip
def post_undo(request: Request, body: Body, actor: Worker, arrival_id: Id, receipt_id: Id) -> Response:
    """Take a receipt back, as long as its units are still free where they were put."""
    return act(
        request, actor, body.model_dump(mode="json"),
        lambda uow: Answer(undo_receipt(uow, arrival_id=arrival_id, receipt_id=receipt_id)),
    )  # fmt: skip


@router.post(
    "/arrivals/{arrival_id}/close", operation_id="closeArrival", summary="Close an arrival", tags=["arrivals"],
    responses={200: {"model": ArrivalView}},
)  # fmt: skip
def post_close(request: Request, body: ArrivalCloseIn, actor: Worker, arrival_id: Id) -> Response:
    """Say that no more will come; every line is told as complete, short, over or damaged."""
    return act(
        request, actor, body.model_dump(mode="json"),
        lambda uow: Answer(close_arrival(uow, arrival_id=arrival_id, missing=body.missing)),
    )  # fmt: skip


@router.post(
    "/arrivals/{arrival_id}/cancel", operation_id="cancelArrival", summary="Cancel an arrival", tags=["arrivals"],
    responses={200: {"model": ArrivalView}},
)  # fmt: skip
def post_cancel(request: Request, body: Body, actor: Writer, arrival_id: Id) -> Response:
    """Say that an announced arrival will not come, before anything of it was received."""
    return act(
        request, actor, body.model_dump(mode="json"),
        lambda uow: Answer(cancel_arrival(uow, arrival_id=arrival_id)),
    )  # fmt: skip
