from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.shell import Empty, Field, Form, Link
from app.web.faces.substitutes import SubstituteRow, SubstitutesPage
from app.web.formats import money
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Visit, desk_of, visitor
from app.web.wording_shorts import CONSENT_RULES, NEVER_UNASKED, question_rule
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.access.queries import get_merchant
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:read"))]
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]


@router.get("/items/{item_id}/substitutes")
def show_substitutes(visit: Viewer, item_id: str) -> Response:
    """Show what may go out instead of an item, and let it be changed."""
    return staff_page(visit, _page(visit, item_id))


@router.post("/items/{item_id}/substitutes")
def change_substitutes(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Say what may go out instead of an item, one a line, the best first."""

    def work(uow: UnitOfWork) -> Done:
        found = fulfillment.set_substitutes(uow, item_id=item_id, drafts=_drafts(form["substitutes"]))
        return Done(f"/items/{item_id}/substitutes", f"There are {counted(len(found), 'substitute')} now.")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id))


@router.post("/items/{item_id}/substitutes/file")
def read_file(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Take the substitutes of many items of this merchant out of CSV."""

    def work(uow: UnitOfWork) -> Done:
        tenant_id = inventory.get_item(uow, item_id).tenant_id
        items = fulfillment.read_substitutes_csv(uow, tenant_id=tenant_id, text=form["csv"])
        return Done(f"/items/{item_id}/substitutes", f"The substitutes of {counted(items, 'item')} were taken.")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id))


@router.get("/items/{item_id}/substitutes.csv")
def download(visit: Viewer, item_id: str) -> Response:
    """Return the substitutes of all items of this merchant."""
    with transaction(visit.actor) as uow:
        text = fulfillment.substitutes_to_csv(uow, inventory.get_item(uow, item_id).tenant_id)
    headers = {"content-disposition": 'attachment; filename="substitutes.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _drafts(text: str) -> list[fulfillment.SubstituteDraft]:
    """Read one substitute a line: its SKU, then by which rule, then its price in minor units, parted by commas."""
    drafts = []
    for line in filter(None, map(str.strip, text.splitlines())):
        sku, rule, price = (*(part.strip() for part in line.split(",")), "", "")[:3]
        try:
            drafts.append(fulfillment.SubstituteDraft(sku, rule or "never_more", fulfillment.minor_price(price)))
        except Invalid as wrong:
            raise Invalid(wrong.detail, remedy=wrong.remedy, pointer="/substitutes") from wrong
    return drafts


def _page(visit: Visit, item_id: str) -> SubstitutesPage:
    with desk_of(visit) as desk:
        item = inventory.get_item(desk.uow, item_id)
        found = fulfillment.substitutes_of(desk.uow, item_id)
        currency = get_merchant(desk.uow, item.tenant_id).currency
        policy = fulfillment.order_policy(desk.uow, item.tenant_id).when_short
        may, token = visit.may("stock:write"), visit.csrf_token
        return SubstitutesPage(
            frame=desk.frame,
            shell=desk.shell("/items"),
            sku=item.sku,
            back=Link(item.name or item.sku, f"/items/{item_id}"),
            rows=tuple(_row(each, currency) for each in found),
            rows_empty=Empty("Nothing may go out instead.", "What is missing waits, or goes as the merchant wants."),
            rule=_rule(policy),
            rule_href=visit.link(address("/order-policy", merchant=item.tenant_id), "orders:read"),
            csv_href=f"/items/{item_id}/substitutes.csv",
            form=_form(item_id, found, token) if may else None,
            file=_file_form(item_id, token) if may else None,
        )


def _row(each: fulfillment.SubstituteView, currency: str) -> SubstituteRow:
    own = "" if each.unit_price_minor is None else money(each.unit_price_minor, currency)
    pays = {
        "same": "The price of what was ordered",
        "lower": f"{own}; only if that is not more than was ordered",
        "never_more": f"{own}, never more than was ordered" if own else "Never more than was ordered",
    }[each.price_rule]
    return SubstituteRow(each.rank, each.sku, each.name or each.sku, f"/items/{each.substitute_id}/substitutes", pays)


def _rule(policy: fulfillment.ShortPolicy) -> str:
    rule = CONSENT_RULES[policy.substitutes]
    if policy.substitutes == "never":
        return rule
    return f"{rule} {question_rule(counted(policy.answer_hours, 'hour'), policy.on_silence)} {NEVER_UNASKED}"


def _form(item_id: str, found: tuple[fulfillment.SubstituteView, ...], token: str) -> Form:
    lines = (
        f"{each.sku}, {each.price_rule}" + ("" if each.unit_price_minor is None else f", {each.unit_price_minor}")
        for each in found
    )
    hint = "The best first, one a line: SKU, then same, lower or never_more, then its price in minor units (1299)."
    fields = (Field("substitutes", "Substitutes", "textarea", "\n".join(lines), hint=hint, maximum=5_000),)
    return Form(f"/items/{item_id}/substitutes", "Save", fields, "Change the substitutes", csrf_token=token)


def _file_form(item_id: str, token: str) -> Form:
    hint = "Its first line is sku,substitute_sku,price_rule,unit_price_minor. Items that it does not name keep theirs."
    fields = (Field("csv", "CSV", "textarea", hint=hint, required=True, maximum=500_000),)
    return Form(f"/items/{item_id}/substitutes/file", "Take it", fields, "Many items at once", csrf_token=token)
