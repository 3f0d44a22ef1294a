"""The forms that a customer fills in."""

from collections import Counter as Count

from app.web.pages import CustomerFormPage, Field, Form, Option, ReturnableLine, ReturnRequestPage
from app.web.routes.order_forms import RETURN_WORDS, choice_options
from app.web.routes.tracker_visits import Counter
from app.web.wording_choices import CHOSEN, choice_words
from app.web.wording_orders import cancel_preview
from fulfillment import api as fulfillment
from kernel.errors import NotFound
from returns import api as returns
from shipping import api as shipping

PROBLEM_WORDS = {
    "not_received": "It says delivered, but I have nothing",
    "damaged": "Something is damaged",
    "wrong_item": "I got a wrong item",
    "missing_item": "Something is missing",
    "address": "The delivery address is wrong",
    "other": "Something else",
}
_ENDED = {"denied", "cancelled", "expired"}


def return_page(counter: Counter) -> ReturnRequestPage:
    """Return the page on which a customer chooses what comes back."""
    order = counter.order
    named: Count[str] = Count()
    for each in returns.returns_of_order(counter.uow, order.id):
        if each.state not in _ENDED:
            named.update({line.line_id: line.announced for line in each.lines})
    arrived = [
        parcel.delivered_at
        for parcel in shipping.parcels_of(counter.uow, tenant_id=order.tenant_id, reference=order.id)
        if parcel.delivered_at and parcel.kind == "outbound"
    ]
    until = max(arrived) + returns.ReturnPolicy().window if arrived else None
    return ReturnRequestPage(
        counter.frame, counter.brand, order.external_id, counter.guest.home,
        tuple(_returnable(line, named[line.id]) for line in order.lines), _return_form(counter), until,
    )  # fmt: skip


def _returnable(line: fulfillment.LineView, named: int) -> ReturnableLine:
    left = line.units.delivered - named
    refusal = ""
    if left <= 0:
        refusal = "Its return was asked for already." if line.units.delivered else "It has not been delivered yet."
    return ReturnableLine(line.id, line.name or line.sku, max(left, 0), refusal)


def _return_form(counter: Counter) -> Form:
    options = (Option("", "Choose"), *(Option(value, label) for value, label in RETURN_WORDS.items()))
    fields = (
        Field("reason", "Why?", "select", options=options, required=True),
        Field("note", "Anything we should know", "textarea", maximum=500),
    )
    return Form(f"{counter.guest.home}/return", "Ask for the return", fields)


def cancel_page(counter: Counter) -> CustomerFormPage:
    """Return the page that tells what a cancellation would do, and asks for it."""
    order = counter.order
    parcels = shipping.parcels_of(counter.uow, tenant_id=order.tenant_id, reference=order.id)
    intro = cancel_preview(order, parcels) or "Nothing of this order can be cancelled any more."
    form = Form(
        f"{counter.guest.home}/cancel",
        "Cancel my order",
        (Field("reason", "Why", maximum=500),),
        "",
        intro,
        tone="stop",
    )
    return CustomerFormPage(
        counter.frame, counter.brand, order.external_id, counter.guest.home, "Cancel your order", form
    )


def choice_page(counter: Counter, question_id: str) -> CustomerFormPage:
    """Return the page on which a customer chooses what becomes of missing units: of those named, or of the first of
    which nothing is chosen yet.

    Raises:
        NotFound: nothing of this order is to be chosen.
    """
    order, asked = counter.order, fulfillment.order_questions(counter.uow, counter.order.id)
    meant = (each for each in asked if each.id == question_id or (not question_id and not each.choice))
    question = next(meant, None)
    if question is None:
        raise NotFound("There is nothing to choose.", remedy="Go back to your order.")
    words = choice_words(question, counter.frame)
    fields = (
        Field("choice", "What shall we do?", "radio", options=choice_options(question, order.currency), required=True),
        Field("question", "", "hidden", question.id),
    )
    intro = f"{words.what} {words.when} {words.you}" if not question.choice else CHOSEN[question.choice]
    form = Form(f"{counter.guest.home}/choice", "Send my choice", () if question.choice else fields, "", intro)
    return CustomerFormPage(
        counter.frame, counter.brand, order.external_id, counter.guest.home, words.title, form
    )  # fmt: skip


def problem_page(counter: Counter) -> CustomerFormPage:
    """Return the page on which a customer tells what is wrong."""
    options = tuple(Option(value, label) for value, label in PROBLEM_WORDS.items())
    fields = (
        Field("kind", "What is wrong?", "radio", options=options, required=True),
        Field("text", "Tell us more", "textarea", maximum=2_000),
    )
    form = Form(f"{counter.guest.home}/problem", "Send the report", fields)
    return CustomerFormPage(
        counter.frame, counter.brand, counter.order.external_id, counter.guest.home, "Report a problem", form
    )
