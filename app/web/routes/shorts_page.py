from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.web.faces.shell import Empty, Link
from app.web.faces.shorts import ShortCard, ShortsPage, TouchedRow
from app.web.formats import long_date
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Visit, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
_TELL: Final = {"lead": "You: have the bin counted", "merchant": "Merchant", "customer": "customer"}


@router.get("/shorts")
def show_shorts(visit: Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]) -> Response:
    """Show what was missing at the bins, what became of it, and whom else it touched."""
    with desk_of(visit) as desk:
        people = desk.people()
        found = fulfillment.short_reports(desk.uow, site_id=desk.site_id)
        page = ShortsPage(
            desk.frame, desk.shell("/board"), tuple(_card(each, people) for each in found),
            Empty("Nothing was missing.", "What pickers do not find is listed here, with the orders that it touches."),
            Empty("No other order relied on this bin.", "Nobody else has to be told."),
        )  # fmt: skip
    return staff_page(visit, page)


def _card(each: fulfillment.ShortReportView, people: dict[str, str]) -> ShortCard:
    return ShortCard(
        each.location_code, Link(each.sku, f"/items/{each.item_id}"),
        Link(each.order_number, f"/orders/{each.order_id}"),
        f"{counted(each.found, 'unit')} found of {each.expected:,}.", each.became, each.at,
        people.get(each.reported_by, ""), tuple(_touched(other) for other in each.touched),
    )  # fmt: skip


def _touched(other: fulfillment.TouchedView) -> TouchedRow:
    became = {
        "other_bin": f"Taken from {', '.join(other.places)}",
        "waits": "Wait until the bin is counted",
        "promise_lost": "Promised no more: the order waits for stock",
    }[other.outcome]
    tell = " and ".join(_TELL[who] for who in other.tell) or "Nobody"
    promised = long_date(other.promised_on) if other.promised_on else ""
    return TouchedRow(Link(other.order_number, f"/orders/{other.order_id}"), other.quantity, became, tell, promised)
