from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.documents import commercial_invoice, label_document
from app.web.export_papers import crosses_border
from app.web.labels import return_label
from app.web.pages import Link, Page, ReceiptPage
from app.web.refused_forms import show_refusal
from app.web.routes.answers import Submitted, keyed, submitted
from app.web.routes.tracker_pages import PROBLEM_WORDS, cancel_page, choice_page, problem_page, return_page
from app.web.routes.tracker_recipient import challenge_page, for_recipient
from app.web.routes.tracker_visits import (
    Counter,
    Guest,
    TrackerRoute,
    at_counter,
    counter_of,
    guest_of,
    tracker_page,
)
from app.web.wording_choices import CHOSEN
from crm import api as crm
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.web.acting import Answer, act
from returns import api as returns
from shipping import api as shipping

router = APIRouter(route_class=TrackerRoute)
Visitor = Annotated[Guest, Depends(guest_of)]
Sent = Annotated[Submitted, Depends(submitted)]
_EVENING = time(17)


@router.get("/t/{token}/return")
def ask_return(guest: Visitor) -> Response:
    """Ask what is to come back, and why."""
    return for_recipient(guest, "return", return_page)


@router.get("/t/{token}/cancel")
def ask_cancel(guest: Visitor) -> Response:
    """Ask whether to cancel, after telling what that would do."""
    return for_recipient(guest, "cancel", cancel_page)


@router.get("/t/{token}/problem")
def ask_problem(guest: Visitor) -> Response:
    """Ask what is wrong."""
    with counter_of(guest) as counter:
        page = problem_page(counter)
    return tracker_page(page)


@router.post("/t/{token}/return")
def request_return(request: Request, guest: Visitor, form: Sent) -> Response:
    """Open a return; within the policy it is authorized at once and has its label."""

    def work(counter: Counter) -> ReceiptPage:
        wanted = form.quantities("qty_")
        if not wanted:
            raise Invalid("Choose at least one item to send back.")
        drafts = [returns.ReturnLineDraft(line, units, form["reason"]) for line, units in wanted.items()]
        found = returns.request_with_label(counter.uow, order_id=guest.order_id, lines=drafts, note=form["note"])
        return _return_receipt(counter, found)

    return _act(request, guest, form, work, again=return_page)


def _return_receipt(counter: Counter, found: returns.ReturnView) -> ReceiptPage:
    home = counter.guest.home
    if found.state == "denied":
        return _receipt(counter, "This cannot be returned", return_label(found.id), (found.decision,))
    if found.state == "requested":
        steps = (found.decision, "We look at it, and write to you.", "Keep the items until then.")
        return _receipt(counter, "We have your request", return_label(found.id), steps, answer=True)
    todo: tuple[str, ...] = (
        "Print the label and stick it on a closed box.",
        "Hand the box to the carrier on the label.",
        "We write to you as soon as we have checked it; then your refund is on its way.",
    )
    documents = [Link("Print the label", f"{home}/returns/{found.id}/label.pdf")]
    if crosses_border(counter.uow, shipping.parcel_by_id(counter.uow, parcel_id=found.parcel_id)):
        documents.append(Link("Print the invoice for customs", f"{home}/returns/{found.id}/invoice.pdf"))
        todo = (todo[0], "Sign the invoice for customs, and fix it to the outside of the box.", *todo[1:])
    return _receipt(counter, "Your return is authorized", return_label(found.id), todo, documents=tuple(documents))


@router.post("/t/{token}/cancel")
def cancel(request: Request, guest: Visitor, form: Sent) -> Response:
    """Cancel what can still be cancelled, and say truly what became of it."""

    def work(counter: Counter) -> ReceiptPage:
        reason = form["reason"] or "The customer asked for it."
        answer = fulfillment.cancel_order(
            counter.uow,
            tenant_id=guest.tenant_id,
            order_id=guest.order_id,
            reason=f"Customer, on the order's page: {reason}",
        )
        case = _case("C", form)
        _note(counter, f"Case {case}: the customer asked to cancel. Answer: {answer.detail}")
        accepted = answer.state is fulfillment.CancelState.ACCEPTED
        title = "Your order is cancelled" if accepted else "What we could still do"
        steps = (
            (answer.detail, "What you paid for it goes back the way you paid.")
            if answer.cancelled
            else (answer.detail,)
        )
        return _receipt(counter, title, case, steps)

    return _act(request, guest, form, work, again=cancel_page)


@router.get("/t/{token}/choice")
def ask_choice(guest: Visitor, question: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Ask what becomes of units that were missing when they were picked; who has the link may choose."""
    with counter_of(guest) as counter:
        page = choice_page(counter, question)
    return tracker_page(page)


@router.post("/t/{token}/choice")
def choose(request: Request, guest: Visitor, form: Sent) -> Response:
    """Carry out what the customer chose; only the recipient cancels an order."""
    public = form["choice"] != "cancel"

    def work(counter: Counter) -> ReceiptPage:
        fulfillment.answer_question(
            counter.uow, tenant_id=guest.tenant_id, order_id=guest.order_id, question_id=form["question"],
            choice=form["choice"], by="customer",
        )  # fmt: skip
        return _receipt(counter, "Thank you, we have your choice", _case("Q", form), (CHOSEN[form["choice"]],))

    def again(counter: Counter) -> Page:
        return choice_page(counter, form["question"])

    return _act(request, guest, form, work, again=again, public=public)


@router.post("/t/{token}/problem")
def report_problem(request: Request, guest: Visitor, form: Sent) -> Response:
    """Take a customer's report into the order's story; a wrong address stops an order that is still in the house."""

    def work(counter: Counter) -> ReceiptPage:
        if form["kind"] not in PROBLEM_WORDS:
            raise Invalid("Choose what is wrong.", pointer="/kind")
        case = _case("P", form)
        _note(counter, f"Case {case}: {PROBLEM_WORDS[form['kind']]}. {form['text']}".strip())
        order = counter.order
        steps = ["A person reads your report and answers you by e-mail."]
        if form["kind"] == "address" and not order.terminal and order.units.open > order.units.shipped:
            fulfillment.hold_order(
                counter.uow, tenant_id=guest.tenant_id, order_id=guest.order_id, kind="address",
                reason=f"The customer says that the address is wrong (case {case})",
            )  # fmt: skip
            steps.insert(0, "We have stopped your order until the address is clear.")
        return _receipt(counter, "Thank you, we are on it", case, tuple(steps), answer=True)

    return _act(request, guest, form, work, again=problem_page, public=True)


@router.get("/t/{token}/returns/{return_id}/label.pdf")
def return_label_document(guest: Visitor, return_id: str) -> Response:
    """Return the label that brings a return home; it carries the address, so that only the recipient gets it."""
    if not guest.is_recipient:
        return tracker_page(challenge_page(guest, ""))
    document = label_document(guest.actor, _labelled(guest, return_id))
    return replace(document, name=f"return-{return_label(return_id)}").response()


@router.get("/t/{token}/returns/{return_id}/invoice.pdf")
def return_invoice_document(guest: Visitor, return_id: str) -> Response:
    """Return the pro forma invoice that travels with a return over a customs border, to its recipient alone."""
    if not guest.is_recipient:
        return tracker_page(challenge_page(guest, ""))
    return commercial_invoice(guest.actor, _labelled(guest, return_id)).response()


def _labelled(guest: Guest, return_id: str) -> str:
    """Return the id of the parcel in which one of the order's returns comes home."""
    with counter_of(guest) as counter:
        found = returns.get_return(counter.uow, return_id)
        if found.order_id != guest.order_id or not found.parcel_id:
            raise NotFound("There is no label for this return.", remedy="Ask for the return first.")
        return found.parcel_id


def _act(
    request: Request, guest: Guest, form: Submitted, work: Callable[[Counter], ReceiptPage], *,
    again: Callable[[Counter], Page], public: bool = False,
) -> Response:  # fmt: skip
    """Do what a customer asks, once for each form, and show the receipt; sent again, the form shows the same one."""
    if not public and not guest.is_recipient:
        return tracker_page(challenge_page(guest, ""))

    def answer(uow: UnitOfWork) -> Answer:
        return Answer(work(at_counter(uow, guest)))

    try:
        stored = act(keyed(request, form.op_id), guest.actor, form.fields, answer)
    except Refusal as refusal:
        with counter_of(guest) as counter:
            page = again(counter)
        shown = show_refusal(page, action=request.url.path, entered=form.fields, refusal=refusal)
        return tracker_page(shown, status=refusal.status)
    return tracker_page(msgspec.json.decode(stored.body, type=ReceiptPage))


def _note(counter: Counter, words: str) -> None:
    order = counter.order
    crm.add_note(
        counter.uow, tenant_id=order.tenant_id, customer_id=order.customer.id, order_id=order.id, body=words[:4_000]
    )


def _case(kind: str, form: Submitted) -> str:
    """Return the number by which the desk finds the case; a form that is sent again has the same."""
    return f"{kind}-{form.op_id.replace('-', '')[-8:].upper()}"


def _receipt(
    counter: Counter, title: str, case: str, steps: tuple[str, ...], *, answer: bool = False,
    documents: tuple[Link, ...] = (),
) -> ReceiptPage:  # fmt: skip
    return ReceiptPage(
        counter.frame, counter.brand, counter.order.external_id, counter.guest.home, title, case, steps,
        _next_evening(counter) if answer else None, documents,
    )  # fmt: skip


def _next_evening(counter: Counter) -> datetime:
    """Return five o'clock of the next working day at the site: by then a customer has an answer."""
    zone = ZoneInfo(counter.frame.zone)
    today = counter.frame.now.astimezone(zone).date()
    day = shipping.next_working_day(counter.uow, site_id=counter.order.site_id, after=today)
    return datetime.combine(day, _EVENING, zone)
