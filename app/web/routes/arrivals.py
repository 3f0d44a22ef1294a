from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.web.addresses import address
from app.web.faces.arrivals import ArrivalPage, ArrivalRow, ArrivalsPage
from app.web.pages import Chip, Empty, Field, Form, Link, Pager
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.arrival_page import arrival_page
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.tracking import local_day
from app.web.wording_orders import midday
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:read"))]
Receiver = Annotated[Visit, Depends(visitor("work:pick", of_the_house=True))]
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=400)]
_ROWS = 50
_CHIPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Open", inventory.OPEN_STATES),
    "receiving": ("Being received", ("receiving",)),
    "closed": ("Closed", ("closed",)),
    "cancelled": ("Cancelled", ("cancelled",)),
}


@router.get("/arrivals")
def list_arrivals(visit: Viewer, q: Words = "", show: Words = "", cursor: Words = "") -> Response:
    """Show what is announced and what came; an arrival's number leads straight to it."""
    chosen = show if show in _CHIPS else ""
    wanted = q.strip()
    with desk_of(visit) as desk:
        found = inventory.find_arrivals(
            desk.uow, site_id=desk.narrowed_to, states=_CHIPS[chosen][1], search=wanted, cursor=cursor, limit=_ROWS,
            latest_first=chosen in ("closed", "cancelled"),
        )  # fmt: skip
        exact = [each.id for each in found.items if each.external_id == wanted]
        if len(exact) == 1:
            return RedirectResponse(f"/arrivals/{exact[0]}", status_code=303)
        page = ArrivalsPage(
            frame=desk.frame,
            shell=desk.shell("/arrivals"),
            search=_search(wanted, chosen),
            chips=tuple(
                Chip(words, address("/arrivals", show=key, q=wanted), selected=key == chosen)
                for key, (words, _) in _CHIPS.items()
            ),
            rows=_rows(desk, found.items),
            empty=_empty(wanted, chosen),
            pager=Pager("", "", address("/arrivals", show=chosen, q=wanted, cursor=found.next))
            if found.next
            else Pager(),
            announce=Link("Announce a delivery", "/arrivals/new") if visit.may("stock:write") else None,
        )
    return staff_page(visit, page)


@router.get("/arrivals/{arrival_id}")
def show_arrival(visit: Viewer, arrival_id: str, location: Words = "", plate: Words = "") -> Response:
    """Show one arrival; `location` and `plate` are where the last units went, and the next ones probably go."""
    return staff_page(visit, arrival_page(visit, arrival_id, location=location, plate=plate))


@router.post("/arrivals/{arrival_id}/receive")
def receive(request: Request, visit: Receiver, arrival_id: str, form: Sent) -> Response:
    """Take in what was scanned, and be ready for the next scan at the same location."""
    refused: list[str] = []

    def work(uow: UnitOfWork) -> Done:
        try:
            if inventory.is_sscc_scan(form["barcode"]) or form["plate"]:
                return _receive_plate(uow, arrival_id, form)
            took = inventory.receive_arrival(
                uow, arrival_id=arrival_id, barcode=form["barcode"], quantity=form.units("quantity"),
                condition=_condition(form["condition"]), location_code=form["location_code"], reason=form["reason"],
                lot=form["lot"].strip(), expires_on=_day(form["expires_on"]),
                serials=inventory.split_serials(form["serials"]),
            )  # fmt: skip
        except Refusal as refusal:
            refused.append(refusal.code)
            raise
        return Done(address(f"/arrivals/{arrival_id}", location=form["location_code"]), _took(uow, took))

    def again() -> ArrivalPage:
        unknown = form["barcode"] if inventory.UnknownBarcode.code in refused else ""
        return arrival_page(
            visit, arrival_id, unknown=unknown, ask_reason=inventory.NotAnnounced.code in refused,
            ask_serials=inventory.SerialsDiffer.code in refused,
        )  # fmt: skip

    return submit(request, visit, form, work, again=again)


@router.post("/arrivals/{arrival_id}/bind")
def bind(
    request: Request, visit: Annotated[Visit, Depends(visitor("stock:write", of_the_house=True))], arrival_id: str,
    form: Sent,
) -> Response:  # fmt: skip
    """Bind a barcode that nothing had to an item of the arrival."""

    def work(uow: UnitOfWork) -> Done:
        arrival = inventory.get_arrival(uow, arrival_id)
        line = next((each for each in arrival.lines if each.item_id == form["item"]), None)
        if line is None:
            raise Invalid("Choose an item of this arrival.", pointer="/item")
        units = form.units("units")
        inventory.bind_barcode(
            uow, tenant_id=arrival.tenant_id, item_id=line.item_id, barcode=form["barcode"], units=units
        )
        return Done(f"/arrivals/{arrival_id}", f"{form['barcode']} is {line.name or line.sku} now. Scan it again.")

    return submit(request, visit, form, work, again=lambda: arrival_page(visit, arrival_id, unknown=form["barcode"]))


@router.post("/arrivals/{arrival_id}/receipts/{receipt_id}/undo")
def undo(request: Request, visit: Receiver, arrival_id: str, receipt_id: str, form: Sent) -> Response:
    """Take a mistaken receipt back."""

    def work(uow: UnitOfWork) -> Done:
        took = inventory.undo_receipt(uow, arrival_id=arrival_id, receipt_id=receipt_id)
        words = f"Undone: {counted(took.quantity, 'unit')} of {took.name} did not come."
        return Done(address(f"/arrivals/{arrival_id}", location=took.location_code), words)

    return submit(request, visit, form, work, again=lambda: arrival_page(visit, arrival_id))


@router.post("/arrivals/{arrival_id}/close")
def close(request: Request, visit: Receiver, arrival_id: str, form: Sent) -> Response:
    """Say that no more will come, if just as much is missing as the person was told."""

    def work(uow: UnitOfWork) -> Done:
        agreed = int(form["missing"]) if form["missing"].isdecimal() else None
        closed = inventory.close_arrival(uow, arrival_id=arrival_id, missing=agreed)
        short = f"{counted(closed.missing, 'unit')} told as missing." if closed.missing else "Nothing is missing."
        words = f"Arrival {closed.external_id} is closed. {short}"
        return Done(f"/arrivals/{arrival_id}", words, "warn" if closed.missing else "ok")

    return submit(request, visit, form, work, again=lambda: arrival_page(visit, arrival_id))


@router.post("/arrivals/{arrival_id}/cancel")
def cancel(request: Request, visit: Writer, arrival_id: str, form: Sent) -> Response:
    """Say that an announced arrival will not come."""

    def work(uow: UnitOfWork) -> Done:
        cancelled = inventory.cancel_arrival(uow, arrival_id=arrival_id)
        return Done("/arrivals", f"Arrival {cancelled.external_id} is cancelled.", "warn")

    return submit(request, visit, form, work, again=lambda: arrival_page(visit, arrival_id))


def _receive_plate(uow: UnitOfWork, arrival_id: str, form: Submitted) -> Done:
    """Take in a plate that was scanned, or units on the plate that is named beside them."""
    whole = inventory.is_sscc_scan(form["barcode"])
    if not whole and _condition(form["condition"]) is not inventory.Condition.GOOD:
        raise Invalid("Damaged units are set aside, on no plate.", remedy="Leave the plate out.", pointer="/plate")
    line = () if whole else (
        inventory.PlateLine(
            form["barcode"], form.units("quantity"), form["lot"], _day(form["expires_on"]),
            inventory.split_serials(form["serials"]),
        ),
    )  # fmt: skip
    plate_id = inventory.receive_plate(
        uow, arrival_id=arrival_id, sscc=form["barcode"] if whole else form["plate"], lines=line,
        location_code=form["location_code"], reason=form["reason"],
    )  # fmt: skip
    head = inventory.get_plate(uow, plate_id).head
    words = f"Plate {head.sscc} is in {head.location_code} with {counted(head.units, 'unit')}."
    onward = {"location": form["location_code"]} | ({} if whole else {"plate": head.sscc})
    return Done(address(f"/arrivals/{arrival_id}", **onward), words)


def _search(q: str, chosen: str) -> Form:
    fields = (
        Field("q", "Number, supplier or SKU", "search", q, maximum=100),
        *((Field("show", "", "hidden", chosen),) if chosen else ()),
    )
    return Form("/arrivals", "Find", fields, method="get")


def _empty(q: str, chosen: str) -> Empty:
    if q:
        return Empty("No arrival matches.", "Try fewer letters, or another state.")
    if chosen:
        return Empty("No arrival is in this state.", "Look at the open ones.")
    return Empty("No arrival is announced.", "Announce one here, by file, or through the interface.")


def _rows(desk: Desk, found: Sequence[inventory.ArrivalHead]) -> tuple[ArrivalRow, ...]:
    names, today = desk.merchants(), local_day(desk.frame)
    return tuple(
        ArrivalRow(
            each.external_id, f"/arrivals/{each.id}", names.get(each.tenant_id, ""), each.supplier,
            midday(each.expected_on, desk.frame.zone),
            each.expected_on < today and each.state in inventory.OPEN_STATES,
            each.state.upper(), each.expected, each.received, each.damaged, each.missing,
        )
        for each in found
    )  # fmt: skip


def _took(uow: UnitOfWork, took: inventory.ArrivalReceiptView) -> str:
    found = inventory.get_arrival(uow, took.arrival_id)
    line = next(each for each in found.lines if each.item_id == took.item_id)
    where = f"into {took.location_code}" if took.location_code else "aside as damaged"
    rest = f"{line.over:,} more than announced." if line.over else "All of it is here."
    rest = f"{line.missing:,} still to come." if line.missing else rest
    return f"{took.quantity:,} \N{MULTIPLICATION SIGN} {took.name} {where}. {rest}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("This is no date.", remedy="Write it as 2027-03-31.", pointer="/expires_on") from None


def _condition(text: str) -> inventory.Condition:
    if text not in set(inventory.Condition):
        raise Invalid("Say whether the units are good or damaged.", pointer="/condition")
    return inventory.Condition(text)
