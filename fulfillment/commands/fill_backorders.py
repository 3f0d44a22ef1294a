from collections.abc import Sequence

from sqlalchemy import select

from fulfillment.commands.ask_customer import close_idle_questions
from fulfillment.commands.settle_promise import renew_promise
from fulfillment.models import OrderLine, SalesOrder
from fulfillment.repository import OrderInHand, lock_order
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork


def fill_backorders(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_ids: Sequence[str], limit: int = 200
) -> list[str]:
    """Promise stock that became free to the orders that wait for it, in the order in which they were placed, and return
    their ids.

    An order that goes out complete is promised all it lacks or nothing. Emits OrderPromised or PromiseMoved.
    """
    served = []
    for order_id in _waiting(uow, tenant_id, site_id, item_ids, limit):
        order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
        if _fill(uow, order):
            served.append(order_id)
    return served


def _waiting(uow: UnitOfWork, tenant_id: str, site_id: str, item_ids: Sequence[str], limit: int) -> list[str]:
    of_order = (SalesOrder.tenant_id == OrderLine.tenant_id) & (SalesOrder.id == OrderLine.order_id)
    statement = (
        select(SalesOrder.id)
        .join(OrderLine, of_order)
        .where(OrderLine.tenant_id == tenant_id, OrderLine.item_id.in_(item_ids), OrderLine.backordered > 0)
        .where(SalesOrder.site_id == site_id)
        .group_by(SalesOrder.placed_at, SalesOrder.id)
        .order_by(SalesOrder.placed_at, SalesOrder.id)
    )
    return list(uow.session.scalars(statement.limit(limit)))


def _fill(uow: UnitOfWork, order: OrderInHand) -> bool:
    row = order.row
    demands = [
        inventory.Demand(ln.id, ln.item_id, ln.backordered) for ln in order.lines if ln.backordered and ln.item_id
    ]
    if not demands or row.terminal:
        return False
    outcome = inventory.reserve_stock(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=row.id, customer_id=row.customer_id,
        demands=demands, policy=row.split_policy, channel=row.channel,
    )  # fmt: skip
    for line_id, quantity in outcome.reserved.items():
        order.move(line_id, quantity, "backordered", "promised")
    if not outcome.reserved:
        return False
    close_idle_questions(uow, order)
    if not order.units.backordered:
        renew_promise(uow, order, cause="the missing stock arrived")
    order.settle(uow.now)
    return True
