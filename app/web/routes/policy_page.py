from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.desk import Fact
from app.web.faces.order_policy import OrderPolicyPage
from app.web.faces.shell import Field, Form, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_shorts import CONSENT_RULES, NEVER_UNASKED, question_rule
from fulfillment import api as fulfillment
from kernel.access.queries import get_merchant
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
Keeper = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=64)]
_HERE: Final = "/order-policy"
_SHORTAGE: Final = {
    "wait": "An order that lacks stock is taken and waits for it.",
    "refuse": "An order that lacks stock is refused.",
}
_SHORTAGE_CHOICES: Final = {"wait": "It waits", "refuse": "It is refused"}
_CONSENT_CHOICES: Final = {"never": "Never", "agreed": "If the customer agreed", "ask": "Ask the customer"}
_SILENCE_CHOICES: Final = {
    "wait": "Wait", "substitute": "Send the substitute", "leave_out": "Leave it out", "cancel": "Cancel the order",
}  # fmt: skip
_SHORT_CHOICES: Final = {"wait": "Wait for all", "leave_out": "Leave it out", "ship_rest": "Send the rest first"}
_CUSTOMS_CHOICES: Final = {"optional": "Packed all the same", "required": "Not packed until they are known"}
_CUSTOMS: Final = {
    "optional": "They are packed even where HS code or origin are not known, and have no papers then.",
    "required": "They are packed once HS code and origin of all of them are known.",
}
_DANGEROUS: Final = {
    "optional": "They are packed even where the transport document would lack something.",
    "required": "They are packed once UN number, class and quantity of all of them are known.",
}
_SHORT: Final = {
    "wait": "The order waits until all of it is there.",
    "leave_out": "What is missing is cancelled, and the rest goes out.",
    "ship_rest": "The rest goes out at once, and what is missing follows.",
}


@router.get(_HERE)
def show_policy(visit: Viewer, merchant: Words = "") -> Response:
    """Show how a merchant's orders are taken, and let it be changed."""
    return staff_page(visit, _page(visit, merchant))


@router.post(_HERE)
def change_policy(request: Request, visit: Keeper, form: Sent) -> Response:
    """Change how a merchant's orders are taken from now on."""

    def work(uow: UnitOfWork) -> Done:
        merchant = get_merchant(uow, form["merchant"] if visit.works_here else visit.actor.tenant)
        fulfillment.set_order_policy(
            uow, tenant_id=merchant.id, on_shortage=form["on_shortage"], horizon_days=form.whole("horizon_days"),
            version=form.whole("version"),
            when_short=fulfillment.ShortPolicy(
                form["substitutes"], form["on_short"], form.whole("answer_hours"), form["on_silence"]
            ),
            customs_facts=form["customs_facts"], dangerous_facts=form["dangerous_facts"],
        )  # fmt: skip
        return Done(address(_HERE, merchant=merchant.id if visit.works_here else ""), "The rules were changed.")

    return submit(request, visit, form, work, again=lambda: _page(visit, form["merchant"]))


def _page(visit: Visit, merchant_id: str) -> OrderPolicyPage:
    with desk_of(visit) as desk:
        names = desk.merchants()
        chosen = chosen_merchant(desk, names, merchant_id)
        policy = fulfillment.order_policy(desk.uow, chosen)
        return OrderPolicyPage(
            frame=desk.frame,
            shell=desk.shell(_HERE),
            merchant=names[chosen],
            choice=merchant_choice(_HERE, names, chosen) if visit.works_here and len(names) > 1 else None,
            facts=_facts(policy),
            form=_form(visit, chosen, policy) if visit.may("stock:write") else None,
        )


def chosen_merchant(desk: Desk, names: Mapping[str, str], merchant_id: str) -> str:
    """Return whose settings are shown: a merchant's own, else the named one's, else the first by name.

    Raises:
        NotFound: the person sees no such merchant.
    """
    wanted = merchant_id if desk.visit.works_here else desk.visit.actor.tenant
    found = wanted or next(iter(names), "")
    if found not in names:
        raise NotFound("There is no such merchant.", remedy="Choose one of the list.")
    return found


def merchant_choice(here: str, names: Mapping[str, str], chosen: str) -> Form:
    """Return the form with which staff see the settings of another merchant."""
    options = tuple(Option(key, name, key == chosen) for key, name in names.items())
    fields = (Field("merchant", "Merchant", "select", chosen, options=options),)
    return Form(here, "Show", fields, method="get", tone="plain")


def _facts(policy: fulfillment.OrderPolicy) -> tuple[Fact, ...]:
    short = policy.when_short
    question = question_rule(counted(short.answer_hours, "hour"), short.on_silence)
    return (
        Fact("No stock when it is ordered", _SHORTAGE[policy.on_shortage]),
        Fact("Orders for later", f"Stock is set aside {counted(policy.horizon_days, 'day')} ahead."),
        Fact("Another item instead", CONSENT_RULES[short.substitutes]),
        *((Fact("When customers are asked", f"{question} {NEVER_UNASKED}"),) if short.substitutes != "never" else ()),
        Fact("Nothing goes instead", _SHORT[short.on_short]),
        Fact("Goods go abroad", _CUSTOMS[policy.customs_facts]),
        Fact("Hazardous goods go out", _DANGEROUS[policy.dangerous_facts]),
    )


def _form(visit: Visit, merchant_id: str, policy: fulfillment.OrderPolicy) -> Form:
    short = policy.when_short
    fields = (
        _choice("on_shortage", "An order lacks stock", _SHORTAGE_CHOICES, policy.on_shortage),
        _number("horizon_days", "Days ahead that stock is set aside", policy.horizon_days),
        _choice("substitutes", "May another item go out instead?", _CONSENT_CHOICES, short.substitutes),
        _number("answer_hours", "Hours that a customer has to answer", short.answer_hours),
        _choice("on_silence", "Without an answer", _SILENCE_CHOICES, short.on_silence),
        _choice("on_short", "Units are missing and nothing goes instead", _SHORT_CHOICES, short.on_short),
        _choice("customs_facts", "Goods for abroad lack HS code or origin", _CUSTOMS_CHOICES, policy.customs_facts),
        _choice("dangerous_facts", "Hazardous goods lack what carriers ask", _CUSTOMS_CHOICES, policy.dangerous_facts),
        Field("merchant", "", "hidden", merchant_id),
        Field("version", "", "hidden", str(policy.version)),
    )
    intro = "It holds for units that turn out to be missing from now on, and for orders that come in from now on."
    return Form(_HERE, "Save", fields, "Change the rules", intro, csrf_token=visit.csrf_token)


def _choice(name: str, label: str, words: Mapping[str, str], chosen: str) -> Field:
    options = tuple(Option(key, said, key == chosen) for key, said in words.items())
    return Field(name, label, "select", chosen, options=options, required=True)


def _number(name: str, label: str, value: int) -> Field:
    return Field(name, label, "number", str(value), inputmode="numeric", required=True)
