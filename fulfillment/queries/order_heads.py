from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select

from fulfillment.models import Customer, SalesOrder
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OrderHead:
    """What a list that names an order tells of it. `email` is where its customer reads of it; personal data."""

    id: str
    tenant_id: str
    site_id: str
    external_id: str
    state: str
    email: str
    promised_on: date | None = None


def order_heads(uow: UnitOfWork, order_ids: Iterable[str]) -> dict[str, OrderHead]:
    """Return the heads of these orders by id, in one query; orders that the actor does not see are not among them."""
    wanted = sorted(set(order_ids))
    if not wanted:
        return {}
    who = and_(Customer.tenant_id == SalesOrder.tenant_id, Customer.id == SalesOrder.customer_id)
    head = SalesOrder.id, SalesOrder.tenant_id, SalesOrder.site_id, SalesOrder.external_id, SalesOrder.state
    statement = select(*head, SalesOrder.ship_email, Customer.email, SalesOrder.promised_on).join(Customer, who)
    rows = uow.session.execute(statement.where(SalesOrder.id.in_(wanted)))
    return {row[0]: OrderHead(*row[:5], email=row[6] or row[5], promised_on=row[7]) for row in rows}
