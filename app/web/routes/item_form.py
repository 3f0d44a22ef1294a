"""Describing an item: a new one, or one that is known."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.items import ItemFormPage
from app.web.faces.shell import Field, Form, Link, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_care import TEMPERATURES
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

router = APIRouter(route_class=PageRoute)
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
_NEW = inventory.ItemDraft("", "", 0, 0, 0, 0)
_MEASURES = {"weight_g": "Weight, g", "length_mm": "Length, mm", "width_mm": "Width, mm", "height_mm": "Height, mm"}
_MOST_DIGITS = 9
"""More than any limit has."""
_FLAGS = {
    "keep_upright": "Keep it upright",
    "fragile": "Fragile",
    "hazmat": "Hazardous goods",
    "lot_tracked": "Units are told apart by lot and last good day",
    "serial_tracked": "Each unit has a serial number",
    "own_container": "Travels in its own container, never in a carton",
    "mailer_ok": "May go into a mailer, a bag without a box",
}


@router.get("/items/new")
def new_item(visit: Writer) -> Response:
    """Show an empty description."""
    return staff_page(visit, _new_page(visit))


@router.post("/items/new")
def add_item(request: Request, visit: Writer, form: Sent) -> Response:
    """Add an item; a SKU that is there already is not written over."""

    def work(uow: UnitOfWork) -> Done:
        tenant_id = form["merchant"] if visit.works_here else visit.actor.tenant
        if not tenant_id:
            raise Invalid("Choose whose item it is.", pointer="/merchant")
        draft = _draft(form, form["sku"].strip())
        if inventory.item_by_sku(uow, tenant_id=tenant_id, sku=draft.sku):
            raise Invalid("This merchant has this SKU already.", remedy="Search for it and edit it.", pointer="/sku")
        ids = inventory.create_items(uow, tenant_id=tenant_id, items=[draft])
        return Done(f"/items/{ids[draft.sku]}", f"{draft.name} is added. Receive it, and it can be sold.")

    return submit(request, visit, form, work, again=lambda: _new_page(visit))


@router.get("/items/{item_id}/edit")
def edit_item(visit: Writer, item_id: str) -> Response:
    """Show an item's description."""
    return staff_page(visit, _edit_page(visit, item_id))


@router.post("/items/{item_id}/edit")
def save_item(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Write the description anew, unless somebody else did so meanwhile."""

    def work(uow: UnitOfWork) -> Done:
        known = inventory.get_item(uow, item_id)
        inventory.update_item(
            uow, tenant_id=known.tenant_id, item_id=item_id, draft=_draft(form, known.sku),
            active=bool(form["active"]), version=form.whole("version"),
        )  # fmt: skip
        return Done(f"/items/{item_id}", "The description is saved.")

    return submit(request, visit, form, work, again=lambda: _edit_page(visit, item_id))


def _draft(form: Submitted, sku: str) -> inventory.ItemDraft:
    grams, length, width, height = (form.whole_or_zero(name) for name in _MEASURES)
    upright, fragile, hazmat, lots, serials, own, mailer = (bool(form[flag]) for flag in _FLAGS)
    return inventory.ItemDraft(
        sku, form["name"].strip(), grams, length, width, height, tuple(form["gtins"].split()), upright, fragile, hazmat,
        lots, form.whole_or_zero("min_shelf_days"), serials, _packs(form["packs"]),
        form["temperature_class"], form.whole_or_none("max_load_g"), own, mailer,
    )  # fmt: skip


def temperature_field(known: str) -> Field:
    """Return the choice how warm something is kept."""
    shown = known or inventory.AMBIENT
    options = tuple(Option(key, words, key == shown) for key, words in TEMPERATURES.items())
    return Field("temperature_class", "Temperature", "select", shown, options=options)


def _packs(text: str) -> tuple[inventory.Pack, ...]:
    packs = []
    for line in filter(str.strip, text.splitlines()):
        barcode, *rest = line.split()
        units = " ".join(rest)
        if not units.isascii() or not units.isdecimal():
            raise Invalid(f"{line.strip()!r} is no case.", remedy="Such as: 14006381333938 12", pointer="/packs")
        packs.append(inventory.Pack(barcode, int(units[:_MOST_DIGITS])))
    return tuple(packs)


def _new_page(visit: Visit) -> ItemFormPage:
    with desk_of(visit) as desk:
        whose = (Option("", "Choose"), *(Option(key, name) for key, name in desk.merchants().items()))
        fields = (
            *((Field("merchant", "Merchant", "select", options=whose, required=True),) if visit.works_here else ()),
            Field("sku", "SKU", required=True, maximum=64, autocomplete="off", hint="It never changes."),
            *_fields(_NEW),
        )
        form = Form("/items/new", "Add it", fields, csrf_token=visit.csrf_token)
        return _page(desk, "Add an item", Link("All items", "/items"), form)


def _edit_page(visit: Visit, item_id: str) -> ItemFormPage:
    with desk_of(visit) as desk:
        known = inventory.get_item(desk.uow, item_id)
        fields = (
            *_fields(known),
            Field("active", "Sold, and taken into stock", "checkbox", checked=known.active),
            Field("version", "Version", "hidden", str(known.version)),
        )
        form = Form(f"/items/{item_id}/edit", "Save", fields, csrf_token=visit.csrf_token)
        return _page(desk, f"Edit {known.sku}", Link(known.name or known.sku, f"/items/{item_id}"), form)


def _page(desk: Desk, heading: str, back: Link, form: Form) -> ItemFormPage:
    return ItemFormPage(desk.frame, desk.shell("/items"), heading, back, form)


def _fields(item: inventory.ItemDraft | inventory.ItemView) -> tuple[Field, ...]:
    packs = "\n".join(f"{pack.gtin} {pack.units}" for pack in item.packs)
    days = str(item.min_shelf_days or "")
    load = "" if item.max_load_g is None else str(item.max_load_g)
    return (
        Field("name", "Name", value=item.name, required=True, maximum=300, autocomplete="off"),
        *(
            Field(name, label, "number", str(getattr(item, name) or ""), inputmode="numeric", maximum=9)
            for name, label in _MEASURES.items()
        ),
        Field("gtins", "Barcodes of one unit", "textarea", "\n".join(item.gtins), "One in each line."),
        Field(
            "packs", "Cases", "textarea", packs, "Barcode and units, one case in each line. Such as: 14006381333938 12"
        ),
        temperature_field(item.temperature_class),
        Field(
            "max_load_g",
            "What may lie on it in a carton, g",
            "number",
            load,
            "Left empty: no limit. 0: nothing may lie on it.",
            inputmode="numeric",
            maximum=9,
        ),
        *(Field(flag, label, "checkbox", checked=getattr(item, flag)) for flag, label in _FLAGS.items()),
        Field("min_shelf_days", "Days left when sold", "number", days, "For items with lots.", inputmode="numeric"),
    )
