from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.web.addresses import address
from app.web.faces.plates import ContentRow, PlatePage, PlateRow, PlatesPage
from app.web.faces.shell import Tone
from app.web.labels import person_words
from app.web.pages import Chip, Empty, Fact, Field, Form, Link, Option, Pager
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.quantity import MAX_QUANTITY, counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Carrier = Annotated[Visit, Depends(visitor("work:pick", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=800)]
_ROWS = 50
_STATES: Final[dict[str, tuple[str, Tone]]] = {
    "open": ("In use", "ok"),
    "empty": ("Empty", "muted"),
    "broken": ("Broken up", "muted"),
}
_NAMED = 6


@router.get("/plates")
def list_plates(visit: Viewer, q: Words = "", show: Words = "open", cursor: Words = "") -> Response:
    """Show the plates; a scanned one leads to itself."""
    with desk_of(visit) as desk:
        if inventory.is_sscc_scan(q):
            found = inventory.plate_by_sscc(desk.uow, scan=q, site_id=desk.narrowed_to)
            return RedirectResponse(f"/plates/{found.head.id}", status_code=303)
        page = _list_page(desk, q.strip(), show if show in _STATES else "open", cursor)
    return staff_page(visit, page)


@router.post("/plates")
def open_plate(request: Request, visit: Carrier, form: Sent) -> Response:
    """Take a plate into use: with its sender's SSCC, or with one of ours."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        plate_id = inventory.open_plate(
            uow, tenant_id=form["merchant"], site_id=site_id, location_code=form["location_code"], sscc=form["sscc"]
        )
        return Done(f"/plates/{plate_id}", "The plate is in use. Print its label if it has none.")

    def again() -> PlatesPage:
        with desk_of(visit) as desk:
            return _list_page(desk, "", "open", "")

    return submit(request, visit, form, work, again=again)


@router.get("/plates/{plate_id}")
def show_plate(visit: Viewer, plate_id: str) -> Response:
    """Show one plate."""
    return staff_page(visit, _plate_page(visit, plate_id))


@router.post("/plates/{plate_id}/move")
def move(request: Request, visit: Carrier, plate_id: str, form: Sent) -> Response:
    """Note that a plate was put down elsewhere."""

    def work(uow: UnitOfWork) -> Done:
        came_from = inventory.move_plate(uow, plate_id=plate_id, to_code=form["to_code"])
        way = f"from {came_from} to" if came_from else "to"
        return Done(f"/plates/{plate_id}", f"The plate went {way} {form['to_code']} with everything on it.")

    return submit(request, visit, form, work, again=lambda: _plate_page(visit, plate_id))


@router.post("/plates/{plate_id}/load")
def load(request: Request, visit: Carrier, plate_id: str, form: Sent) -> Response:
    """Put units on a plate."""

    def work(uow: UnitOfWork) -> Done:
        units = form.units("quantity")
        inventory.load_plate(
            uow, plate_id=plate_id, barcode=form["barcode"], quantity=units, lot=form["lot"] or None,
            serials=inventory.split_serials(form["serials"]),
        )  # fmt: skip
        return Done(f"/plates/{plate_id}", f"{form['barcode']} is on the plate.")

    return submit(request, visit, form, work, again=lambda: _plate_page(visit, plate_id))


@router.post("/plates/{plate_id}/nest")
def nest(request: Request, visit: Carrier, plate_id: str, form: Sent) -> Response:
    """Put a plate on another one."""

    def work(uow: UnitOfWork) -> Done:
        parent = inventory.plate_by_sscc(uow, scan=form["parent"], site_id=at_desk(uow, visit).narrowed_to)
        inventory.nest_plate(uow, plate_id=plate_id, parent_id=parent.head.id)
        return Done(f"/plates/{plate_id}", f"It lies on {parent.head.sscc}: both are carried together.")

    return submit(request, visit, form, work, again=lambda: _plate_page(visit, plate_id))


@router.post("/plates/{plate_id}/break")
def break_up(request: Request, visit: Carrier, plate_id: str, form: Sent) -> Response:
    """Break a plate up."""

    def work(uow: UnitOfWork) -> Done:
        inventory.break_plate(uow, plate_id=plate_id)
        return Done(f"/plates/{plate_id}", "What was on it lies loose now.", "warn")

    return submit(request, visit, form, work, again=lambda: _plate_page(visit, plate_id))


def _list_page(desk: Desk, query: str, show: str, cursor: str) -> PlatesPage:
    found = inventory.find_plates(
        desk.uow, site_id=desk.narrowed_to, state=show, search=query, cursor=cursor, limit=_ROWS
    )
    names = desk.merchants()
    fields = (
        Field("q", "Plate, location or SKU", "search", query, maximum=100, first=True),
        Field("show", "", "hidden", show),
    )
    return PlatesPage(
        frame=desk.frame,
        shell=desk.shell("/moves"),
        filters=Form("/plates", "Find", fields, method="get", tone="plain"),
        chips=tuple(
            Chip(words, address("/plates", q=query, show=key), selected=key == show)
            for key, (words, _) in _STATES.items()
        ),
        rows=tuple(_row(each, names) for each in found.items),
        empty=Empty("No plate is here.", "They come with arrivals, or take one into use."),
        open=_open_form(desk, names) if desk.visit.may("work:pick") and desk.site else None,
        pager=Pager("", "", address("/plates", q=query, show=show, cursor=found.next)) if found.next else Pager(),
    )


def _row(each: inventory.PlateHead, names: dict[str, str]) -> PlateRow:
    words, tone = _STATES[each.state]
    note = f"On {each.parent_sscc}" if each.parent_sscc else ""
    return PlateRow(
        Link(each.sscc, f"/plates/{each.id}"), each.location_code, names.get(each.tenant_id, ""), each.items,
        each.units, words, tone, note, each.closed_at or each.created_at,
    )  # fmt: skip


def _open_form(desk: Desk, names: dict[str, str]) -> Form:
    merchants = tuple(Option(key, name) for key, name in sorted(names.items(), key=lambda pair: pair[1]))
    hint = "Leave it empty for one of ours."
    fields = (
        desk.site_field(),
        Field("merchant", "Merchant", "select", required=True, options=merchants),
        Field("sscc", "Scan its SSCC", hint=hint, maximum=64, autocomplete="off"),
        Field("location_code", "Scan where it lies", maximum=32, autocomplete="off"),
    )
    words = "A plate holds goods of one merchant, which are then carried together by one scan."
    return Form("/plates", "Take it into use", fields, "New plate", words, csrf_token=desk.visit.csrf_token)


def _plate_page(visit: Visit, plate_id: str) -> PlatePage:
    with desk_of(visit) as desk:
        found = inventory.get_plate(desk.uow, plate_id)
        head = found.head
        words, tone = _STATES[head.state]
        acts = head.state == "open" and visit.may("work:pick")
        return PlatePage(
            frame=desk.frame,
            shell=desk.shell("/moves"),
            sscc=head.sscc,
            place=head.location_code,
            words=words,
            tone=tone,
            facts=_facts(desk, found),
            contents=tuple(_content(head, each) for each in found.contents),
            empty=Empty("Nothing is on it.", "Put units on it that lie beside it."),
            plates=tuple(
                Link(f"{each.sscc}, {counted(each.units, 'unit')}", f"/plates/{each.id}") for each in found.plates
            ),
            label_href=f"/plates/{head.id}/label.pdf",
            move=_move(visit, head) if acts else None,
            others=_others(visit, head) if acts else (),
        )  # fmt: skip


def _facts(desk: Desk, found: inventory.PlateView) -> tuple[Fact, ...]:
    head = found.head
    arrival = inventory.get_arrival(desk.uow, head.arrival_id) if head.arrival_id else None
    told = (
        ("Merchant", desk.merchants().get(head.tenant_id, ""), ""),
        ("Lies on", head.parent_sscc, ""),
        ("Number", "Ours" if head.own else "Its sender's", ""),
        ("Came with", arrival.external_id if arrival else "", f"/arrivals/{head.arrival_id}"),
        ("Units", f"{head.units:,} of {counted(head.items, 'item')}", ""),
        ("By", person_words(head.created_by, desk.people()), ""),
    )
    return tuple(Fact(label, value, href=href) for label, value, href in told if value)


def _content(head: inventory.PlateHead, each: inventory.PlateContentView) -> ContentRow:
    more = f" and {len(each.serials) - _NAMED} more" if len(each.serials) > _NAMED else ""
    return ContentRow(
        Link(each.name or each.sku, f"/items/{each.item_id}"), each.sku, each.lot,
        each.expires_on.isoformat() if each.expires_on else "", each.quantity,
        f"{', '.join(each.serials[:_NAMED])}{more}", each.sscc if each.sscc != head.sscc else "",
    )  # fmt: skip


def _move(visit: Visit, head: inventory.PlateHead) -> Form:
    fields = (Field("to_code", "Scan where you put it", required=True, maximum=32, autocomplete="off", first=True),)
    return Form(f"/plates/{head.id}/move", "Put down", fields, csrf_token=visit.csrf_token)


def _others(visit: Visit, head: inventory.PlateHead) -> tuple[Form, ...]:
    path, token = f"/plates/{head.id}", visit.csrf_token
    load = (
        Field("barcode", "Scan the item", required=True, maximum=200, autocomplete="off"),
        Field("quantity", "Units", "number", "1", required=True, inputmode="numeric", maximum=MAX_QUANTITY),
        Field("lot", "Lot", maximum=20, autocomplete="off", hint="If several lie there."),
        Field("serials", "Serial numbers", "textarea", maximum=20_000, autocomplete="off", hint="If they have some."),
    )
    parent = (Field("parent", "Scan the other plate", required=True, maximum=64, autocomplete="off"),)
    words = "What is on it lies loose where it is. Its number ends."
    forms = [Form(f"{path}/break", "Break it up", (), "Break the plate up", words, "plain", csrf_token=token)]
    if head.location_code:
        forms[:0] = [
            Form(f"{path}/load", "Put them on it", load, "Put units on it", tone="plain", csrf_token=token),
            Form(f"{path}/nest", "Put it there", parent, "Put it on another plate", tone="plain", csrf_token=token),
        ]
    return tuple(forms)
