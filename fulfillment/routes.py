from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.domain.work_ops import OpAck
from fulfillment.queries.work import WorkPackage
from fulfillment.schemas import (
    ID,
    AcksOut,
    BulkOut,
    CancelIn,
    CancelOut,
    ClaimIn,
    HoldIn,
    HoldsLeftOut,
    IdOut,
    NoteIn,
    OrderIn,
    OrdersIn,
    OrdersQuery,
    PlanIn,
    ReasonIn,
    WorkOpsIn,
)
from fulfillment.work_documents import pick_list
from kernel.access.queries import get_merchant
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Forbidden, Invalid, VersionConflict
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from kernel.web.paging import Page

router = APIRouter(prefix="/v1")

Reader = Annotated[Actor, Depends(requires("orders:read"))]
Writer = Annotated[Actor, Depends(requires("orders:write"))]
Picker = Annotated[Actor, Depends(requires("work:pick"))]
Planner = Annotated[Actor, Depends(requires("work:plan"))]
Key = Annotated[str, Path(max_length=64, pattern=ID)]
SiteId = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$", description="Only for administrators")]
MerchantId = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$", description="Only for staff")]


def _json(content: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json", headers=headers)


def _tenant(uow: UnitOfWork, actor: Actor, merchant_id: str) -> str:
    """Return whose orders are meant: an API key's own merchant's, or the one that staff name."""
    if actor.tenant not in ("", ALL_TENANTS):
        if merchant_id not in ("", actor.tenant):
            raise Forbidden("This key belongs to another merchant.", remedy="Leave merchant_id out.")
        return actor.tenant
    if not merchant_id:
        raise Invalid("Say which merchant's order this is.", pointer="/merchant_id")
    return get_merchant(uow, merchant_id).id


def _site(actor: Actor, site_id: str) -> str:
    """Return the site of the floor: the actor's own, or the one that an administrator names."""
    if actor.tenant != ALL_TENANTS:
        if not actor.site or site_id not in ("", actor.site):
            raise Forbidden("This is work of another site.", remedy="Sign in at that site.")
        return actor.site
    if not (site_id or actor.site):
        raise Invalid("Say which site is meant.", pointer="/site_id")
    return site_id or actor.site


def _etag(order: api.OrderView) -> str:
    return f'"v{order.version}"'


def _known(uow: UnitOfWork, request: Request, order_id: str) -> api.OrderView:
    """Return the order, if it is still the version that the request names in If-Match."""
    order = api.get_order(uow, order_id)
    expected = request.headers.get("if-match", "").strip()
    if expected not in ("", "*", _etag(order)):
        raise VersionConflict("The order changed since you read it.", remedy="Read it again, then repeat the request.")
    return order


@router.get(
    "/orders", operation_id="listOrders", summary="List orders", tags=["orders"],
    responses={200: {"model": Page[api.OrderSummary]}},
)  # fmt: skip
def list_orders(actor: Reader, query: Annotated[OrdersQuery, Query()]) -> Response:
    """Return orders, newest or most urgent first. `search` finds numbers, names, e-mails, phones, tracking numbers."""
    with transaction(actor) as uow:
        wanted = query.wanted(uow.now)
        page = api.find_orders(uow, wanted, sort=query.sort, cursor=query.cursor, limit=query.limit)
    return _json(page)


@router.post(
    "/orders", operation_id="placeOrder", summary="Place an order", tags=["orders"], status_code=201,
    responses={201: {"model": api.OrderView}, 200: {"model": api.OrderView}},
)  # fmt: skip
def place(request: Request, actor: Writer, body: OrderIn, merchant_id: MerchantId = "") -> Response:
    """Take an order and reserve its stock at once. The same order again answers 200 with the order that is there."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = _tenant(uow, actor, merchant_id)
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
        tenant_id = _tenant(uow, actor, merchant_id)
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
    if request.headers.get("if-none-match") == _etag(order):
        return Response(status_code=304, headers=headers)
    return _json(order, headers=headers)


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


@router.post(
    "/work/release", operation_id="releaseOrders", summary="Release orders", tags=["work"],
    responses={200: {"model": Sequence[api.ReleaseDecision]}},
)  # fmt: skip
def release(request: Request, actor: Planner, body: PlanIn, site_id: SiteId = "") -> Response:
    """Send what can go to the floor, against the carriers' cut-offs, and say for each order why it went or waits."""

    def work(uow: UnitOfWork) -> Answer:
        site = _site(actor, site_id)
        decisions = api.release_orders(uow, site_id=site, limit=body.max_orders, lines_per_hour=body.lines_per_hour)
        return Answer(decisions)

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.get(
    "/batches", operation_id="listBatches", summary="List batches", tags=["work"],
    responses={200: {"model": Sequence[api.BatchSummary]}},
)  # fmt: skip
def list_batches(
    actor: Picker,
    state: Annotated[list[str] | None, Query(max_length=4)] = None,
    site_id: SiteId = "",
) -> Response:
    """Return the site's batches, open ones by cut-off first."""
    states = tuple(s for s in state or () if s in ("DRAFT", "ASSIGNED", "IN_PROGRESS", "DONE"))
    with transaction(actor) as uow:
        found = api.find_batches(uow, site_id=_site(actor, site_id), states=states)
    return _json(found)


@router.post(
    "/batches/plan", operation_id="planBatches", summary="Plan batches", tags=["work"],
    responses={200: {"model": list[str]}},
)  # fmt: skip
def plan(request: Request, actor: Planner, body: PlanIn, site_id: SiteId = "") -> Response:
    """Put released orders onto carts with routed walks, and return the new batches' ids."""

    def work(uow: UnitOfWork) -> Answer:
        return Answer(api.plan_batches(uow, site_id=_site(actor, site_id), max_orders=body.max_orders))

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.post(
    "/batches/claim", operation_id="claimBatch", summary="Claim a batch", tags=["work"],
    responses={200: {"model": WorkPackage}},
)  # fmt: skip
def claim(request: Request, actor: Picker, body: ClaimIn, site_id: SiteId = "") -> Response:
    """Lease the most urgent batch, or the one named, and return its work."""

    def work(uow: UnitOfWork) -> Answer:
        return Answer(api.claim_batch(uow, site_id=_site(actor, site_id), batch_id=body.batch_id or None))

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.get(
    "/batches/{batch_id}", operation_id="getBatch", summary="Get a batch's work", tags=["work"],
    responses={200: {"model": WorkPackage}},
)  # fmt: skip
def get_batch(actor: Picker, batch_id: Key) -> Response:
    """Return a batch with its slots and tasks in walking order."""
    with transaction(actor) as uow:
        package = api.work_package(uow, batch_id)
    return _json(package)


@router.get(
    "/batches/{batch_id}/pick-list.pdf", operation_id="getPickList", summary="Print a pick list", tags=["work"],
    response_class=Response, responses={200: {"content": {"application/pdf": {}}, "description": "The pick list"}},
)  # fmt: skip
def get_pick_list(actor: Picker, batch_id: Key) -> Response:
    """Return the paper pick list of a batch: map, and lines in walking order."""
    with transaction(actor) as uow:
        document = pick_list(uow, batch_id)
    headers = {"content-disposition": f'inline; filename="{batch_id}.pdf"', "cache-control": "private, no-store"}
    return Response(document, media_type="application/pdf", headers=headers)


@router.post(
    "/work/ops", operation_id="applyWorkOps", summary="Report work", tags=["work"],
    responses={200: {"model": AcksOut}},
)  # fmt: skip
def apply_ops(actor: Picker, body: WorkOpsIn, site_id: SiteId = "") -> Response:
    """Apply operations of a handheld, oldest first, each in a transaction of its own. Each `op_id` is its own
    idempotency key: sent again, it gets the answer it got. Nothing here is refused as a whole.
    """
    site = _site(actor, site_id)
    acks: list[OpAck] = []
    for sent in body.ops:
        op = sent.op()
        acks.append(run(actor, lambda uow, op=op: api.apply_work_op(uow, site_id=site, op=op)))  # type: ignore[misc]  # mypy cannot infer lambdas with defaults
    return _json({"acks": acks})


@router.get(
    "/work/board", operation_id="getBoard", summary="Get the board", tags=["work"],
    responses={200: {"model": api.Board}},
)  # fmt: skip
def get_board(actor: Picker, site_id: SiteId = "") -> Response:
    """Return the site's backlog by stage, its live batches and how the floor goes."""
    with transaction(actor) as uow:
        found = api.board(uow, site_id=_site(actor, site_id))
    return _json(found)
