from sqlalchemy import select

from fulfillment.domain.order_policy import OrderPolicy
from fulfillment.models import OrderPolicyRow
from kernel.db.transactions import UnitOfWork


def order_policy(uow: UnitOfWork, tenant_id: str) -> OrderPolicy:
    """Return how a merchant's orders are taken."""
    row = uow.session.execute(
        select(OrderPolicyRow.on_shortage, OrderPolicyRow.horizon_days, OrderPolicyRow.version).where(
            OrderPolicyRow.tenant_id == tenant_id
        )
    ).one_or_none()
    return OrderPolicy(*row) if row else OrderPolicy()
