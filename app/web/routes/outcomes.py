"""What becomes of parcels that did not arrive: declared lost, booked in again, sent again, refunded."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.formats import money
from app.web.routes.answers import Done, PageRoute, Submitted, submit, submitted
from app.web.routes.order_page import order_page
from app.web.routes.outcome_forms import DAMAGED
from app.web.routes.parcels import parcel_page
from app.web.routes.visits import Visit, visitor
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

router = APIRouter(route_class=PageRoute)
Agent = Annotated[Visit, Depends(visitor("orders:write"))]
Receiver = Annotated[Visit, Depends(visitor("returns:write"))]
Sent = Annotated[Submitted, Depends(submitted)]


@router.post("/orders/{order_id}/parcels/{parcel_id}/lost")
def lost(request: Request, visit: Agent, order_id: str, parcel_id: str, form: Sent) -> Response:
    """Stop waiting for a parcel."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        fulfillment.declare_lost(
            uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, reason=form["reason"]
        )
        return Done(f"/orders/{order_id}", "The parcel counts as lost. Send its items again, or refund them.", "warn")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/parcels/{parcel_id}/received-back")
def received_back(request: Request, visit: Receiver, order_id: str, parcel_id: str, form: Sent) -> Response:
    """Book in what the carrier could not deliver."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        fulfillment.receive_back(
            uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, damaged=form.quantities(DAMAGED),
            note=form["reason"], damaged_serials=inventory.split_serials(form["damaged_serials"]),
        )  # fmt: skip
        where = f"/orders/{order_id}" if visit.may("orders:read") else f"/parcels/{parcel_id}"
        return Done(where, "The parcel is booked in; what is good is on sale again.")

    return submit(request, visit, form, work, again=lambda: parcel_page(visit, parcel_id))


@router.post("/orders/{order_id}/parcels/{parcel_id}/send-again")
def send_again(request: Request, visit: Agent, order_id: str, parcel_id: str, form: Sent) -> Response:
    """Order the items once more for the customer."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        street, postal_code, city = (form[name].strip() for name in ("street", "postal_code", "city"))
        again = fulfillment.send_again(
            uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, reason=form["reason"],
            ship_to=replace(order.ship_to, street=street, postal_code=postal_code, city=city),
        )  # fmt: skip
        return Done(f"/orders/{again.id}", f"This is order {again.external_id}, which sends the items again.")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/parcels/{parcel_id}/refund")
def refund(request: Request, visit: Agent, order_id: str, parcel_id: str, form: Sent) -> Response:
    """Instruct the refund of a parcel's items."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        amount = fulfillment.refund_parcel(
            uow, tenant_id=order.tenant_id, order_id=order_id, parcel_id=parcel_id, reason=form["reason"]
        )
        return Done(f"/orders/{order_id}", f"The refund of {money(amount, order.currency)} is instructed.")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))
