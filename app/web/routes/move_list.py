from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app.web.addresses import address
from app.web.faces.moves import MoveRow, MovesPage
from app.web.pages import Chip, Column, Empty, Field, Form, Link, Option, Pager
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.move_page import own_rows
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_moves import CAUSES, STATES
from inventory import api as inventory
from kernel.csv_text import csv_line
from kernel.web.paging import MAX_LIMIT, Page

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Words = Annotated[str, Query(max_length=800)]
_ROWS = 50
_LONGEST_ID = 64
_CSV_COLUMNS: Final = (
    "from", "to", "sku", "item", "lot", "merchant", "units", "moved", "cause", "urgent", "why", "state", "wanted_at",
    "closed_at",
)  # fmt: skip
_CHIPS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "": ("To move", inventory.LIVE_MOVES),
    "done": ("Done", ("done",)),
    "cancelled": ("Cancelled", ("cancelled",)),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of the list; the addresses of the page repeat it."""

    query: str = ""
    show: str = ""
    cause: str = ""
    arrival: str = ""
    sort: str = ""

    def address(self, path: str = "/moves", **changes: str) -> str:
        """Return the address of this list, with changes."""
        asked = {
            "q": self.query, "show": self.show, "cause": self.cause, "arrival": self.arrival, "sort": self.sort,
        }  # fmt: skip
        return address(path, **(asked | changes))


def wish(q: Words = "", show: Words = "", cause: Words = "", arrival: Words = "", sort: Words = "") -> Wish:
    """Read the wish from the address."""
    known = sort.removeprefix("-") in inventory.MOVE_SORTS
    return Wish(
        q.strip(), show if show in _CHIPS else "", cause if cause in CAUSES else "", arrival[:_LONGEST_ID],
        sort if known else "",
    )  # fmt: skip


Asked = Annotated[Wish, Depends(wish)]


@router.get("/moves")
def list_moves(visit: Viewer, asked: Asked, cursor: Words = "") -> Response:
    """Show what is to be carried, or what was."""
    with desk_of(visit) as desk:
        if inventory.is_sscc_scan(asked.query):
            return RedirectResponse(address("/plates", q=asked.query), status_code=303)
        page = _list_page(desk, asked, _found(desk, asked, cursor, _ROWS))
    return staff_page(visit, page)


@router.get("/moves.csv")
def download_moves(visit: Viewer, asked: Asked) -> Response:
    """Return the whole list as CSV, as it is read; a cell that a spreadsheet would run is made text."""
    headers = {"content-disposition": 'attachment; filename="moves.csv"'}
    return StreamingResponse(_csv_pieces(visit, asked), media_type="text/csv; charset=utf-8", headers=headers)


def _found(desk: Desk, asked: Wish, cursor: str, limit: int) -> Page[inventory.MoveHead]:
    return inventory.find_moves(
        desk.uow, site_id=desk.narrowed_to, states=_CHIPS[asked.show][1], cause=asked.cause, search=asked.query,
        taken_in=_taken_in(desk, asked.arrival), sort=asked.sort, cursor=cursor, limit=limit,
    )  # fmt: skip


def _taken_in(desk: Desk, arrival_id: str) -> tuple[inventory.TakenIn, ...] | None:
    if not arrival_id:
        return None
    found = inventory.get_arrival(desk.uow, arrival_id)
    return inventory.taken_in(desk.uow, tenant_id=found.tenant_id, arrival_id=arrival_id)


def _list_page(desk: Desk, asked: Wish, found: Page[inventory.MoveHead]) -> MovesPage:
    names, people = desk.merchants(), desk.people()
    return MovesPage(
        frame=desk.frame,
        shell=desk.shell("/moves"),
        filters=_filters(asked),
        chips=_chips(desk, asked),
        columns=_columns(asked),
        rows=tuple(_row(each, names, people) for each in found.items),
        empty=_empty(asked),
        own=own_rows(desk),
        pager=Pager("", "", asked.address(cursor=found.next)) if found.next else Pager(),
        slotting_href="/slotting" if desk.visit.may("work:plan") else "",
        csv_href=asked.address("/moves.csv") if found.items else "",
        arrival=_arrival(desk, asked),
    )


def _row(each: inventory.MoveHead, names: dict[str, str], people: dict[str, str]) -> MoveRow:
    words, tone = STATES[each.state]
    if each.state == "claimed":
        words = f"In hand: {people.get(each.claimed_by, 'somebody')}"
    units = each.remaining if each.state in inventory.LIVE_MOVES else each.moved
    return MoveRow(
        Link(each.from_code, f"/moves/{each.id}"), each.to_code, each.name or each.sku, each.sku, each.lot,
        names.get(each.tenant_id, ""), units, CAUSES[each.cause], each.why, each.urgent, words, tone,
        each.closed_at or each.created_at,
    )  # fmt: skip


def _arrival(desk: Desk, asked: Wish) -> Link | None:
    """The delivery whose goods the list keeps to."""
    if not asked.arrival:
        return None
    found = inventory.get_arrival(desk.uow, asked.arrival)
    return Link(f"Arrival {found.external_id}", f"/arrivals/{found.id}")


def _columns(asked: Wish) -> tuple[Column, ...]:
    sortable = {"From": "from", "Item": "item", "Units": "units", "Since": "since"}
    words = ("From", "To", "Item", "Units", "Merchant", "Why", "State", "Since")
    return tuple(_column(asked, each, sortable.get(each, "")) for each in words)


def _column(asked: Wish, words: str, name: str) -> Column:
    """A heading sorts by its column, the other way round when it does so already."""
    ascending, descending = asked.sort == name, asked.sort == f"-{name}"
    return Column(
        words, numeric=words == "Units",
        sort_href=asked.address(sort=f"-{name}" if ascending else name) if name else "",
        sorted="ascending" if name and ascending else "descending" if name and descending else None,
    )  # fmt: skip


def _chips(desk: Desk, asked: Wish) -> tuple[Chip, ...]:
    waiting = sum(inventory.waiting_moves(desk.uow, site_id=desk.narrowed_to).values())
    return tuple(
        Chip(
            words, asked.address(show=key), selected=key == asked.show, count=None if key or asked.arrival else waiting
        )
        for key, (words, _) in _CHIPS.items()
    )


def _filters(asked: Wish) -> Form:
    causes = tuple(Option(key, words, key == asked.cause) for key, words in CAUSES.items())
    fields = (
        Field("q", "Location, SKU or plate", "search", asked.query, maximum=100),
        Field("cause", "Why", "select", asked.cause, options=(Option("", "Any cause", not asked.cause), *causes)),
        *(
            Field(name, "", "hidden", value)
            for name, value in (("show", asked.show), ("arrival", asked.arrival), ("sort", asked.sort))
            if value
        ),
    )
    return Form("/moves", "Filter", fields, method="get", tone="plain")


def _empty(asked: Wish) -> Empty:
    if asked.query or asked.cause or asked.arrival:
        return Empty("No move matches.", "Take a filter away, or look at another state.")
    if asked.show:
        return Empty("No move is in this state.", "Look at what is to be moved.")
    return Empty(
        "Nothing is to be moved.",
        "They appear here when units lie at a dock or among returns, or a pick face runs low.",
    )


def _csv_pieces(visit: Visit, asked: Wish) -> Iterator[str]:
    """Yield the list piece by piece, each read in a transaction of its own: a slow reader holds none open."""
    yield csv_line(_CSV_COLUMNS)
    cursor = ""
    while True:
        with desk_of(visit) as desk:
            names = desk.merchants()
            found = _found(desk, asked, cursor, MAX_LIMIT)
        yield "".join(csv_line(_csv_cells(each, names)) for each in found.items)
        if found.next is None:
            return
        cursor = found.next


def _csv_cells(each: inventory.MoveHead, names: dict[str, str]) -> tuple[object, ...]:
    closed = each.closed_at.isoformat() if each.closed_at else ""
    return (
        each.from_code, each.to_code, each.sku, each.name, each.lot, names.get(each.tenant_id, ""), each.quantity,
        each.moved, each.cause, "yes" if each.urgent else "no", each.why, each.state, each.created_at.isoformat(),
        closed,
    )  # fmt: skip
