from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.web.addresses import address
from app.web.faces.counts import AccuracyRow, CountRow, CountsPage
from app.web.pages import Chip, Column, Empty, Field, Form, Link, Option, Pager
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.count_page import own_rows
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from app.web.wording_counts import CAUSES, STATES, share_words
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from kernel.web.paging import MAX_LIMIT

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Counter = Annotated[Visit, Depends(visitor("work:pick", of_the_house=True))]
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=400)]
_ROWS = 50
_CHIPS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "": ("To count", inventory.TO_COUNT),
    "counted": ("To decide", ("counted",)),
    "approved": ("Booked", ("approved",)),
    "cancelled": ("Cancelled", ("cancelled",)),
}
_CSV_COLUMNS: Final = (
    "location", "sku", "item", "merchant", "cause", "class", "state", "wanted_at", "closed_at", "difference",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of the list; the addresses of the page repeat it."""

    query: str = ""
    show: str = ""
    cause: str = ""
    abc: str = ""

    def address(self, path: str = "/counts", **changes: str) -> str:
        """Return the address of this list, with changes."""
        return address(path, **({"q": self.query, "show": self.show, "cause": self.cause, "abc": self.abc} | changes))


def wish(q: Words = "", show: Words = "", cause: Words = "", abc: Words = "") -> Wish:
    """Read the wish from the address."""
    return Wish(
        q.strip(), show if show in _CHIPS else "", cause if cause in CAUSES else "",
        abc if abc in set(inventory.AbcClass) else "",
    )  # fmt: skip


Asked = Annotated[Wish, Depends(wish)]


@router.get("/counts")
def list_counts(visit: Viewer, asked: Asked, cursor: Words = "") -> Response:
    """Show what is to be counted, or what came of it, and how right the book is."""
    with desk_of(visit) as desk:
        found = inventory.find_counts(
            desk.uow, site_id=desk.narrowed_to, states=_CHIPS[asked.show][1], cause=asked.cause, abc=asked.abc,
            search=asked.query, cursor=cursor, limit=_ROWS,
        )  # fmt: skip
        page = _list_page(desk, asked, found.items, found.next or "")
    return staff_page(visit, page)


@router.get("/counts.csv")
def download_counts(visit: Viewer, asked: Asked) -> Response:
    """Return the whole list as CSV, as it is read; a cell that a spreadsheet would run is made text."""
    headers = {"content-disposition": 'attachment; filename="counts.csv"'}
    return StreamingResponse(_csv_pieces(visit, asked), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/counts/ask")
def ask(request: Request, visit: Lead, form: Sent) -> Response:
    """Have a location, an item, or an item in a location counted."""

    def work(uow: UnitOfWork) -> Done:
        site_id, code = at_desk(uow, visit).require_site(form["site"]), form["location_code"]
        item = _item(uow, site_id, form["barcode"], code) if form["barcode"] else None
        ids = inventory.ask_counts(
            uow, site_id=site_id, tenant_id=item.tenant_id if item else "", location_code=code,
            item_id=item.id if item else "", reason=form["reason"],
        )  # fmt: skip
        return Done("/counts", f"{counted(len(ids), 'bin')} to count.")

    return submit(request, visit, form, work, again=lambda: _again(visit))


@router.post("/counts/zero-check")
def zero_check(request: Request, visit: Counter, form: Sent) -> Response:
    """Take note of a bin that is empty, or is not, against what was expected."""

    def work(uow: UnitOfWork) -> Done:
        site_id, code = at_desk(uow, visit).require_site(form["site"]), form["location_code"]
        if form["seen"] not in ("empty", "units"):
            raise Invalid("Say whether the bin is empty.", pointer="/seen")
        item = _item(uow, site_id, form["barcode"], code)
        ids = inventory.report_zero_check(
            uow, tenant_id=item.tenant_id, site_id=site_id, item_id=item.id, location_code=code,
            is_empty=form["seen"] == "empty",
        )  # fmt: skip
        if not ids:
            return Done("/counts", f"{code} is as the book says. Thank you.")
        return Done(f"/counts/{ids[0]}", f"{code} is to be counted. Thank you for looking.", "warn")

    return submit(request, visit, form, work, again=lambda: _again(visit))


@router.post("/counts/zero-check-setting")
def set_zero_checks(request: Request, visit: Lead, form: Sent) -> Response:
    """Have the pickers of a site asked about the bins that they empty, or not."""

    def work(uow: UnitOfWork) -> Done:
        on = form["zero_checks"] == "on"
        fulfillment.set_zero_checks(uow, site_id=at_desk(uow, visit).require_site(form["site"]), on=on)
        return Done("/counts", "Pickers are asked at each bin that they empty." if on else "Pickers are not asked.")

    return submit(request, visit, form, work, again=lambda: _again(visit))


def _item(uow: UnitOfWork, site_id: str, barcode: str, location_code: str) -> inventory.ItemView:
    return inventory.item_to_count(uow, site_id=site_id, barcode=barcode, location_code=location_code)


def _again(visit: Visit) -> CountsPage:
    with desk_of(visit) as desk:
        found = inventory.find_counts(desk.uow, site_id=desk.narrowed_to, states=inventory.TO_COUNT, limit=_ROWS)
        return _list_page(desk, Wish(), found.items, found.next or "")


def _list_page(desk: Desk, asked: Wish, rows: Sequence[inventory.CountHead], following: str) -> CountsPage:
    names = desk.merchants()
    return CountsPage(
        frame=desk.frame,
        shell=desk.shell("/counts"),
        filters=_filters(asked),
        chips=_chips(desk, asked),
        columns=_columns(desk, asked),
        rows=tuple(_row(each, names) for each in rows),
        empty=_empty(asked),
        accuracy=_accuracy(desk),
        accuracy_empty=Empty("Nothing was counted in the last 90 days.", "The figures appear with the first count."),
        own=own_rows(desk),
        actions=_actions(desk),
        csv_href=asked.address("/counts.csv") if rows else "",
        pager=Pager("", "", asked.address(cursor=following)) if following else Pager(),
    )


def _row(each: inventory.CountHead, names: dict[str, str]) -> CountRow:
    words, tone = STATES[each.state]
    return CountRow(
        Link(each.location_code, f"/counts/{each.id}"), each.name or each.sku, each.sku, names.get(each.tenant_id, ""),
        CAUSES[each.cause], each.abc, each.frozen, words, tone, each.closed_at or each.created_at, each.difference,
    )  # fmt: skip


def _chips(desk: Desk, asked: Wish) -> tuple[Chip, ...]:
    waiting = inventory.waiting_counts(desk.uow, site_id=desk.narrowed_to)
    numbers = {
        key: sum(waiting[state] for state in states)
        for key, (_, states) in _CHIPS.items()
        if set(states) <= waiting.keys()
    }
    return tuple(
        Chip(words, asked.address(show=key), selected=key == asked.show, count=numbers.get(key))
        for key, (words, _) in _CHIPS.items()
    )


def _columns(desk: Desk, asked: Wish) -> tuple[Column, ...]:
    """The difference is shown where there is one, to those who may see it."""
    words = ("Location", "Item", "Merchant", "Why", "Class", "State", "Booked" if asked.show == "approved" else "Since")
    figures = asked.show == "approved" and inventory.sees_figures(desk.visit.actor)
    return (*(Column(each) for each in words), *((Column("Difference", numeric=True),) if figures else ()))


def _filters(asked: Wish) -> Form:
    causes = tuple(Option(key, words, key == asked.cause) for key, words in CAUSES.items())
    classes = tuple(Option(each.value, each.value, each.value == asked.abc) for each in inventory.AbcClass)
    fields = (
        Field("q", "Location or SKU", "search", asked.query, maximum=100),
        Field("cause", "Why", "select", asked.cause, options=(Option("", "Any cause", not asked.cause), *causes)),
        Field("abc", "Class", "select", asked.abc, options=(Option("", "Any class", not asked.abc), *classes)),
        *((Field("show", "", "hidden", asked.show),) if asked.show else ()),
    )
    return Form("/counts", "Filter", fields, method="get", tone="plain")


def _empty(asked: Wish) -> Empty:
    if asked.query or asked.cause or asked.abc:
        return Empty("No count matches.", "Take a filter away, or look at another state.")
    if asked.show:
        return Empty("No count is in this state.", "Look at what is to be counted.")
    return Empty(
        "Nothing is to be counted.", "Bins appear here after a short pick, when their time has come, or when asked for."
    )


def _accuracy(desk: Desk) -> tuple[AccuracyRow, ...]:
    now = desk.uow.now
    report = inventory.count_accuracy(desk.uow, since=now - inventory.ABC_LOOKBACK, until=now, site_id=desk.narrowed_to)
    if not report.total.counts:
        return ()
    parts = [(f"Class {each.abc}", each) for each in report.parts]
    return tuple(
        AccuracyRow(name, each.counts, share_words(each.count_share), share_words(each.unit_share))
        for name, each in (*parts, ("All", report.total))
    )


def _actions(desk: Desk) -> tuple[Form, ...]:
    if desk.site is None:
        return ()
    visit, place = desk.visit, Field("location_code", "Location", maximum=32, autocomplete="off")
    forms = []
    if visit.may("work:pick"):
        seen = (Option("empty", "It is empty"), Option("units", "Units are in it"))
        fields = (
            desk.site_field(),
            Field("location_code", "Location", required=True, maximum=32, autocomplete="off"),
            Field("barcode", "Barcode or SKU", required=True, maximum=200, autocomplete="off"),
            Field("seen", "What do you see?", "radio", required=True, options=seen),
        )
        words = "When the book says otherwise, the bin is counted. Nobody is blamed."
        forms.append(
            Form(
                "/counts/zero-check", "Report it", fields, "Zero check", words, tone="plain",
                csrf_token=visit.csrf_token,
            )
        )  # fmt: skip
    if visit.may("work:plan"):
        fields = (
            desk.site_field(), place, Field("barcode", "Barcode or SKU", maximum=200, autocomplete="off"),
            Field("reason", "Why?", required=True, maximum=200, autocomplete="off"),
        )  # fmt: skip
        words = "A location, an item wherever it lies at this site, or an item in one location."
        forms.append(
            Form("/counts/ask", "Have it counted", fields, "Ask for a count", words, csrf_token=visit.csrf_token)
        )
        forms.append(_zero_check_setting(desk))
    return tuple(forms)


def _zero_check_setting(desk: Desk) -> Form:
    on = desk.site is not None and fulfillment.asks_zero_checks(desk.uow, desk.site.id)
    fields = (desk.site_field(), Field("zero_checks", "", "hidden", "off" if on else "on"))
    words = "Who takes the last unit out of a bin by the book is asked at once, on the handheld, whether it is empty."
    return Form(
        "/counts/zero-check-setting", "Ask no more" if on else "Ask pickers",
        fields, f"Zero checks: {'on' if on else 'off'}", words, tone="plain", csrf_token=desk.visit.csrf_token,
    )  # fmt: skip


def _csv_pieces(visit: Visit, asked: Wish) -> Iterator[str]:
    """Yield the list piece by piece, each read in a transaction of its own: a slow reader holds none open."""
    yield csv_line(_CSV_COLUMNS)
    cursor = ""
    while True:
        with desk_of(visit) as desk:
            names = desk.merchants()
            found = inventory.find_counts(
                desk.uow, site_id=desk.narrowed_to, states=_CHIPS[asked.show][1], cause=asked.cause, abc=asked.abc,
                search=asked.query, cursor=cursor, limit=MAX_LIMIT,
            )  # fmt: skip
        yield "".join(csv_line(_csv_cells(each, names)) for each in found.items)
        if found.next is None:
            return
        cursor = found.next


def _csv_cells(each: inventory.CountHead, names: dict[str, str]) -> tuple[object, ...]:
    closed = each.closed_at.isoformat() if each.closed_at else ""
    return (
        each.location_code, each.sku, each.name, names.get(each.tenant_id, ""), each.cause, each.abc, each.state,
        each.created_at.isoformat(), closed, "" if each.difference is None else each.difference,
    )  # fmt: skip
