"""Promises that no service can keep any more, because a day was closed or the order waited too long."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from fulfillment.commands.settle_promise import renew_promise
from fulfillment.dangerous_kinds import dangerous_kinds
from fulfillment.domain.order_drafts import is_printable
from fulfillment.domain.promise import start_of_day
from fulfillment.domain.release import HANDLING
from fulfillment.models import OrderLine, SalesOrder
from fulfillment.queries.promises import possible_day
from fulfillment.repository import lock_orders
from inventory import api as inventory
from kernel.access.queries import SiteView, get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping import api as shipping

MOST_LOOKED_AT = 2_000
"""So many orders are looked at, those promised soonest: whoever moves these finds the next ones."""
MOST_CAUSE = 200
Goods = Mapping[str, tuple[str, ...]]
_NOT_LEFT = ("PROMISED", "RELEASED", "PICKING", "PARTIALLY_PICKED", "PICKED")
"""Until it is packed, an order may still take a faster service."""


@dataclass(frozen=True, slots=True)
class LatePromise:
    """An order whose promised day no service keeps any more, and the day that can be kept."""

    tenant_id: str
    order_id: str
    order_number: str
    state: str
    promised_on: date
    possible_on: date


def late_promises(uow: UnitOfWork, *, site_id: str, order_ids: Collection[str] | None = None) -> list[LatePromise]:
    """Return the orders of a site, or those of them named, whose promise cannot be kept, promised soonest first.

    Of an order that still waits for stock nothing is said: its promise is renewed when that comes.
    """
    statement = select(SalesOrder).where(
        SalesOrder.site_id == site_id, SalesOrder.state.in_(_NOT_LEFT), SalesOrder.promised_on.is_not(None)
    )
    if order_ids is not None:
        statement = statement.where(SalesOrder.id.in_(order_ids))
    statement = statement.order_by(SalesOrder.promised_on, SalesOrder.id).limit(MOST_LOOKED_AT)
    return list(_late(uow, get_site(uow, site_id), uow.session.scalars(statement).all()))


def move_promises(uow: UnitOfWork, *, site_id: str, cause: str, order_ids: Collection[str] | None = None) -> int:
    """Promise the first possible day instead for all late orders of a site, or those of them named; return how many.

    `cause` is read by the customers: "the order is now promised for ..., because ...". Emits PromiseMoved for each, of
    which they are written.

    Raises:
        Invalid: no cause, or one that cannot be printed.
    """
    why = " ".join(cause.split()).rstrip(".")
    if not 0 < len(why) <= MOST_CAUSE or not is_printable(why):
        raise Invalid(
            f"The customers read the cause: it needs 1 to {MOST_CAUSE} characters.",
            remedy="Write it so that it follows “because”, such as: we are closed on 24 December.", pointer="/cause",
        )  # fmt: skip
    late = late_promises(uow, site_id=site_id, order_ids=order_ids)
    still_late = {each.order_id for each in late}
    for order in lock_orders(uow, sorted((each.tenant_id, each.order_id) for each in late)):
        if order.row.state in _NOT_LEFT and order.row.id in still_late:
            renew_promise(uow, order, cause=why)
            order.settle(uow.now)
    uow.audit("promises.moved", subject=site_id, orders=len(late), cause=why)
    return len(late)


def _late(uow: UnitOfWork, site: SiteView, orders: Collection[SalesOrder]) -> Iterator[LatePromise]:
    known: dict[tuple[object, ...], tuple[date, date]] = {}
    goods_of = _goods(uow, orders)
    for row in orders:
        assert row.promised_on, "only promised orders are asked for"
        at = max(uow.now, start_of_day(row.ship_on, site.time_zone)) if row.ship_on else uow.now
        to = row.ship_country, row.ship_postal_code
        goods = goods_of[row.id]
        journey = row.service_level, *to, row.currency, row.service_lead_days, at, *sorted(goods)
        if journey not in known:
            known[journey] = _days(uow, site, row, at, goods)
        soonest, possible = known[journey]
        if soonest > row.promised_on:
            yield LatePromise(row.tenant_id, row.id, row.external_id, row.state, row.promised_on, possible)


def _goods(uow: UnitOfWork, orders: Collection[SalesOrder]) -> Mapping[str, Goods]:
    """Return the kinds of dangerous goods of orders by order id, read for all of them together."""
    lines = select(OrderLine.order_id, OrderLine.item_id, OrderLine.sku).where(
        OrderLine.tenant_id.in_({row.tenant_id for row in orders}), OrderLine.order_id.in_({row.id for row in orders})
    )
    found = uow.session.execute(lines).all()
    kinds = dangerous_kinds(uow, inventory.items_by_id(uow, {line.item_id for line in found}).values())
    goods: dict[str, dict[str, tuple[str, ...]]] = {row.id: {} for row in orders}
    for order_id, item_id, sku in found:
        if kind := kinds.get(item_id):
            goods[order_id][kind] = (*goods[order_id].get(kind, ()), sku)
    return goods


def _days(uow: UnitOfWork, site: SiteView, row: SalesOrder, at: datetime, goods: Goods) -> tuple[date, date]:
    """Return the first day on which any service can be there, and the one that would be promised now."""
    to = {"country": row.ship_country, "postal_code": row.ship_postal_code, "currency": row.currency}
    possible = possible_day(
        uow, site=site, at=at, service_level=row.service_level, lead_days=row.service_lead_days, goods=goods, **to
    )
    soonest = shipping.soonest_delivery(
        uow, site_id=site.id, service_level=row.service_level, ready_at=at + HANDLING, country=row.ship_country,
        postal_code=row.ship_postal_code, currency=row.currency, goods=goods,
    )  # fmt: skip
    return soonest or possible, possible
