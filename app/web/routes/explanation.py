from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.web.faces.explanation import ClaimRow, ExplanationPage, ReliefRow, SiteReasons
from app.web.formats import long_date
from app.web.pages import Empty, Fact, Link
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Visit, desk_of, visitor
from app.web.wording_orders import midday
from app.web.wording_stock import BUCKETS
from fulfillment.api import OrderHead, order_heads
from inventory import api as inventory
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)


@router.get("/items/{item_id}/why")
def explain(visit: Annotated[Visit, Depends(visitor("stock:read"))], item_id: str) -> Response:
    """Show what lies between the units in the house and those that can be sold, and what would free more."""
    with desk_of(visit) as desk:
        found = inventory.explain_availability(desk.uow, item_id=item_id)
        ids = [claim.reference for site in found.sites for claim in site.claims if claim.kind == "order"]
        heads = order_heads(desk.uow, ids)
        may_open = visit.may("orders:read")
        page = ExplanationPage(
            frame=desk.frame,
            shell=desk.shell("/items"),
            sku=found.item.sku,
            name=found.item.name,
            back=Link(found.item.name or found.item.sku, f"/items/{item_id}"),
            sites=tuple(_site(site, heads, desk.frame.zone, may_open=may_open) for site in found.sites),
            empty=Empty("No site has ever had any.", "Receive it, and its units are explained here."),
            claims_empty=Empty("Nobody has a right to any.", "Orders and carts that reserve it will be listed here."),
            reliefs_empty=Empty("Nothing that is here would.", "More can be sold when more is received."),
        )
    return staff_page(visit, page)


def _site(site: inventory.SiteExplanation, heads: Mapping[str, OrderHead], zone: str, *, may_open: bool) -> SiteReasons:
    return SiteReasons(
        name=site.site_name,
        sentence=site.sentence,
        figures=(
            Fact("Can be sold", f"{site.available:,}", tone="ok" if site.available else "warn"),
            Fact("In bins", f"{site.on_hand:,}"),
            Fact("Promised", f"{site.reserved:,}"),
            *((Fact("Held back", f"{site.held_back:,}"),) if site.held_back else ()),
            Fact("Within the pickers' reach", f"{site.pickable:,}", tone="plain" if site.pickable else "warn"),
        ),
        buckets=tuple(Fact(BUCKETS.get(each.bucket, each.bucket), f"{each.quantity:,}") for each in site.buckets),
        claims=tuple(_claim(claim, heads.get(claim.reference), may_open=may_open) for claim in site.claims),
        claims_left_out=site.claims_left_out,
        reliefs=tuple(_relief(relief, zone) for relief in site.reliefs),
        rules=tuple(Fact(rule.channel or "Others", counted(rule.units, "unit")) for rule in site.safety),
        planned=tuple(
            Fact(long_date(each.ship_on), f"{each.quantity:,} for {counted(each.orders, 'order')}")
            for each in site.planned
        ),
    )


def _claim(claim: inventory.Claim, head: OrderHead | None, *, may_open: bool) -> ClaimRow:
    return ClaimRow(
        who=head.external_id if head else claim.reference,
        href=f"/orders/{claim.reference}" if head and may_open else "",
        state=head.state if head else "",
        quantity=claim.quantity,
        in_bins=claim.allocated,
        since=claim.since,
        until=claim.until,
    )


def _relief(relief: inventory.Relief, zone: str) -> ReliefRow:
    links = {"grade_returns": "/returns", "arrival": f"/arrivals/{relief.reference}"}
    link = Link(relief.detail, links[relief.cause]) if relief.cause in links else None
    day = midday(relief.on, zone) if relief.on else None
    return ReliefRow(relief.detail, relief.quantity, relief.at, link, day)
