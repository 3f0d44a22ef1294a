from sqlalchemy import select

from fulfillment.domain.order_policy import OrderPolicy
from fulfillment.domain.substitution import ShortPolicy
from fulfillment.models import OrderPolicyRow
from kernel.db.transactions import UnitOfWork


def order_policy(uow: UnitOfWork, tenant_id: str) -> OrderPolicy:
    """Return how a merchant's orders are taken."""
    of = OrderPolicyRow
    columns = (
        of.on_shortage, of.horizon_days, of.version, of.customs_facts, of.substitutes, of.on_short, of.answer_hours,
        of.on_silence, of.dangerous_facts,
    )  # fmt: skip
    row = uow.session.execute(select(*columns).where(of.tenant_id == tenant_id)).one_or_none()
    if row is None:
        return OrderPolicy()
    return OrderPolicy(*row[:3], ShortPolicy(*row[4:8]), row.customs_facts, row.dangerous_facts)
