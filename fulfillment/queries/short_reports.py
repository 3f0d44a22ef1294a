from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from fulfillment.domain.blast_radius import TOLD
from fulfillment.models import ShortReport
from fulfillment.queries.order_heads import OrderHead, order_heads
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class TouchedView:
    """An order that relied on a short bin: what became of its units, whom to tell, and its promise as it is now."""

    order_id: str
    order_number: str
    line_id: str
    quantity: int
    outcome: str
    places: tuple[str, ...]
    tell: tuple[str, ...]
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class ShortReportView:
    """A short pick: what was missing where, what `became` of it in words, and the other orders that it touched."""

    id: str
    tenant_id: str
    site_id: str
    order_id: str
    order_number: str
    item_id: str
    sku: str
    location_code: str
    expected: int
    found: int
    elsewhere: int
    missing: int
    reason: str
    became: str
    at: datetime
    reported_by: str
    touched: tuple[TouchedView, ...]


def short_reports(uow: UnitOfWork, *, site_id: str, limit: int = 50) -> tuple[ShortReportView, ...]:
    """Return what was reported short at a site, newest first."""
    newest = select(ShortReport).order_by(ShortReport.at.desc(), ShortReport.id.desc()).limit(limit)
    rows = list(uow.session.scalars(newest.where(ShortReport.site_id == site_id) if site_id else newest))
    heads = order_heads(uow, [*(r.order_id for r in rows), *(t["order_id"] for r in rows for t in r.touched)])
    items = inventory.items_by_id(uow, {row.item_id for row in rows}) if rows else {}
    return tuple(
        ShortReportView(
            r.id, r.tenant_id, r.site_id, r.order_id, heads[r.order_id].external_id, r.item_id, items[r.item_id].sku,
            r.location_code, r.expected, r.found, r.elsewhere, r.missing, r.reason, r.became, r.at, r.reported_by,
            tuple(_touched(each, heads[each["order_id"]]) for each in r.touched),
        )
        for r in rows
    )  # fmt: skip


def _touched(each: dict[str, Any], head: OrderHead) -> TouchedView:
    return TouchedView(
        head.id, head.external_id, each["line_id"], each["quantity"], each["outcome"], tuple(each["places"]),
        TOLD[each["outcome"]], head.promised_on,
    )  # fmt: skip
