from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.importers.fields import minor
from app.web.faces.cartons import CartonChange, CartonRow, CartonsPage
from app.web.faces.shell import Empty, Field, Form, Option, Tone
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_TIMES: Final = " \N{MULTIPLICATION SIGN} "
_KINDS: Final = {
    "received": "Received",
    "counted": "Counted",
    "used": "Packed",
    "given_back": "Given back",
    "found": "Packed, though none was left by the books: count it",
}
_MOST_DIGITS: Final = 8
_MEASURES: Final = {
    "length_mm": "Length inside, mm",
    "width_mm": "Width inside, mm",
    "height_mm": "Height inside, or how thick a mailer may get, mm",
    "tare_g": "Weight when empty, g",
    "max_weight_g": "Greatest weight when filled, g",
}


@router.get("/cartons")
def show(visit: Lead) -> Response:
    """Show how many of each carton there are, which run low, and what changed last."""
    return staff_page(visit, _page(visit))


@router.post("/cartons/receive")
def receive(request: Request, visit: Lead, form: Sent) -> Response:
    """Add cartons that were delivered."""

    def work(uow: UnitOfWork) -> Done:
        site_id, quantity = at_desk(uow, visit).require_site(form["site"]), form.whole_or_zero("quantity")
        shipping.receive_cartons(
            uow, site_id=site_id, carton_code=form["carton"], quantity=quantity, note=form["note"]
        )  # fmt: skip
        return Done("/cartons", f"{counted(quantity, 'carton')} received.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/cartons/count")
def count(request: Request, visit: Lead, form: Sent) -> Response:
    """Say how many of a carton there are."""

    def work(uow: UnitOfWork) -> Done:
        site_id, on_hand = at_desk(uow, visit).require_site(form["site"]), form.whole_or_zero("on_hand")
        shipping.count_cartons(
            uow, site_id=site_id, carton_code=form["carton"], on_hand=on_hand,
            reorder_point=form.whole_or_zero("reorder_point"), tell=form["tell"], note=form["note"],
        )  # fmt: skip
        return Done("/cartons", "The count is saved. Each parcel uses one up.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/cartons/stop")
def stop(request: Request, visit: Lead, form: Sent) -> Response:
    """Count a carton no more."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        shipping.stop_counting_cartons(uow, site_id=site_id, carton_code=form["carton"])
        return Done("/cartons", "It is not counted any more, and is planned whatever is left.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/cartons/describe")
def describe(request: Request, visit: Lead, form: Sent) -> Response:
    """Add a carton or a mailer, or say anew what one is like."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        length, width, height, tare, most = (form.whole_or_zero(name) for name in _MEASURES)
        cost = minor(form["cost"].strip() or "0")
        if cost is None:
            raise Invalid("This is no amount.", remedy="Write such as 0.12.", pointer="/cost")
        draft = shipping.CartonDraft(form["name"], (length, width, height), tare, most, cost, form["kind"])
        shipping.set_carton(uow, site_id=site_id, carton_code=form["code"].strip(), draft=draft)
        return Done("/cartons", f"{draft.name} is saved, and planned from now on.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/cartons/filling")
def fill(request: Request, visit: Lead, form: Sent) -> Response:
    """Say what fills empty room."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        mean, sd = (_grams(form[name], name) for name in ("mean_g_per_l", "sd_g_per_l"))
        shipping.set_dunnage(uow, site_id=site_id, mean_g_per_l=mean, sd_g_per_l=sd)
        return Done("/cartons", f"Parcels are expected with {mean:g} g of filling per liter.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _grams(text: str, name: str) -> float:
    tenths = minor(text.strip() or "0", 1)
    if tenths is None:
        raise Invalid("This is no weight.", remedy="Write such as 6 or 6.5.", pointer=f"/{name}")
    return tenths / 10


def _page(visit: Visit) -> CartonsPage:
    with desk_of(visit) as desk:
        stock = shipping.carton_stock(desk.uow, site_id=desk.site_id)
        names = {each.carton_code: each.carton_name for each in stock}
        people = desk.people()
        changes = tuple(
            _change(each, names, people) for each in shipping.carton_movements(desk.uow, site_id=desk.site_id)
        )
        return CartonsPage(
            frame=desk.frame,
            shell=desk.shell("/board"),
            rows=tuple(_row(desk, each) for each in stock),
            rows_empty=Empty("The site has no cartons.", "Set up its cartons first."),
            changes=changes,
            changes_empty=Empty("No carton was counted yet.", "Count one to see it used up."),
            forms=(*(_forms(desk, stock) if stock else ()), _describe_form(desk), _filling_form(desk)),
        )


def _row(desk: Desk, each: shipping.CartonStock) -> CartonRow:
    words, tone = _state(each)
    sides = _sides(each)
    if each.on_hand is None:
        return CartonRow(each.carton_name, sides, "", "", words, tone)
    advice = (f"Tell {each.tell}" if each.tell else "Order new ones") if each.is_low else ""
    fields = (desk.site_field(), Field("carton", "", "hidden", each.carton_code))
    stop = Form("/cartons/stop", "Count it no more", fields, tone="plain", csrf_token=desk.visit.csrf_token)
    return CartonRow(each.carton_name, sides, f"{each.on_hand:,}", f"{each.reorder_point:,}", words, tone, advice, stop)


def _sides(each: shipping.CartonStock) -> str:
    if not each.is_mailer:
        return f"{_TIMES.join(str(side) for side in each.inner_mm)} mm"
    length, width, bulge = each.inner_mm
    return f"Mailer, {length}{_TIMES}{width} mm flat, up to {bulge} mm thick"


def _state(each: shipping.CartonStock) -> tuple[str, Tone]:
    if each.on_hand is None:
        return "Not counted", "muted"
    if each.on_hand == 0:
        return "Used up, not planned", "stop"
    return ("Runs low", "warn") if each.is_low else ("Enough", "ok")


def _change(each: shipping.CartonMovement, names: Mapping[str, str], people: Mapping[str, str]) -> CartonChange:
    why = ": ".join(filter(None, (_KINDS[each.kind], each.note)))
    who = people.get(each.moved_by, each.moved_by)
    return CartonChange(
        each.moved_at, names.get(each.carton_code, each.carton_code), f"{each.quantity:+,}", why, who, each.on_hand
    )


def _forms(desk: Desk, stock: list[shipping.CartonStock]) -> tuple[Form, ...]:
    token = desk.visit.csrf_token
    known = tuple(Option(each.carton_code, each.carton_name) for each in stock if each.on_hand is not None)
    received = (
        desk.site_field(),
        Field("carton", "Carton", "select", options=known, required=True),
        Field("quantity", "How many came", "number", inputmode="numeric", required=True),
        Field("note", "Delivery", maximum=200, hint="Such as its delivery note."),
    )
    every = tuple(Option(each.carton_code, each.carton_name) for each in stock)
    told = (
        desk.site_field(),
        Field("carton", "Carton", "select", options=every, required=True),
        Field("on_hand", "How many there are", "number", inputmode="numeric", required=True),
        Field("reorder_point", "Runs low at", "number", inputmode="numeric"),
        Field("tell", "Who is told then", maximum=200, hint="Such as: Purchasing, extension 12."),
        Field("note", "Why", maximum=200),
    )
    count = Form("/cartons/count", "Save the count", told, "Count a carton", csrf_token=token)
    receive = Form("/cartons/receive", "Receive", received, "Cartons that came", csrf_token=token)
    return (receive, count) if known else (count,)


def _describe_form(desk: Desk) -> Form:
    kinds = (Option("carton", "Carton"), Option("mailer", "Mailer: a bag for goods that need no box"))
    fields = (
        desk.site_field(),
        Field("kind", "What it is", "select", options=kinds, required=True),
        Field("code", "Code", required=True, maximum=40, hint="As on its shelf. A known one is described anew."),
        Field("name", "Name", required=True, maximum=80),
        *(Field(name, label, "number", inputmode="numeric", required=True) for name, label in _MEASURES.items()),
        Field("cost", "What one costs", inputmode="decimal", hint="Such as 0.12."),
    )
    words = "Mailers are planned for items whose description says that they may go into one."
    return Form(
        "/cartons/describe", "Save", fields, "Add or change one", words, tone="plain", csrf_token=desk.visit.csrf_token
    )


def _filling_form(desk: Desk) -> Form:
    known = shipping.dunnage_of(desk.uow, site_id=desk.site_id)
    taught = known.learned_g_per_l
    words = "Counted in what each parcel should weigh." + (
        "" if taught is None else f" Weighing taught {taught:.1f} g per liter, and that counts."
    )
    fields = (
        desk.site_field(),
        Field(
            "mean_g_per_l", "g per liter of empty room", value=f"{known.mean_g_per_l:g}", required=True,
            inputmode="decimal", hint="Paper is about 6, air cushions about 1.",
        ),
        Field("sd_g_per_l", "give or take", value=f"{known.sd_g_per_l:g}", required=True, inputmode="decimal"),
    )  # fmt: skip
    return Form("/cartons/filling", "Save", fields, "Filling", words, tone="plain", csrf_token=desk.visit.csrf_token)
