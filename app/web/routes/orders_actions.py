from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.labels import return_label
from app.web.routes.answers import Done, PageRoute, Submitted, submit, submitted
from app.web.routes.order_page import order_page
from app.web.routes.visits import Visit, visitor
from crm import api as crm
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from returns import api as returns

router = APIRouter(route_class=PageRoute)
Agent = Annotated[Visit, Depends(visitor("orders:write"))]
Sent = Annotated[Submitted, Depends(submitted)]


@router.post("/orders/{order_id}/cancel")
def cancel(request: Request, visit: Agent, order_id: str, form: Sent) -> Response:
    """Cancel what can still be cancelled, and say truly what became of it."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        answer = fulfillment.cancel_order(uow, tenant_id=order.tenant_id, order_id=order_id, reason=form["reason"])
        accepted = answer.state is fulfillment.CancelState.ACCEPTED
        return Done(f"/orders/{order_id}", answer.detail, "ok" if accepted else "warn")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/hold")
def hold(request: Request, visit: Agent, order_id: str, form: Sent) -> Response:
    """Stop an order where it is."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        fulfillment.hold_order(
            uow, tenant_id=order.tenant_id, order_id=order_id, kind=form["kind"], reason=form["reason"]
        )
        return Done(f"/orders/{order_id}", "The order is on hold: nobody picks or packs it until you release it.")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/shortfall")
def settle_shortfall(request: Request, visit: Agent, order_id: str, form: Sent) -> Response:
    """Carry out what was chosen for an order whose units were no longer set aside."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        fulfillment.settle_shortfall(
            uow, tenant_id=order.tenant_id, order_id=order_id, choice=form["choice"], reason=form["reason"].strip()
        )
        return Done(f"/orders/{order_id}", "The choice is carried out, and the order goes on.")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/choice")
def choose(request: Request, visit: Agent, order_id: str, form: Sent) -> Response:
    """Carry out what the customer chose about missing units, told to an agent."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        fulfillment.answer_question(
            uow, tenant_id=order.tenant_id, order_id=order_id, question_id=form["question"], choice=form["choice"]
        )
        return Done(f"/orders/{order_id}", "The choice is carried out, and the order goes on.")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/holds/{hold_id}/release")
def release(request: Request, visit: Agent, order_id: str, hold_id: str, form: Sent) -> Response:
    """End a hold."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        left = fulfillment.release_hold(
            uow, tenant_id=order.tenant_id, order_id=order_id, hold_id=hold_id, reason=form["reason"]
        )
        words = (
            f"The hold is released; {left} more are open." if left else "The hold is released, and the order goes on."
        )
        return Done(f"/orders/{order_id}", words, "warn" if left else "ok")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/notes")
def note(
    request: Request, visit: Annotated[Visit, Depends(visitor("customers:write"))], order_id: str, form: Sent
) -> Response:
    """Write a note into the order's story."""

    def work(uow: UnitOfWork) -> Done:
        order = fulfillment.get_order(uow, order_id)
        crm.add_note(
            uow, tenant_id=order.tenant_id, customer_id=order.customer.id, order_id=order_id, body=form["body"]
        )
        return Done(f"/orders/{order_id}", "The note is saved and appears in the story.")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))


@router.post("/orders/{order_id}/returns")
def authorize_return(
    request: Request, visit: Annotated[Visit, Depends(visitor("returns:write"))], order_id: str, form: Sent
) -> Response:
    """Authorize a return for the customer and make its label."""

    def work(uow: UnitOfWork) -> Done:
        drafts = [returns.ReturnLineDraft(line, n, form["reason"]) for line, n in form.quantities("qty_").items()]
        found = returns.request_return(uow, order_id=order_id, lines=drafts)
        if found.state == "requested":
            found = returns.authorize_return(uow, return_id=found.id, why="Authorized at the desk.")
        if found.state == "authorized":
            found = returns.issue_return_label(uow, return_id=found.id)
        denied = found.state == "denied"
        words = found.decision if denied else f"Return {return_label(found.id)} is authorized, and its label is made."
        return Done(f"/returns/{found.id}", words, "stop" if denied else "ok")

    return submit(request, visit, form, work, again=lambda: order_page(visit, order_id))
