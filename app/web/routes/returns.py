from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.web.labels import return_label
from app.web.pages import Chip, Empty, Field, Form, Link, Pager, ReturnRow, ReturnsPage
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.order_forms import RETURN_WORDS
from app.web.routes.return_in_hand import in_hand
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from returns import api as returns

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("returns:read"))]
Inspector = Annotated[Visit, Depends(visitor("returns:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=200)]
_ROWS = 25
_CHIPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Open", ("requested", "authorized", "label_issued", "received")),
    "review": ("Needs a decision", ("requested",)),
    "coming": ("On their way", ("authorized", "label_issued")),
    "bench": ("On the bench", ("received",)),
    "closed": ("Closed", ("closed", "denied", "cancelled", "expired")),
}
_EMPTY = Empty(
    "No return is in this state.", "Customers ask for one on their order's page; scan its label when it arrives."
)


@router.get("/returns")
def list_returns(visit: Viewer, number: Words = "", show: Words = "", cursor: Words = "") -> Response:
    """Show the returns; a number (of the return, its label or its order) leads straight to it."""
    if number.strip():
        with desk_of(visit) as desk:
            found = _by_number(desk.uow, number.strip())
            page = None if found else _page(desk, show, cursor, f"Nothing here has the number {number.strip()}.")
        return RedirectResponse(f"/returns/{found}", status_code=303) if page is None else staff_page(visit, page)
    with desk_of(visit) as desk:
        page = _page(desk, show, cursor)
    return staff_page(visit, page)


@router.get("/returns/{return_id}")
def show_return(visit: Viewer, return_id: str) -> Response:
    """Show one return with what can be done with it now."""
    return staff_page(visit, _page_of_one(visit, return_id))


@router.post("/returns/{return_id}/receive")
def receive(request: Request, visit: Inspector, return_id: str, form: Sent) -> Response:
    """Book what came back."""

    def work(uow: UnitOfWork) -> Done:
        returns.receive_return(uow, return_id=return_id, quantities=form.quantities("qty_"))
        return Done(f"/returns/{return_id}", "Received. Now grade each unit.")

    return submit(request, visit, form, work, again=lambda: _page_of_one(visit, return_id))


@router.post("/returns/{return_id}/grade/{line_id}")
def grade(request: Request, visit: Inspector, return_id: str, line_id: str, form: Sent) -> Response:
    """Grade one received unit, which sends it where its grade says."""
    refused: list[str] = []

    def work(uow: UnitOfWork) -> Done:
        if form["grade"] not in returns.Grade.__members__:
            raise Invalid("Choose a grade from A to D.", pointer="/grade")
        chosen = returns.Grade(form["grade"])
        serial = form["serial"].strip()
        try:
            found = returns.grade_units(
                uow, return_id=return_id, line_id=line_id, quantity=1, grade=chosen, note=form["note"],
                serials=[inventory.serial_in_scan(serial) or serial] if serial else [],
                accept_swap=bool(form["accept_swap"]),
            )  # fmt: skip
        except Refusal as refusal:
            refused.append(refusal.code)
            raise
        closed = found.state == "closed"
        words = f"Graded {chosen.value}." + (" The return is closed, and its refund is instructed." if closed else "")
        return Done("/returns" if closed else f"/returns/{return_id}", words)

    def again() -> ReturnsPage:
        return _page_of_one(visit, return_id, ask_swap=returns.SerialSwap.code in refused)

    return submit(request, visit, form, work, again=again)


@router.post("/returns/{return_id}/close")
def close(request: Request, visit: Inspector, return_id: str, form: Sent) -> Response:
    """Close a return of which not everything came back."""

    def work(uow: UnitOfWork) -> Done:
        returns.close_return(uow, return_id=return_id)
        return Done("/returns", f"Return {return_label(return_id)} is closed.")

    return submit(request, visit, form, work, again=lambda: _page_of_one(visit, return_id))


@router.post("/returns/{return_id}/authorize")
def authorize(request: Request, visit: Inspector, return_id: str, form: Sent) -> Response:
    """Let a return come back, and make its label."""

    def work(uow: UnitOfWork) -> Done:
        returns.authorize_return(uow, return_id=return_id, why=form["reason"] or "Authorized at the desk.")
        returns.issue_return_label(uow, return_id=return_id)
        return Done(f"/returns/{return_id}", "The return is authorized, and its label is made.")

    return submit(request, visit, form, work, again=lambda: _page_of_one(visit, return_id))


@router.post("/returns/{return_id}/deny")
def deny(request: Request, visit: Inspector, return_id: str, form: Sent) -> Response:
    """Refuse a return, with the reason that the customer reads."""

    def work(uow: UnitOfWork) -> Done:
        if not form["reason"]:
            raise Invalid("The customer reads why.", remedy="Write the reason.", pointer="/reason")
        returns.deny_return(uow, return_id=return_id, why=form["reason"])
        return Done(f"/returns/{return_id}", "The return is denied.", "warn")

    return submit(request, visit, form, work, again=lambda: _page_of_one(visit, return_id))


def _by_number(uow: UnitOfWork, number: str) -> str:
    found = returns.return_by_number(uow, number.replace(" ", ""))
    if found:
        return found.id
    orders = fulfillment.find_orders(uow, fulfillment.OrderFilter(search=number), limit=2).items
    of_order = returns.returns_of_order(uow, orders[0].id) if len(orders) == 1 else []
    return of_order[0].id if of_order else ""


def _page(desk: Desk, show: str, cursor: str, error: str = "") -> ReturnsPage:
    chosen = show if show in _CHIPS else ""
    found = returns.find_returns(
        desk.uow, site_id=desk.narrowed_to, states=_CHIPS[chosen][1], limit=_ROWS, cursor=cursor or None
    )
    following = f"/returns?show={chosen}&cursor={found.next}"
    return ReturnsPage(
        frame=desk.frame,
        shell=desk.shell("/returns"),
        scan=_scan_form(error),
        rows=_rows(desk, found.items),
        empty=_EMPTY,
        chips=tuple(
            Chip(words, f"/returns?show={key}" if key else "/returns", selected=key == chosen)
            for key, (words, _) in _CHIPS.items()
        ),
        pager=Pager("", "", following) if found.next else Pager(),
    )


def _page_of_one(visit: Visit, return_id: str, *, ask_swap: bool = False) -> ReturnsPage:
    with desk_of(visit) as desk:
        found = returns.get_return(desk.uow, return_id)
        order = fulfillment.get_order(desk.uow, found.order_id)
        return ReturnsPage(
            frame=desk.frame, shell=desk.shell("/returns"), scan=_scan_form(), rows=_rows(desk, [found]), empty=_EMPTY,
            in_hand=in_hand(desk, found, order, ask_swap=ask_swap),
        )  # fmt: skip


def _scan_form(error: str = "") -> Form:
    field = Field(
        "number", "Number of the return, its label or its order", "search", error=error, required=True, maximum=200
    )
    return Form("/returns", "Find", (field,), method="get")


def _rows(desk: Desk, found: Sequence[returns.ReturnView]) -> tuple[ReturnRow, ...]:
    orders = fulfillment.order_heads(desk.uow, [each.order_id for each in found])
    return tuple(_row(desk.visit, each, orders[each.order_id]) for each in found)


def _row(visit: Visit, each: returns.ReturnView, order: fulfillment.OrderHead) -> ReturnRow:
    reasons = ", ".join(dict.fromkeys(RETURN_WORDS.get(line.reason, line.reason) for line in each.lines))
    where = f"/orders/{order.id}" if visit.may("orders:read") else f"/returns/{each.id}"
    return ReturnRow(
        return_label(each.id), f"/returns/{each.id}", Link(order.external_id, where), each.state.upper(),
        sum(line.announced for line in each.lines), reasons, each.requested_at,
    )  # fmt: skip
