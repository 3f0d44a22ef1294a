from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.web.formats import money
from app.web.pages import Field, Form, Option, OrderAction
from app.web.routes.outcome_forms import outcome_actions
from app.web.routes.visits import Visit
from app.web.wording_orders import cancel_preview
from fulfillment import api as fulfillment
from kernel.quantity import counted
from returns import api as returns
from shipping import api as shipping

MAX_NOTE = 2_000
_TIMES = "\N{MULTIPLICATION SIGN}"
HOLD_WORDS = {
    "payment": "Payment is not certain",
    "fraud": "It may be fraud",
    "address": "The address is not clear",
    "customer": "The customer asked for it",
    "merchant": "The merchant asked for it",
    "quality": "The goods have to be checked",
    "data": "Something in the order is wrong",
}
SHORTFALL_WORDS = {
    "wait": "It waits for what lacks",
    "ship_rest": "The rest goes out first",
    "cancel": "What lacks is cancelled",
}
RETURN_WORDS = {
    "unwanted": "No longer wanted",
    "too_small": "Too small",
    "too_large": "Too large",
    "not_as_described": "Not as described",
    "damaged": "Arrived damaged",
    "defective": "Does not work",
    "wrong_item": "Wrong item",
    "late": "Came too late",
    "other": "Another reason",
}
assert set(RETURN_WORDS) == set(returns.REASONS), "every reason has its words"
assert set(HOLD_WORDS) == set(fulfillment.HOLD_KINDS), "every kind of hold has its words"


def order_actions(
    visit: Visit,
    order: fulfillment.OrderView,
    parcels: Sequence[shipping.ParcelView],
    questions: Sequence[fulfillment.QuestionView] = (),
) -> tuple[OrderAction, ...]:
    """Return what the person may do with an order in its present state."""
    actions = []
    if visit.may("customers:write"):
        actions.append(OrderAction(_note(visit, order)))
    actions += outcome_actions(visit, order)
    if visit.may("orders:write") and any(h.kind == fulfillment.SHORTFALL and not h.released_at for h in order.holds):
        actions.append(OrderAction(_shortfall(visit, order), "primary"))
    if visit.may("orders:write"):
        actions += [OrderAction(choice_form(visit, each), "primary") for each in questions if not each.choice]
    if visit.may("returns:write") and order.units.delivered > order.units.returned:
        actions.append(OrderAction(_return(visit, order)))
    if visit.may("work:plan") and visit.works_here:
        actions += [OrderAction(form) for form in _floor(visit, order)]
    if visit.may("orders:write") and _in_house(order):
        actions.append(OrderAction(_hold(visit, order)))
    if visit.may("orders:write") and order.units.open and not order.terminal:
        actions.append(OrderAction(_cancel(visit, order, parcels), "stop"))
    return _with_one_primary(actions)


def _with_one_primary(actions: Sequence[OrderAction]) -> tuple[OrderAction, ...]:
    """Leave the first decision that is due to stand out, or else what comes first."""
    due = next((n for n, action in enumerate(actions) if action.style == "primary"), 0)
    return tuple(
        replace(action, style="primary" if n == due else "plain") if action.style != "stop" else action
        for n, action in enumerate(actions)
    )


def release_form(visit: Visit, order_id: str, hold: fulfillment.HoldView) -> Form:
    """Return the form that ends a hold."""
    why = Field("reason", "Why may it go on", required=True, maximum=MAX_NOTE)
    address = f"/orders/{order_id}/holds/{hold.id}/release"
    return Form(address, "Release the hold", (why,), "Release the hold", csrf_token=visit.csrf_token)


def _in_house(order: fulfillment.OrderView) -> bool:
    units = order.units
    return not order.terminal and (units.ordered == 0 or units.open > units.shipped)


def _note(visit: Visit, order: fulfillment.OrderView) -> Form:
    text = Field(
        "body", "Note", "textarea", required=True, maximum=MAX_NOTE, hint="Colleagues see it, the customer does not."
    )
    return Form(f"/orders/{order.id}/notes", "Save the note", (text,), "Note", csrf_token=visit.csrf_token)


def _floor(visit: Visit, order: fulfillment.OrderView) -> Iterator[Form]:
    """Yield what a lead may do with an order that is, or could be, on the floor."""
    units, why = order.units, Field("reason", "Why", required=True, maximum=MAX_NOTE)
    if units.promised and all(hold.released_at for hold in order.holds):
        yield Form(f"/orders/{order.id}/release-now", "Release it now", (), "Release", csrf_token=visit.csrf_token)
    if (units.promised or units.allocated) and not order.is_rush:
        intro = "It goes onto a walk under way that has room, else onto the next one that anybody claims."
        yield Form(f"/orders/{order.id}/rush", "Put it first", (why,), "Rush", intro, csrf_token=visit.csrf_token)
    if units.allocated and not (units.picked or units.packed or units.shipped):
        intro = "Nothing of it is picked yet. Its stock stays set aside, and it waits until somebody releases it."
        yield Form(
            f"/orders/{order.id}/pull-back", "Pull it back", (why,), "Pull back", intro, csrf_token=visit.csrf_token
        )


def _hold(visit: Visit, order: fulfillment.OrderView) -> Form:
    fields = (
        Field("kind", "Kind", "select", options=_options(HOLD_WORDS), required=True),
        Field("reason", "Why", required=True, maximum=MAX_NOTE),
    )
    return Form(f"/orders/{order.id}/hold", "Put on hold", fields, "Hold", csrf_token=visit.csrf_token)


def _shortfall(visit: Visit, order: fulfillment.OrderView) -> Form:
    fields = (
        Field("choice", "What becomes of it", "select", options=_options(SHORTFALL_WORDS), required=True),
        Field("reason", "Why", maximum=MAX_NOTE, hint="What is free by now is set aside before."),
    )
    title = "Choose about what lacks"
    return Form(f"/orders/{order.id}/shortfall", "Carry it out", fields, title, csrf_token=visit.csrf_token)


def choice_form(visit: Visit, question: fulfillment.QuestionView) -> Form:
    """Return the form on which an agent answers for the customer."""
    fields = (
        Field("choice", "What the customer wants", "radio", options=choice_options(question), required=True),
        Field("question", "", "hidden", question.id),
    )
    intro = f"{counted(question.quantity, 'unit')} of {question.name} could not be found when they were to be picked."
    action, title = f"/orders/{question.order_id}/choice", "Answer for the customer"
    return Form(action, "Carry it out", fields, title, intro, csrf_token=visit.csrf_token)


def choice_options(question: fulfillment.QuestionView, currency: str = "") -> tuple[Option, ...]:
    """Return what may become of missing units, in the words of a choice."""
    back = f", and get {money(question.refund_minor, currency)} back" if currency and question.refund_minor else ""
    return (
        Option("wait", "Wait for it"),
        Option("substitute", f"Take {question.quantity} {_TIMES} {question.substitute} instead{back}"),
        Option("leave_out", "Leave it out, and send the rest"),
        Option("cancel", "Cancel the whole order"),
    )


def _cancel(visit: Visit, order: fulfillment.OrderView, parcels: Sequence[shipping.ParcelView]) -> Form:
    why = Field("reason", "Why", required=True, maximum=MAX_NOTE)
    return Form(
        f"/orders/{order.id}/cancel", "Cancel the order", (why,), "Cancel", cancel_preview(order, parcels), tone="stop",
        csrf_token=visit.csrf_token,
    )  # fmt: skip


def _return(visit: Visit, order: fulfillment.OrderView) -> Form:
    back = [line for line in order.lines if line.units.delivered > line.units.returned]
    fields = (
        *(
            Field(f"qty_{line.id}", line.name or line.sku, "number", "0", inputmode="numeric",
                  maximum=line.units.delivered - line.units.returned, required=True)
            for line in back
        ),
        Field("reason", "Reason", "select", options=_options(RETURN_WORDS), required=True),
    )  # fmt: skip
    intro = "The return is authorized and gets its label at once."
    return Form(
        f"/orders/{order.id}/returns", "Authorize the return", fields, "Return", intro, csrf_token=visit.csrf_token
    )


def _options(words: dict[str, str]) -> tuple[Option, ...]:
    return (Option("", "Choose"), *(Option(value, label) for value, label in words.items()))
