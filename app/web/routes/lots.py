from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.lots import LotOrder, LotPage, LotPlace, LotRow, LotsPage
from app.web.formats import long_date
from app.web.pages import Chip, Empty, Fact, Field, Form, Link, Pager, Tone
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.tracking import local_day
from fulfillment.api import OrderHead, order_heads
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:read"))]
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=400)]
_ROWS = 50
_SOON = timedelta(days=30)
_CHIPS = {"": "In stock", "soon": "Sold for 30 days at most", "all": "All"}


@router.get("/lots")
def list_lots(visit: Viewer, q: Words = "", show: Words = "", cursor: Words = "") -> Response:
    """Show lots, the first to expire first."""
    chosen, wanted = show if show in _CHIPS else "", q.strip()
    with desk_of(visit) as desk:
        today = local_day(desk.frame)
        found = inventory.find_lots(
            desk.uow, site_id=desk.narrowed_to, search=wanted, in_stock=chosen != "all", cursor=cursor, limit=_ROWS,
            expiring_by=today + _SOON if chosen == "soon" else None,
        )  # fmt: skip
        page = LotsPage(
            frame=desk.frame,
            shell=desk.shell("/lots"),
            search=_search(wanted, chosen),
            chips=tuple(
                Chip(words, address("/lots", show=key, q=wanted), selected=key == chosen)
                for key, words in _CHIPS.items()
            ),
            rows=tuple(_row(desk, each, today) for each in found.items),
            empty=_empty(wanted, chosen),
            pager=Pager("", "", address("/lots", show=chosen, q=wanted, cursor=found.next)) if found.next else Pager(),
        )
    return staff_page(visit, page)


@router.get("/items/{item_id}/lots")
def show_lot(visit: Viewer, item_id: str, lot: Words) -> Response:
    """Show where a lot lies, and which orders were given some of it."""
    return staff_page(visit, _page(visit, item_id, lot))


@router.post("/items/{item_id}/lots/block")
def block(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Take a lot off all shelves, and let none be taken in any more."""

    def work(uow: UnitOfWork) -> Done:
        item, lot = inventory.get_item(uow, item_id), form["lot"]
        units = inventory.block_lot(uow, tenant_id=item.tenant_id, item_id=item_id, lot=lot, reason=form["reason"])
        words = f"Lot {lot} is blocked. {counted(units, 'unit')} left what can be sold: take them off their shelves."
        return Done(address(f"/items/{item_id}/lots", lot=lot), words, "warn")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id, form["lot"]))


@router.post("/items/{item_id}/lots/unblock")
def unblock(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Let a lot be taken in again."""

    def work(uow: UnitOfWork) -> Done:
        item, lot = inventory.get_item(uow, item_id), form["lot"]
        inventory.unblock_lot(uow, tenant_id=item.tenant_id, item_id=item_id, lot=lot)
        words = f"Lot {lot} can be taken in again. What was set aside stays in quarantine."
        return Done(address(f"/items/{item_id}/lots", lot=lot), words)

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id, form["lot"]))


def _search(q: str, chosen: str) -> Form:
    fields = (
        Field("q", "Lot, SKU or name", "search", q, maximum=100),
        *((Field("show", "", "hidden", chosen),) if chosen else ()),
    )
    return Form("/lots", "Find", fields, method="get")


def _empty(q: str, chosen: str) -> Empty:
    if q:
        return Empty("No lot matches.", "Try fewer letters, or look at all lots.")
    if chosen == "soon":
        return Empty("Nothing gets too old within 30 days.", "Look at the lots in stock.")
    return Empty("No lot is in stock.", "Have an item tracked by lot, and receive it with the lot on its print.")


def _row(desk: Desk, head: inventory.LotHead, today: date) -> LotRow:
    words, tone = _verdict(head, today)
    return LotRow(
        head.lot, address(f"/items/{head.item_id}/lots", lot=head.lot), head.name or head.sku, head.sku,
        desk.merchants().get(head.tenant_id, "") if desk.visit.works_here else "", head.quantity,
        long_date(head.expires_on), long_date(head.sell_by), words, tone,
    )  # fmt: skip


def _verdict(head: inventory.LotHead, today: date) -> tuple[str, Tone]:
    if head.blocked:
        return "Blocked", "stop"
    if head.sell_by is None:
        return "No date", "plain"
    left = (head.sell_by - today).days
    if left < 0:
        return "Too old to be sold", "stop"
    words = f"Sold for {counted(left, 'more day')}" if left else "Sold today for the last time"
    return words, "warn" if left <= _SOON.days else "ok"


def _page(visit: Visit, item_id: str, lot: str) -> LotPage:
    with desk_of(visit) as desk:
        found = inventory.get_lot(desk.uow, item_id=item_id, lot=lot)
        head = found.head
        heads = order_heads(desk.uow, [each.order_id for each in found.recipients])
        words, tone = _verdict(head, local_day(desk.frame))
        return LotPage(
            frame=desk.frame,
            shell=desk.shell("/lots"),
            lot=lot,
            item=Link(head.name or head.sku, f"/items/{item_id}"),
            sku=head.sku,
            words=words,
            tone=tone,
            facts=_facts(desk, head),
            places=tuple(LotPlace(each.location_code, each.quantity, each.allocated) for each in found.bins),
            places_empty=Empty("It lies in no bin.", "Units in quarantine are shown on the item's page."),
            orders=tuple(_order(each, heads, may_open=visit.may("orders:read")) for each in found.recipients),
            orders_empty=Empty("Nobody was given any.", "Orders appear here when units are picked for them."),
            acts=(_act(visit, head),) if visit.may("stock:write") else (),
        )


def _facts(desk: Desk, head: inventory.LotHead) -> tuple[Fact, ...]:
    told = (
        ("Merchant", desk.merchants().get(head.tenant_id, "") if desk.visit.works_here else ""),
        ("Units in bins", f"{head.quantity:,}"),
        ("Sold until", long_date(head.sell_by) or "Any day"),
        ("Good until", long_date(head.expires_on)),
        ("Blocked", head.blocked),
    )
    return tuple(Fact(name, value) for name, value in told if value)


def _order(each: inventory.LotRecipient, heads: Mapping[str, OrderHead], *, may_open: bool) -> LotOrder:
    head = heads.get(each.order_id)
    return LotOrder(
        head.external_id if head else each.order_id,
        f"/orders/{each.order_id}" if head and may_open else "",
        head.state if head else "",
        each.quantity,
        each.at,
    )


def _act(visit: Visit, head: inventory.LotHead) -> Form:
    lot = Field("lot", "", "hidden", head.lot)
    base = f"/items/{head.item_id}/lots"
    if head.blocked:
        words = "It can be taken in again. What was set aside stays in quarantine until somebody decides about it."
        return Form(f"{base}/unblock", "Unblock it", (lot,), "Unblock", words, csrf_token=visit.csrf_token)
    reason = Field("reason", "Why", required=True, maximum=200, hint="Such as: recalled by the maker.")
    words = (
        f"{counted(head.quantity, 'unit')} leave what can be sold, at every site, whoever they are promised to. Orders"
        " that lose units get others, or wait."
    )
    return Form(
        f"{base}/block", "Block the lot", (lot, reason), "Recall", words, tone="stop", csrf_token=visit.csrf_token
    )
