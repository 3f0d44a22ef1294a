from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from crm.domain.kinds import kind_of
from crm.models import TimelineEntry
from kernel.db.relay import Subscription
from kernel.db.transactions import UnitOfWork
from kernel.events import Envelope


def put_on_timeline(uow: UnitOfWork, envelope: Envelope) -> None:
    """Add any event about a customer or an order to the timeline; the same event twice is one entry."""
    put_all_on_timeline(uow, [envelope])


def put_all_on_timeline(uow: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """Add many events to the timeline with one statement."""
    rows = [_row(envelope) for envelope in envelopes if envelope.customer_id or envelope.order_id]
    if rows:
        uow.session.execute(insert(TimelineEntry).on_conflict_do_nothing(), rows)


def _row(envelope: Envelope) -> dict[str, Any]:
    return {
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


SUBSCRIPTIONS = (Subscription("crm.timeline", {"*": put_on_timeline}, bulk=put_all_on_timeline),)
