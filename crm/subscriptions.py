from sqlalchemy.dialects.postgresql import insert

from crm.domain.kinds import kind_of
from crm.models import TimelineEntry
from kernel.db.relay import Subscription
from kernel.db.transactions import UnitOfWork
from kernel.events import Envelope


def put_on_timeline(uow: UnitOfWork, envelope: Envelope) -> None:
    """Add any event about a customer or an order to the timeline; the same event twice is one entry."""
    if not envelope.customer_id and not envelope.order_id:
        return
    row = {
        "tenant_id": envelope.tenant_id,
        "event_id": envelope.id,
        "pos": envelope.pos,
        "customer_id": envelope.customer_id,
        "order_id": envelope.order_id,
        "kind": kind_of(envelope.type).value,
        "type": envelope.type,
        "audience": envelope.audience.value,
        "occurred_at": envelope.occurred_at,
        "recorded_at": envelope.recorded_at,
        "actor": envelope.actor,
        "summary": envelope.summary,
    }
    uow.session.execute(insert(TimelineEntry).values(row).on_conflict_do_nothing())


SUBSCRIPTIONS = (Subscription("crm.timeline", {"*": put_on_timeline}),)
