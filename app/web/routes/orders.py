from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app.web.addresses import address
from app.web.pages import Chip, Column, Empty, Field, Form, Option, OrderRow, OrderSearchPage, Pager
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.order_page import order_page
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_orders import midday
from app.web.wording_staff import status_words
from fulfillment import api as fulfillment
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import MAX_LIMIT
from returns import api as returns
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
Words = Annotated[str, Query(max_length=200)]
_CSV_COLUMNS: Final = (
    "order", "merchant", "customer", "placed_at", "promised_on", "state", "units", "goods_minor", "currency",
)  # fmt: skip
EVERY_SITE: Final = "all"
_STAGES: Final = {
    "": ("All", ()),
    "open": ("Open", ()),
    "overdue": ("Overdue", ()),
    "flagged": ("To check", ()),
    "ON_HOLD": ("On hold", ("ON_HOLD",)),
    "waiting": ("Waiting for stock", ("BACKORDERED", "PARTIALLY_BACKORDERED")),
    "PROMISED": ("To release", ("PROMISED",)),
    "floor": ("On the floor", ("RELEASED", "PICKING", "PARTIALLY_PICKED", "PICKED", "PARTIALLY_PACKED", "PACKED")),
    "dock": ("At the dock", ("READY_TO_MANIFEST", "MANIFESTED")),
    "road": ("On the road", ("SHIPPED", "PARTIALLY_SHIPPED", "PARTIALLY_DELIVERED")),
    "EXCEPTION": ("Exceptions", ("EXCEPTION", "AUDIT_HOLD")),
    "DELIVERED": ("Delivered", ("DELIVERED",)),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of the order list; the addresses of the page repeat it."""

    query: str = ""
    sku: str = ""
    stage: str = ""
    merchant: str = ""
    site: str = ""
    customer: str = ""
    sort: str = "newest"

    def address(self, path: str = "/orders", **changes: str) -> str:
        """Return the address of this list, with changes."""
        asked = {
            "q": self.query, "sku": self.sku, "stage": self.stage, "merchant": self.merchant, "site": self.site,
            "customer": self.customer, "sort": self.sort if self.sort != "newest" else "",
        }  # fmt: skip
        return address(path, **(asked | changes))

    def filter(self, desk: Desk) -> fulfillment.OrderFilter:
        """Return the filter that the wish stands for; a state that is not a chip stands for itself."""
        states = _STAGES[self.stage][1] if self.stage in _STAGES else (self.stage,)
        return fulfillment.OrderFilter(
            search=self.query, sku=self.sku, states=states, tenant_id=self.merchant, customer_id=self.customer,
            only_open=self.stage == "open", overdue_at=desk.uow.now if self.stage == "overdue" else None,
            flagged=self.stage == "flagged", site_id=self.site_shown(desk),
        )  # fmt: skip

    def site_shown(self, desk: Desk) -> str:
        """Return the site whose orders are listed, empty for all: a person of one site sees that one's.

        Who may see several sees the chosen one's. A search goes through all of them, because who looks for one order
        rarely knows where it is.
        """
        if not desk.visit.works_here or desk.site is None:
            return ""
        if not desk.sites:
            return desk.site.id
        is_search = bool(self.query or self.sku or self.customer)
        named = self.site or (EVERY_SITE if is_search else desk.site.id)
        return "" if named == EVERY_SITE else named


def wish(
    q: Words = "", sku: Words = "", stage: Words = "", merchant: Words = "", site: Words = "", customer: Words = "",
    sort: Words = "newest",
) -> Wish:  # fmt: skip
    """Read the wish from the address."""
    known = stage in _STAGES or stage in fulfillment.OrderState.__members__
    chosen = stage if known else ""
    return Wish(q.strip(), sku.strip(), chosen, merchant, site, customer, "due" if sort == "due" else "newest")


Asked = Annotated[Wish, Depends(wish)]


@router.get("/orders")
def list_orders(visit: Viewer, asked: Asked, cursor: Annotated[str, Query(max_length=400)] = "") -> Response:
    """Show the orders that fit; a search that fits one order only shows that order."""
    with desk_of(visit) as desk:
        found = fulfillment.find_orders(desk.uow, asked.filter(desk), sort=asked.sort, cursor=cursor or None)
        only = _only_one(desk.uow, asked, [row.id for row in found.items]) if not cursor else ""
        if only:
            return RedirectResponse(f"/orders/{only}", status_code=303)
        page = _list_page(desk, asked, found.items, found.next)
    return staff_page(visit, page)


def _only_one(uow: UnitOfWork, asked: Wish, found: list[str]) -> str:
    """Return the one order that a search means: by its own words, or by a parcel's or a return's number."""
    if asked != Wish(query=asked.query) or not asked.query or len(found) > 1:
        return ""
    if found:
        return found[0]
    number = asked.query.replace(" ", "")
    sscc = number.removeprefix("(00)").removeprefix("00") if number.lstrip("(").startswith("00") else number
    parcels = [*shipping.parcel_by_tracking_number(uow, tracking_number=number)]
    parcels += [p for code in {number, sscc} for p in shipping.find_parcels(uow, search=code, limit=2).items]
    if parcels:
        return parcels[0].reference
    returned = returns.return_by_number(uow, number)
    return returned.order_id if returned else ""


def _list_page(
    desk: Desk, asked: Wish, rows: tuple[fulfillment.OrderSummary, ...], following: str | None
) -> OrderSearchPage:
    names = desk.merchants()
    return OrderSearchPage(
        frame=desk.frame,
        shell=desk.shell("/orders", query=asked.query),
        columns=_columns(asked),
        rows=tuple(_row(desk, row, names) for row in rows),
        stages=_chips(asked),
        filters=_filters(desk, asked, names),
        pager=Pager("", "", asked.address(cursor=following)) if following else Pager(),
        csv_href=asked.address("/orders.csv"),
        empty=_empty(asked),
    )


def _row(desk: Desk, row: fulfillment.OrderSummary, names: dict[str, str]) -> OrderRow:
    promised = midday(row.promised_on, desk.frame.zone) if row.promised_on else None
    return OrderRow(
        row.external_id, f"/orders/{row.id}", names.get(row.tenant_id, ""), row.customer_name, row.placed_at, promised,
        row.state, row.units, row.goods_minor, row.currency,
    )  # fmt: skip


def _columns(asked: Wish) -> tuple[Column, ...]:
    newest, due = asked.sort == "newest", asked.sort == "due"
    return (
        Column("Order"),
        Column("Merchant"),
        Column("Customer"),
        Column("Placed", sort_href=replace(asked, sort="newest").address(), sorted="descending" if newest else None),
        Column("Promised", sort_href=replace(asked, sort="due").address(), sorted="ascending" if due else None),
        Column("State"),
        Column("Units", numeric=True),
        Column("Goods", numeric=True),
    )


def _chips(asked: Wish) -> tuple[Chip, ...]:
    chips = tuple(
        Chip(words, replace(asked, stage=stage).address(), selected=stage == asked.stage)
        for stage, (words, _) in _STAGES.items()
    )
    if asked.stage in _STAGES:
        return chips
    return (*chips, Chip(status_words(asked.stage).words, asked.address(), selected=True))


def _filters(desk: Desk, asked: Wish, names: dict[str, str]) -> Form:
    fields = [Field("q", "Contains", "search", asked.query, maximum=200), Field("stage", "", "hidden", asked.stage)]
    if asked.sku:
        fields.insert(1, Field("sku", "SKU", "search", asked.sku, maximum=200))
    if len(names) > 1:
        options = tuple(Option(key, name, key == asked.merchant) for key, name in names.items())
        everyone = Option("", "All merchants", not asked.merchant)
        fields.insert(1, Field("merchant", "Merchant", "select", asked.merchant, options=(everyone, *options)))
    if len(desk.sites) > 1:
        shown = asked.site_shown(desk)
        places = tuple(Option(each.id, each.name, each.id == shown) for each in desk.sites)
        everywhere = Option(EVERY_SITE, "All sites", not shown)
        fields.insert(1, Field("site", "Site", "select", shown, options=(everywhere, *places)))
    return Form("/orders", "Filter", tuple(fields), method="get", tone="plain")


def _empty(asked: Wish) -> Empty:
    if asked.query:
        how = "Try fewer letters, a SKU, the tracking number, the e-mail address or the last eight digits of the phone."
        return Empty(
            f"No order matches \N{LEFT DOUBLE QUOTATION MARK}{asked.query}\N{RIGHT DOUBLE QUOTATION MARK}.", how
        )
    if asked != Wish():
        return Empty("No order is in this state.", "Choose another one above.")
    return Empty("Orders will be listed here.", "Send one to the orders interface, or import a file of orders.")


@router.get("/orders.csv")
def download_orders(visit: Viewer, asked: Asked) -> Response:
    """Return the whole list as CSV, as it is read; a cell that a spreadsheet would run is made text."""
    headers = {"content-disposition": 'attachment; filename="orders.csv"'}
    return StreamingResponse(_csv_pieces(visit, asked), media_type="text/csv; charset=utf-8", headers=headers)


def _csv_pieces(visit: Visit, asked: Wish) -> Iterator[str]:
    """Yield the list piece by piece, each read in a transaction of its own: a slow reader holds none open."""
    yield csv_line(_CSV_COLUMNS)
    cursor: str | None = None
    while True:
        with desk_of(visit) as desk:
            names = desk.merchants()
            found = fulfillment.find_orders(
                desk.uow, asked.filter(desk), sort=asked.sort, cursor=cursor, limit=MAX_LIMIT
            )
        yield "".join(csv_line(_csv_cells(row, names)) for row in found.items)
        cursor = found.next
        if cursor is None:
            return


def _csv_cells(row: fulfillment.OrderSummary, names: dict[str, str]) -> tuple[object, ...]:
    placed, promised = row.placed_at.isoformat(), row.promised_on.isoformat() if row.promised_on else ""
    return (
        row.external_id, names.get(row.tenant_id, ""), row.customer_name, placed, promised, row.state, row.units,
        row.goods_minor, row.currency,
    )  # fmt: skip


@router.get("/orders/{order_id}")
def show_order(
    visit: Viewer, order_id: str, show: Words = "", cursor: Annotated[str, Query(max_length=400)] = ""
) -> Response:
    """Show one order with its whole story."""
    return staff_page(visit, order_page(visit, order_id, kind=show, cursor=cursor))
