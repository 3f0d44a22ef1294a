from datetime import date

from sqlalchemy import text

from fulfillment.commands.reserve_order import reserve_lines
from fulfillment.commands.settle_promise import promise_order
from fulfillment.domain.order_policy import OrderPolicy
from fulfillment.events.orders import OrderScheduled
from fulfillment.repository import OrderInHand, lock_orders, set_units, units_of
from inventory import api as inventory
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork

_DUE = text(
    "select o.tenant_id, o.id from sales_order o left join order_policy p on p.tenant_id = o.tenant_id"
    " where o.ship_on <= cast(:today as date) + cast(coalesce(p.horizon_days, :horizon) as integer)"
    " and exists (select 1 from order_line l where l.tenant_id = o.tenant_id and l.order_id = o.id and l.scheduled > 0)"
    " order by o.ship_on, o.placed_at, o.id limit :limit"
)


def schedule_lines(uow: UnitOfWork, order: OrderInHand, *, ship_on: date) -> None:
    """Note what a new order wants on a day beyond the horizon, and lock no stock for it. Emits OrderScheduled."""
    row = order.row
    for line in order.lines:
        set_units(line, units_of(line).moved(line.backordered, "backordered", "scheduled"))
    inventory.plan_demand(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=row.id, ship_on=ship_on,
        demands=[inventory.Demand(line.id, line.item_id, line.scheduled) for line in order.lines],
    )  # fmt: skip
    uow.emit(
        OrderScheduled(
            **order.about, ship_on=ship_on.isoformat(), units=order.units.scheduled,
            lines=[{"line_id": ln.id, "item_id": ln.item_id, "quantity": ln.scheduled} for ln in order.lines],
        )
    )  # fmt: skip


def reserve_scheduled(uow: UnitOfWork, *, limit: int = 200) -> list[str]:
    """Reserve the stock of orders whose day has come within their merchant's horizon, those to be shipped first first;
    return their ids. What is not there is backordered: the order was taken, and is never refused now.

    Emits OrderPromised or OrderBackordered for each.
    """
    columns = {"today": uow.now.date(), "horizon": OrderPolicy().horizon_days, "limit": limit}
    keys = [(row.tenant_id, row.id) for row in uow.session.execute(_DUE, columns)]
    done = []
    for order in lock_orders(uow, keys):
        if order.units.scheduled:
            _reserve(uow, order)
            done.append(order.row.id)
    return done


def _reserve(uow: UnitOfWork, order: OrderInHand) -> None:
    row = order.row
    inventory.drop_demand(uow, tenant_id=row.tenant_id, order_id=row.id)
    for line in order.lines:
        set_units(line, units_of(line).moved(line.scheduled, "scheduled", "backordered"))
    reserve_lines(uow, row, order.lines)
    promise_order(uow, order, zone=get_site(uow, row.site_id).time_zone, asked_on=row.promised_on)
    order.settle(uow.now)
