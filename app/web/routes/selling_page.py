from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.selling import PartRow, SafetyRow, SellingPage
from app.web.faces.shell import Empty, Field, Form, Link, Option
from app.web.formats import long_date
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.whole_numbers import read_whole
from inventory import api as inventory
from inventory.api import KitPart, Oversell, SafetyStock
from kernel.access.queries import find_sites
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:read"))]
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
_ANY_CHANNEL, _ANY_SITE = "Every other channel", "Each site"
_POLICIES = {"none": "Not at all", "backorder": "Without an end", "preorder": "Until it is expected"}


@router.get("/items/{item_id}/selling")
def show_selling(visit: Viewer, item_id: str) -> Response:
    """Show by which rules an item is sold, and let them be changed."""
    return staff_page(visit, _page(visit, item_id))


@router.post("/items/{item_id}/selling/safety")
def keep_back(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Set, or without a number of units forget, what one channel must leave."""

    def work(uow: UnitOfWork) -> Done:
        item = inventory.get_item(uow, item_id)
        channel, site_id = form["channel"].strip(), form["at"]
        rules = [
            rule
            for rule in inventory.selling_rules(uow, item_id).safety_stock
            if (rule.channel, rule.site_id) != (channel, site_id)
        ]
        if form["units"].strip():
            rules.append(SafetyStock(form.whole("units"), channel, site_id))
        inventory.set_selling_rules(uow, tenant_id=item.tenant_id, item_id=item_id, safety_stock=rules)
        return Done(f"/items/{item_id}/selling", "The safety stock was changed.")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id))


@router.post("/items/{item_id}/selling/ahead")
def sell_ahead(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Say how far an item is sold ahead."""

    def work(uow: UnitOfWork) -> Done:
        item = inventory.get_item(uow, item_id)
        until = _day(form["until"])
        rule = Oversell(form["policy"], form.whole_or_zero("units"), until)
        inventory.set_selling_rules(uow, tenant_id=item.tenant_id, item_id=item_id, oversell=rule)
        return Done(f"/items/{item_id}/selling", "It was changed how far this is sold ahead.")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id))


@router.post("/items/{item_id}/selling/kit")
def change_kit(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Say of which parts a kit is made; without any, it is a plain item."""

    def work(uow: UnitOfWork) -> Done:
        item = inventory.get_item(uow, item_id)
        parts = _parts(uow, item.tenant_id, form["parts"])
        together = bool(parts) and bool(form["pack_together"])
        inventory.set_selling_rules(uow, tenant_id=item.tenant_id, item_id=item_id, kit=parts, pack_together=together)
        return Done(f"/items/{item_id}/selling", f"This kit has {counted(len(parts), 'different part')} now.")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid("This is not a day.", remedy="Write 2026-12-20.", pointer="/until") from None


def _parts(uow: UnitOfWork, tenant_id: str, text: str) -> list[KitPart]:
    """Read one part a line: its SKU, then how many, 1 if left out."""
    asked = []
    for line in filter(None, map(str.strip, text.splitlines())):
        sku, _, units = line.rpartition(" ")
        asked.append((sku.strip(), read_whole(units, "/parts")) if sku and units.isdecimal() else (line, 1))
    found = inventory.items_by_sku(uow, tenant_id=tenant_id, skus=[sku for sku, _ in asked])
    unknown = [sku for sku, _ in asked if sku not in found]
    if unknown:
        raise Invalid(
            f"There is no item {', '.join(unknown[:5])}.",
            remedy="Write one part a line: its SKU, a space, how many.",
            pointer="/parts",
        )
    return [KitPart(found[sku].id, units) for sku, units in asked]


def _page(visit: Visit, item_id: str) -> SellingPage:
    with desk_of(visit) as desk:
        item = inventory.get_item(desk.uow, item_id)
        rules = inventory.selling_rules(desk.uow, item_id)
        sites = {site.id: site.name for site in find_sites(desk.uow)}
        may = visit.may("stock:write")
        return SellingPage(
            frame=desk.frame,
            shell=desk.shell("/items"),
            sku=item.sku,
            back=Link(item.name or item.sku, f"/items/{item_id}"),
            safety=tuple(
                SafetyRow(rule.channel or _ANY_CHANNEL, sites.get(rule.site_id, _ANY_SITE), rule.units)
                for rule in rules.safety_stock
            ),
            safety_empty=Empty("Every channel may sell the last unit.", "Keep some back with the form."),
            ahead=_ahead(rules.oversell),
            parts=tuple(PartRow(p.sku, p.name or p.sku, f"/items/{p.item_id}", p.quantity) for p in rules.kit),
            parts_empty=Empty("This is no kit.", "Name its parts, and orders of it reserve those."),
            keep=_keep_form(desk, item_id, sites) if may else None,
            oversell=_ahead_form(desk, item_id, rules.oversell) if may else None,
            kit=_kit_form(desk, item_id, rules.kit, together=rules.pack_together) if may else None,
        )


def _ahead(rule: Oversell) -> str:
    if rule.policy == "none":
        return "No unit is sold ahead. Orders that lack stock follow the merchant's own rule."
    words = f"Up to {counted(rule.units, 'unit')} may be sold before they are there"
    return f"{words}, until {long_date(rule.until)}, when they are expected." if rule.until else f"{words}."


def _keep_form(desk: Desk, item_id: str, sites: dict[str, str]) -> Form:
    options = (Option("", _ANY_SITE), *(Option(site_id, name) for site_id, name in sites.items()))
    fields = (
        Field("channel", "Channel", maximum=64, hint="As orders name it. Empty: every channel without its own rule."),
        Field("at", "Site", "select", options=options),
        Field("units", "Units", "number", maximum=8, inputmode="numeric", hint="Empty: forget this rule."),
    )
    action = f"/items/{item_id}/selling/safety"
    return Form(action, "Keep back", fields, "Change the safety stock", csrf_token=desk.visit.csrf_token)


def _ahead_form(desk: Desk, item_id: str, rule: Oversell) -> Form:
    policies = tuple(Option(key, words, selected=key == rule.policy) for key, words in _POLICIES.items())
    fields = (
        Field("policy", "Sell it ahead", "select", rule.policy, options=policies, required=True),
        Field("units", "Units at most", "number", str(rule.units or ""), maximum=8, inputmode="numeric"),
        Field("until", "Expected on", "date", rule.until.isoformat() if rule.until else "", hint="For preorders."),
    )
    action = f"/items/{item_id}/selling/ahead"
    return Form(action, "Save", fields, "Change how far it is sold ahead", csrf_token=desk.visit.csrf_token)


def _kit_form(desk: Desk, item_id: str, parts: tuple[KitPart, ...], *, together: bool) -> Form:
    text = "\n".join(f"{part.sku} {part.quantity}" for part in parts)
    hint = "One part a line: its SKU, a space, how many. Empty: this is no kit."
    fields = (
        Field("parts", "Parts", "textarea", text, hint=hint, maximum=5_000),
        Field("pack_together", "Pack its parts into one carton, if one holds them", "checkbox", checked=together),
    )
    action = f"/items/{item_id}/selling/kit"
    return Form(action, "Save", fields, "Change its parts", csrf_token=desk.visit.csrf_token)
