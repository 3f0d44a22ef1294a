from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import Key, Planner, Writer
from fulfillment.routes.schemas import AddressIn, CancelOut, ReasonIn, Reference, Said, Strict
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.quantity import MAX_QUANTITY
from kernel.web.access import requires
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1/orders/{order_id}/parcels/{parcel_id}")
Receiver = Annotated[Actor, Depends(requires("returns:write"))]
Damaged = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]


class BackIn(Strict):
    """What was found in a parcel that came back: damaged units by line id; all others go back on sale. Where units have
    serial numbers and only some of a line are damaged, `damaged_serials` say which.
    """

    note: Said = Field(examples=["opened and counted, one box crushed"])
    damaged: dict[Reference, Damaged] = Field(default_factory=dict, max_length=500)
    damaged_serials: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=list, max_length=500)


class SendAgainIn(Strict):
    """Why it is sent again, and where to if not to the same address."""

    reason: Said = Field(examples=["lost by the carrier"])
    ship_to: AddressIn | None = None


class OutcomeOut(BaseModel):
    """How far the parcel and its order are now; with what a decision led to."""

    order_state: str
    parcel_state: str
    decision: str = Field(description="send_again, refund, or empty")
    replacement_id: str
    refund_minor: int
    currency: str


@router.post(
    "/lost", operation_id="declareParcelLost", summary="Declare a parcel lost", tags=["orders"],
    responses={200: {"model": OutcomeOut}},
)  # fmt: skip
def lost(request: Request, actor: Writer, order_id: Key, parcel_id: Key, body: ReasonIn) -> Response:
    """Stop waiting for a parcel that left; whether it is sent again or refunded is decided next."""

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        api.declare_lost(uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, reason=body.reason)
        return _answer(uow, order_id, parcel_id)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/received-back", operation_id="receiveParcelBack", summary="Book in a parcel that came back", tags=["orders"],
    responses={200: {"model": OutcomeOut}},
)  # fmt: skip
def received_back(request: Request, actor: Receiver, order_id: Key, parcel_id: Key, body: BackIn) -> Response:
    """Book in what the carrier could not deliver: good units go back on sale at once."""

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        api.receive_back(
            uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, damaged=body.damaged,
            note=body.note, damaged_serials=body.damaged_serials,
        )  # fmt: skip
        return _answer(uow, order_id, parcel_id)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/send-again", operation_id="sendParcelAgain", summary="Send a parcel's items again", tags=["orders"],
    responses={200: {"model": OutcomeOut}},
)  # fmt: skip
def send_again(request: Request, actor: Writer, order_id: Key, parcel_id: Key, body: SendAgainIn) -> Response:
    """Place an order that costs nothing for what a lost or returned parcel held."""

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        ship_to = api.Address(**body.ship_to.model_dump()) if body.ship_to else None
        api.send_again(
            uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, reason=body.reason,
            ship_to=ship_to,
        )  # fmt: skip
        return _answer(uow, order_id, parcel_id)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/refund", operation_id="refundParcel", summary="Refund a parcel's items", tags=["orders"],
    responses={200: {"model": OutcomeOut}},
)  # fmt: skip
def refund(request: Request, actor: Writer, order_id: Key, parcel_id: Key, body: ReasonIn) -> Response:
    """Instruct the refund of what a lost or returned parcel held."""

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        api.refund_parcel(uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, reason=body.reason)
        return _answer(uow, order_id, parcel_id)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/pull", operation_id="pullParcel", summary="Pull a parcel off its manifest", tags=["orders"],
    responses={200: {"model": CancelOut | None}},
)  # fmt: skip
def pull(request: Request, actor: Planner, order_id: Key, parcel_id: Key, body: ReasonIn) -> Response:
    """Take a parcel off a closed manifest before it is loaded. Returns what became of the cancellation for which the
    dock looked for it; without one its units are packed anew, and the answer is null.
    """

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        if parcel_id not in {parcel.parcel_id for parcel in order.parcels}:
            raise NotFound("The order has no such parcel.", remedy="Read the order again.")
        return Answer(api.pull_parcel(uow, tenant_id=order.tenant_id, parcel_id=parcel_id, reason=body.reason))

    return act(request, actor, body.model_dump(mode="json"), work)


def _answer(uow: UnitOfWork, order_id: str, parcel_id: str) -> Answer:
    uow.session.flush()
    order = api.get_order(uow, order_id)
    parcel = next(each for each in order.parcels if each.parcel_id == parcel_id)
    made = next((each for each in order.outcomes if each.parcel_id == parcel_id), None)
    told = OutcomeOut(
        order_state=order.state, parcel_state=parcel.state, decision=made.decision if made else "",
        replacement_id=made.replacement_id if made else "", refund_minor=made.refund_minor if made else 0,
        currency=order.currency,
    )  # fmt: skip
    return Answer(told.model_dump())
