"""One location: what lies there, what is to be done and what happened, and what it is and bears."""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.locations import InsideRow, LocationFormPage, LocationPage, PassedRow, TaskRow
from app.web.labels import person_words
from app.web.pages import Empty, Fact, Field, Form, Link, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.item_form import temperature_field
from app.web.routes.location_list import Viewer, where_words
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from app.web.wording_care import TEMPERATURES
from app.web.wording_counts import CAUSES as COUNT_CAUSES
from app.web.wording_counts import STATES as COUNT_STATES
from app.web.wording_locations import KINDS, used_room, used_weight
from app.web.wording_moves import CAUSES as MOVE_CAUSES
from app.web.wording_moves import STATES as MOVE_STATES
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_TEXTS: Final = {"zone": "Zone", "aisle": "Aisle", "bay": "Bay", "level": "Level"}
_NUMBERS: Final = {
    "x_mm": "Place on the floor, x in mm",
    "y_mm": "Place on the floor, y in mm",
    "max_weight_g": "Weight that it bears, g",
    "max_volume_mm3": "Room in it, mm³",
}
_LONGEST_NUMBER = 15
_MOST = 10**_LONGEST_NUMBER - 1


@router.get("/locations/new")
def new_location(visit: Lead) -> Response:
    """Show the form of a location that is to be added."""
    return staff_page(visit, _form_page(visit))


@router.post("/locations/new")
def add_location(request: Request, visit: Lead, form: Sent) -> Response:
    """Add a location; a code that is known is not written over."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        draft = _draft(form, form["code"])
        added = inventory.add_location(uow, site_id=site_id, draft=draft)
        return Done(f"/locations/{added}", f"{draft.code} is added.")

    return submit(request, visit, form, work, again=lambda: _form_page(visit))


@router.get("/locations/{location_id}")
def show_location(visit: Viewer, location_id: str) -> Response:
    """Show a location."""
    with desk_of(visit) as desk:
        head = _here(desk, location_id)
        inside = inventory.stock_at(desk.uow, site_id=head.site_id, location_code=head.code)
        names, people = desk.merchants(), desk.people()
        page = LocationPage(
            frame=desk.frame,
            shell=desk.shell("/locations"),
            code=head.code,
            kind=KINDS[head.kind],
            is_frozen=head.is_frozen,
            facts=_facts(head),
            inside=tuple(_inside(each, names) for each in inside),
            inside_empty=Empty("Nothing lies here.", "Units appear here when they are received or moved."),
            tasks=(*_counts(desk, head), *_moves(desk, head)),
            tasks_empty=Empty("Nothing is to be done here.", "Counts and moves of this location appear here."),
            passed=tuple(
                _passed(each, people) for each in inventory.location_movements(desk.uow, location_id)
            ),
            passed_empty=Empty("Nothing happened here yet.", "Every receipt, pick, move and count is listed here."),
            edit_href=f"/locations/{location_id}/edit" if visit.may("work:plan") else "",
        )  # fmt: skip
    return staff_page(visit, page)


@router.get("/locations/{location_id}/edit")
def edit_location(visit: Lead, location_id: str) -> Response:
    """Show what a location is and bears, to be changed."""
    return staff_page(visit, _form_page(visit, location_id))


@router.post("/locations/{location_id}/edit")
def save_location(request: Request, visit: Lead, location_id: str, form: Sent) -> Response:
    """Change what a location is and bears; its code stays, it is on the shelf."""

    def work(uow: UnitOfWork) -> Done:
        head = _here(at_desk(uow, visit), location_id)
        inventory.store_locations(uow, site_id=head.site_id, drafts=[_draft(form, head.code)])
        return Done(f"/locations/{location_id}", f"{head.code} is changed.")

    return submit(request, visit, form, work, again=lambda: _form_page(visit, location_id))


def _here(desk: Desk, location_id: str) -> inventory.LocationHead:
    head = inventory.get_location(desk.uow, location_id)
    if desk.visit.actor.site and head.site_id != desk.visit.actor.site:
        raise Forbidden("This location is at another site.", remedy="Ask who works there.")
    return head


def _facts(head: inventory.LocationHead) -> tuple[Fact, ...]:
    told = (
        ("Where", where_words(head)),
        ("Weight", used_weight(head.weight_g, head.max_weight_g) or "none"),
        ("Room", used_room(head.volume_mm3, head.max_volume_mm3) or "none"),
        ("Kept", TEMPERATURES[head.temperature_class]),
        ("Hazardous goods", "allowed" if head.hazmat_ok else "not allowed"),
    )
    return tuple(Fact(label, words) for label, words in told if words)


def _inside(each: inventory.BinView, names: dict[str, str]) -> InsideRow:
    return InsideRow(
        Link(each.name or each.sku, f"/items/{each.item_id}"), each.sku, names.get(each.tenant_id, ""), each.lot,
        each.expires_on, each.quantity, each.allocated, each.frozen,
    )  # fmt: skip


def _passed(each: inventory.LocationMovement, people: dict[str, str]) -> PassedRow:
    reason = each.reason.replace("_", " ").replace(":", ": ")
    return PassedRow(
        each.at, Link(each.name or each.sku, f"/items/{each.item_id}"), each.quantity,
        f"{reason[:1].upper()}{reason[1:]}", each.other, person_words(each.actor, people),
    )  # fmt: skip


def _counts(desk: Desk, head: inventory.LocationHead) -> Iterator[TaskRow]:
    found = inventory.find_counts(desk.uow, site_id=head.site_id, states=inventory.LIVE_COUNTS, search=head.code)
    for each in found.items:
        if each.location_code == head.code:
            words, tone = COUNT_STATES[each.state]
            what = f"{each.name or each.sku}: {COUNT_CAUSES[each.cause].lower()}"
            yield TaskRow(Link("Count", f"/counts/{each.id}"), words, tone, what, each.created_at)


def _moves(desk: Desk, head: inventory.LocationHead) -> Iterator[TaskRow]:
    for each in inventory.find_moves(desk.uow, site_id=head.site_id, search=head.code).items:
        if head.code in (each.from_code, each.to_code):
            words, tone = MOVE_STATES[each.state]
            way = f"{each.from_code} to {each.to_code or 'a free place'}"
            what = f"{each.remaining:,} {each.name or each.sku}, {way}"
            yield TaskRow(Link(MOVE_CAUSES[each.cause], f"/moves/{each.id}"), words, tone, what, each.created_at)


def _form_page(visit: Visit, location_id: str = "") -> LocationFormPage:
    with desk_of(visit) as desk:
        head = _here(desk, location_id) if location_id else None
        code = Field("code", "Code", required=True, maximum=32, autocomplete="off", hint="As on the shelf's label.")
        fields = (*(() if head else (desk.site_field(), code)), *_fields(head or inventory.LocationDraft("")))
        back = Link(head.code, f"/locations/{head.id}") if head else Link("All locations", "/locations")
        action = f"/locations/{location_id}/edit" if head else "/locations/new"
        return LocationFormPage(
            desk.frame, desk.shell("/locations"), f"Change {head.code}" if head else "Add a location",
            Form(action, "Save" if head else "Add it", fields, csrf_token=visit.csrf_token), back,
        )  # fmt: skip


def _fields(known: inventory.LocationHead | inventory.LocationDraft) -> tuple[Field, ...]:
    kinds = tuple(Option(key, words, key == known.kind) for key, words in KINDS.items())
    return (
        Field("kind", "Kind", "select", known.kind, options=kinds, required=True),
        *(
            Field(name, label, value=str(getattr(known, name)), maximum=20, autocomplete="off")
            for name, label in _TEXTS.items()
        ),
        *(
            Field(
                name, label, value=str(getattr(known, name) or ""), inputmode="numeric", maximum=_LONGEST_NUMBER,
                autocomplete="off", hint="" if name.endswith("_mm") else "Empty when nobody knows.",
            )
            for name, label in _NUMBERS.items()
        ),
        temperature_field(known.temperature_class),
        Field("hazmat_ok", "Hazardous goods may lie here", "checkbox", checked=known.hazmat_ok),
    )  # fmt: skip


def _draft(form: Submitted, code: str) -> inventory.LocationDraft:
    zone, aisle, bay, level = (form[name] for name in _TEXTS)
    x, y, grams, volume = (form.whole_or_zero(name, least=-_MOST, most=_MOST) for name in _NUMBERS)
    return inventory.LocationDraft(
        code,
        form["kind"],
        zone,
        aisle,
        bay,
        level,
        x,
        y,
        grams,
        volume,
        bool(form["hazmat_ok"]),
        form["temperature_class"],
    )
