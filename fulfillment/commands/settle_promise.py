from collections.abc import Iterable
from datetime import date

from fulfillment.dangerous_kinds import order_goods
from fulfillment.domain.promise import end_of_day, start_of_day
from fulfillment.events.orders import OrderPromised, PromiseMoved
from fulfillment.queries.promises import possible_day
from fulfillment.repository import OrderInHand
from inventory import api as inventory
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork


def promise_order(
    uow: UnitOfWork, order: OrderInHand, *, zone: str, asked_on: date | None = None,
    known: Iterable[inventory.ItemView] = (),
) -> None:  # fmt: skip
    """Give an order its promised day: the shop's own, else the next cut-off plus the transit days.

    Without a day from the shop, an order that waits for stock is promised nothing yet; one that is to be shipped later
    is promised for the day that follows from that. `known` are its items, as far as they were read. Emits
    OrderPromised when all its goods are reserved.
    """
    row, units = order.row, order.units
    waiting = units.backordered > 0
    if asked_on is None and (waiting or not units.ordered):
        return
    promised_on = asked_on or _computed(uow, order, known)
    row.first_promised_on = row.first_promised_on or promised_on
    _set(order, promised_on, zone)
    if units.ordered and not waiting and not units.scheduled and not row.flags:
        _tell(uow, order, promised_on)


def renew_promise(uow: UnitOfWork, order: OrderInHand, *, cause: str) -> None:
    """Compute the promise again after stock came or went; a day that can still be kept stays. Emits PromiseMoved or,
    for a first promise, OrderPromised.
    """
    row = order.row
    zone = get_site(uow, row.site_id).time_zone
    formerly = row.promised_on
    possible = _computed(uow, order, ())
    promised_on = max(possible, formerly) if formerly else possible
    row.first_promised_on = row.first_promised_on or promised_on
    if promised_on == formerly:
        return
    _set(order, promised_on, zone)
    if formerly is None:
        _tell(uow, order, promised_on)
        return
    uow.emit(
        PromiseMoved(
            **order.about, promised_on=promised_on.isoformat(), formerly_on=formerly.isoformat(), cause=cause,
        )
    )  # fmt: skip


def _tell(uow: UnitOfWork, order: OrderInHand, promised_on: date) -> None:
    uow.emit(OrderPromised(**order.about, promised_on=promised_on.isoformat()))


def _set(order: OrderInHand, promised_on: date, zone: str) -> None:
    order.row.promised_on = promised_on
    order.row.promised_until = end_of_day(promised_on, zone)


def _computed(uow: UnitOfWork, order: OrderInHand, known: Iterable[inventory.ItemView]) -> date:
    row = order.row
    site = get_site(uow, row.site_id)
    at = max(uow.now, start_of_day(row.ship_on, site.time_zone)) if row.ship_on else uow.now
    return possible_day(
        uow, site=site, at=at, service_level=row.service_level, country=row.ship_country,
        postal_code=row.ship_postal_code, currency=row.currency, lead_days=row.service_lead_days,
        goods=order_goods(uow, [line.item_id for line in order.lines], known),
    )  # fmt: skip
