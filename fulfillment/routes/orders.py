from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import (
    Key,
    MerchantId,
    Reader,
    Writer,
    json_response,
    tenant_of,
)
from fulfillment.routes.schemas import (
    BulkOut,
    CancelIn,
    CancelOut,
    HoldIn,
    HoldsLeftOut,
    IdOut,
    NoteIn,
    OrderIn,
    OrdersIn,
    OrdersQuery,
    ReasonIn,
)
from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import VersionConflict
from kernel.web.acting import Answer, act
from kernel.web.etags import is_based_on, is_current
from kernel.web.paging import Page

router = APIRouter(prefix="/v1")


def _etag(order: api.OrderView) -> str:
    return f'"v{order.version}"'


def _known(uow: UnitOfWork, request: Request, order_id: str) -> api.OrderView:
    """Return the order, if it is still the version that the request names in If-Match."""
    order = api.get_order(uow, order_id)
    if not is_based_on(request, _etag(order)):
        raise VersionConflict("The order changed since you read it.", remedy="Read it again, then repeat the request.")
    return order


@router.get(
    "/orders", operation_id="listOrders", summary="List orders", tags=["orders"],
    responses={200: {"model": Page[api.OrderSummary]}},
)  # fmt: skip
def list_orders(actor: Reader, query: Annotated[OrdersQuery, Query()]) -> Response:
    """Return orders, newest or most urgent first. `search` finds numbers, SKUs, names, e-mails, phones, trackings."""
    with transaction(actor) as uow:
        if query.site_id:
            require_site(uow, actor, query.site_id)
        wanted = query.wanted(uow.now)
        page = api.find_orders(uow, wanted, sort=query.sort, cursor=query.cursor, limit=query.limit)
    return json_response(page)


@router.post(
    "/orders", operation_id="placeOrder", summary="Place an order", tags=["orders"], status_code=201,
    responses={201: {"model": api.OrderView}, 200: {"model": api.OrderView}},
)  # fmt: skip
def place(request: Request, actor: Writer, body: OrderIn, merchant_id: MerchantId = "") -> Response:
    """Take an order and reserve its stock at once. The same order again answers 200 with the order that is there."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, merchant_id)
        (result,) = api.place_orders(uow, tenant_id=tenant_id, drafts=[body.draft()])
        if result.problem:
            raise result.problem
        return Answer(result.order, 201 if result.created else 200)

    return act(request, actor, [merchant_id, body.model_dump(mode="json")], work)


@router.post(
    "/orders/bulk", operation_id="placeOrders", summary="Place many orders", tags=["orders"], status_code=207,
    responses={207: {"model": BulkOut}},
)  # fmt: skip
def place_many(request: Request, actor: Writer, body: OrdersIn, merchant_id: MerchantId = "") -> Response:
    """Take up to 500 orders; the answer says for each whether it was taken (201), was there (200) or why not."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, merchant_id)
        results = api.place_orders(uow, tenant_id=tenant_id, drafts=[order.draft() for order in body.orders])
        return Answer({"items": [_bulk_item(result) for result in results]}, 207)

    return act(request, actor, [merchant_id, body.model_dump(mode="json")], work)


def _bulk_item(result: api.PlacedResult) -> dict[str, Any]:
    if result.problem:
        problem = result.problem.problem()
        return {"external_id": result.external_id, "status": problem["status"], "problem": problem}
    assert result.order, "a result is an order or a problem"
    status = 201 if result.created else 200
    return {"external_id": result.external_id, "status": status, "order_id": result.order.id}


@router.get(
    "/orders/{order_id}", operation_id="getOrder", summary="Get an order", tags=["orders"],
    responses={200: {"model": api.OrderView}, 304: {"description": "Not changed"}},
)  # fmt: skip
def get_order(request: Request, actor: Reader, order_id: Key) -> Response:
    """Return one order with its lines, holds, notes, parcels and next step. Its version is the ETag."""
    with transaction(actor) as uow:
        order = api.get_order(uow, order_id)
    headers = {"etag": _etag(order), "cache-control": "private, no-cache"}
    if is_current(request, _etag(order)):
        return Response(status_code=304, headers=headers)
    return json_response(order, headers=headers)


@router.post(
    "/orders/{order_id}/cancel", operation_id="cancelOrder", summary="Cancel an order", tags=["orders"],
    responses={200: {"model": CancelOut}},
)  # fmt: skip
def cancel(request: Request, actor: Writer, order_id: Key, body: CancelIn) -> Response:
    """Cancel an order or units of its lines as far as that is possible; the answer says truly what became of it."""

    def work(uow: UnitOfWork) -> Answer:
        order = _known(uow, request, order_id)
        answer = api.cancel_order(
            uow, tenant_id=order.tenant_id, order_id=order_id, reason=body.reason, line_quantities=body.line_quantities
        )
        return Answer(answer)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/orders/{order_id}/holds", operation_id="holdOrder", summary="Hold an order", tags=["orders"], status_code=201,
    responses={201: {"model": IdOut}},
)  # fmt: skip
def hold(request: Request, actor: Writer, order_id: Key, body: HoldIn) -> Response:
    """Stop an order until the hold is released."""

    def work(uow: UnitOfWork) -> Answer:
        order = _known(uow, request, order_id)
        hold_id = api.hold_order(uow, tenant_id=order.tenant_id, order_id=order_id, kind=body.kind, reason=body.reason)
        return Answer({"id": hold_id}, 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/orders/{order_id}/holds/{hold_id}/release", operation_id="releaseHold", summary="Release a hold",
    tags=["orders"], responses={200: {"model": HoldsLeftOut}},
)  # fmt: skip
def release_hold(request: Request, actor: Writer, order_id: Key, hold_id: Key, body: ReasonIn) -> Response:
    """End one hold; with the last one the order goes on."""

    def work(uow: UnitOfWork) -> Answer:
        order = _known(uow, request, order_id)
        left = api.release_hold(uow, tenant_id=order.tenant_id, order_id=order_id, hold_id=hold_id, reason=body.reason)
        return Answer({"holds_left": left})

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/orders/{order_id}/notes", operation_id="addOrderNote", summary="Add a note", tags=["orders"], status_code=201,
    responses={201: {"model": IdOut}},
)  # fmt: skip
def note(request: Request, actor: Writer, order_id: Key, body: NoteIn) -> Response:
    """Write a note on an order, for colleagues."""

    def work(uow: UnitOfWork) -> Answer:
        order = _known(uow, request, order_id)
        return Answer({"id": api.add_note(uow, tenant_id=order.tenant_id, order_id=order_id, text=body.text)}, 201)

    return act(request, actor, body.model_dump(mode="json"), work)
