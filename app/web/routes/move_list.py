from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response

from app.web.addresses import address
from app.web.faces.moves import MoveRow, MovesPage
from app.web.pages import Chip, Empty, Field, Form, Link, Option, Pager
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.move_page import own_rows
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_moves import CAUSES, STATES
from inventory import api as inventory
from kernel.web.paging import Page

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Words = Annotated[str, Query(max_length=800)]
_ROWS = 50
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

    def address(self, **changes: str) -> str:
        """Return the address of this list, with changes."""
        return address("/moves", **({"q": self.query, "show": self.show, "cause": self.cause} | changes))


def wish(q: Words = "", show: Words = "", cause: Words = "") -> Wish:
    """Read the wish from the address."""
    return Wish(q.strip(), show if show in _CHIPS else "", cause if cause in CAUSES else "")


Asked = Annotated[Wish, Depends(wish)]


@router.get("/moves")
def list_moves(visit: Viewer, asked: Asked, cursor: Words = "") -> Response:
    """Show what is to be carried, or what was."""
    with desk_of(visit) as desk:
        if inventory.is_sscc_scan(asked.query):
            return RedirectResponse(address("/plates", q=asked.query), status_code=303)
        found = inventory.find_moves(
            desk.uow, site_id=desk.narrowed_to, states=_CHIPS[asked.show][1], cause=asked.cause, search=asked.query,
            cursor=cursor, limit=_ROWS,
        )  # fmt: skip
        page = _list_page(desk, asked, found)
    return staff_page(visit, page)


def _list_page(desk: Desk, asked: Wish, found: Page[inventory.MoveHead]) -> MovesPage:
    names, people = desk.merchants(), desk.people()
    return MovesPage(
        frame=desk.frame,
        shell=desk.shell("/moves"),
        filters=_filters(asked),
        chips=_chips(desk, asked),
        rows=tuple(_row(each, names, people) for each in found.items),
        empty=_empty(asked),
        own=own_rows(desk),
        pager=Pager("", "", asked.address(cursor=found.next)) if found.next else Pager(),
        slotting_href="/slotting" if desk.visit.may("work:plan") else "",
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


def _chips(desk: Desk, asked: Wish) -> tuple[Chip, ...]:
    waiting = sum(inventory.waiting_moves(desk.uow, site_id=desk.narrowed_to).values())
    return tuple(
        Chip(words, asked.address(show=key), selected=key == asked.show, count=None if key else waiting)
        for key, (words, _) in _CHIPS.items()
    )


def _filters(asked: Wish) -> Form:
    causes = tuple(Option(key, words, key == asked.cause) for key, words in CAUSES.items())
    fields = (
        Field("q", "Location, SKU or plate", "search", asked.query, maximum=100),
        Field("cause", "Why", "select", asked.cause, options=(Option("", "Any cause", not asked.cause), *causes)),
        *((Field("show", "", "hidden", asked.show),) if asked.show else ()),
    )
    return Form("/moves", "Filter", fields, method="get", tone="plain")


def _empty(asked: Wish) -> Empty:
    if asked.query or asked.cause:
        return Empty("No move matches.", "Take a filter away, or look at another state.")
    if asked.show:
        return Empty("No move is in this state.", "Look at what is to be moved.")
    return Empty(
        "Nothing is to be moved.",
        "They appear here when units lie at a dock or among returns, or a pick face runs low.",
    )
