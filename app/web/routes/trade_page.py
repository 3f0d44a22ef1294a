"""What customs and carriers of dangerous goods have to know of an item."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.items import ItemFormPage
from app.web.faces.shell import Field, Form, Link, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Visit, desk_of, visitor
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

router = APIRouter(route_class=PageRoute)
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
_INTRO = (
    "Customs asks for the HS code and the origin of what leaves the customs area. Carriers ask for UN number and"
    " class of dangerous goods; the item itself is kept as hazardous goods then."
)


@router.get("/items/{item_id}/trade")
def show(visit: Writer, item_id: str) -> Response:
    """Show an item's trade facts."""
    return staff_page(visit, _page(visit, item_id))


@router.post("/items/{item_id}/trade")
def save(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Write them anew, unless somebody else changed the item meanwhile."""

    def work(uow: UnitOfWork) -> Done:
        known = inventory.get_item(uow, item_id)
        inventory.set_trade_facts(
            uow, tenant_id=known.tenant_id, item_id=item_id, facts=_facts(form), version=form.whole("version")
        )
        return Done(f"/items/{item_id}", "The trade facts are saved.")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id))


def _facts(form: Submitted) -> inventory.TradeFacts:
    digits = form["un_number"].replace(" ", "").upper()
    return inventory.TradeFacts(
        hs_code=form["hs_code"].replace(" ", "").replace(".", ""),
        country_of_origin=form["country_of_origin"].upper(),
        un_number=f"UN{digits}" if digits.isdecimal() else digits,
        proper_shipping_name=form["proper_shipping_name"],
        hazard_class=form["hazard_class"],
        packing_group=form["packing_group"],
        limited_quantity=bool(form["limited_quantity"]),
        subsidiary_hazards=form["subsidiary_hazards"],
        tunnel_code=form["tunnel_code"],
        net_quantity=form.whole_or_zero("net_quantity"),
        net_unit=form["net_unit"] or "g",
        battery_mark=bool(form["battery_mark"]),
    )


def _page(visit: Visit, item_id: str) -> ItemFormPage:
    with desk_of(visit) as desk:
        item = inventory.get_item(desk.uow, item_id)
        known = inventory.item_trade(desk.uow, item_id)
        form = Form(
            f"/items/{item_id}/trade", "Save", _fields(known.facts, known.version), intro=_INTRO,
            csrf_token=visit.csrf_token,
        )  # fmt: skip
        back = Link(item.name or item.sku, f"/items/{item_id}")
        return ItemFormPage(desk.frame, desk.shell("/items"), f"Trade facts of {item.sku}", back, form)


def _fields(facts: inventory.TradeFacts, version: int) -> tuple[Field, ...]:
    return (
        Field("hs_code", "HS code", value=facts.hs_code, hint="6 to 10 digits.", inputmode="numeric", maximum=20),
        Field(
            "country_of_origin", "Country of origin", value=facts.country_of_origin, hint="Two letters, such as DE.",
            maximum=2, autocomplete="off",
        ),
        Field("un_number", "UN number", value=facts.un_number, hint="Such as UN1950.", maximum=8, autocomplete="off"),
        Field(
            "proper_shipping_name", "Proper shipping name", value=facts.proper_shipping_name, maximum=200,
            hint="Left empty: the item's name.", autocomplete="off",
        ),
        _choice("hazard_class", "Hazard class", inventory.HAZARD_CLASSES, facts.hazard_class),
        _choice("packing_group", "Packing group", inventory.PACKING_GROUPS, facts.packing_group),
        Field(
            "subsidiary_hazards", "Further hazard classes", value=facts.subsidiary_hazards, maximum=40,
            hint="With commas, such as 6.1, 8.", autocomplete="off",
        ),
        _choice("tunnel_code", "Tunnel code", inventory.TUNNEL_CODES, facts.tunnel_code),
        Field(
            "net_quantity", "Dangerous goods in a unit", "number", str(facts.net_quantity or ""),
            "Net, for the transport document.", inputmode="numeric", maximum=8,
        ),
        Field(
            "net_unit", "told in", "select", facts.net_unit,
            options=tuple(Option(unit, unit, unit == facts.net_unit) for unit in inventory.NET_UNITS),
        ),
        Field("limited_quantity", "Travels as limited quantity", "checkbox", checked=facts.limited_quantity),
        Field(
            "battery_mark", "Small batteries with the battery mark (special provision 188)", "checkbox",
            checked=facts.battery_mark,
        ),
        Field("version", "Version", "hidden", str(version)),
    )  # fmt: skip


def _choice(name: str, label: str, values: tuple[str, ...], known: str) -> Field:
    options = (Option("", "None", not known), *(Option(value, value, value == known) for value in values))
    return Field(name, label, "select", known, options=options)
