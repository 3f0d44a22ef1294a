from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.states import Machine
from notifications.models import WebhookDelivery, WebhookStream
from notifications.repository import is_claimed, lock_head

DELIVERY = Machine(
    "delivery",
    {
        "pending": {"skip": "skipped"},
        "retry": {"skip": "skipped", "retry": "pending"},
        "parked": {"skip": "skipped", "retry": "pending"},
        "skipped": {},
        "delivered": {},
    },
)


class NotNext(Refusal):
    """Only the delivery that holds its stream up can be skipped or tried again at once."""

    code = "delivery_not_next"
    title = "Another delivery is before this one"


class BeingSent(Refusal):
    """A worker is sending it at this moment."""

    code = "delivery_being_sent"
    title = "This delivery is on its way right now"


def retry_delivery(uow: UnitOfWork, *, endpoint_id: str, stream: str, n: int) -> None:
    """Try the delivery that holds a stream up again at once, with its schedule back at the start.

    Raises:
        NotFound: this caller has nothing waiting there.
        NotNext, BeingSent, IllegalTransition: it cannot be done to this delivery now.
    """
    row, head = _next(uow, endpoint_id, stream, n)
    reopen(uow, row, head)
    uow.audit("webhook_delivery.retried", subject=endpoint_id, tenant_id=row.tenant_id, event_id=head.event_id)


def skip_delivery(uow: UnitOfWork, *, endpoint_id: str, stream: str, n: int, reason: str) -> None:
    """Give up the delivery that holds a stream up, so that the ones behind it go on.

    Raises:
        NotFound: this caller has nothing waiting there.
        NotNext, BeingSent: it cannot be done to this delivery now.
    """
    row, head = _next(uow, endpoint_id, stream, n)
    head.state = DELIVERY.after(head.state, "skip")
    head.settled_at, head.reason = uow.now, reason
    row.done, row.parked, row.next_at = row.done + 1, False, uow.now
    facts = {"event_id": head.event_id, "reason": reason}
    uow.audit("webhook_delivery.skipped", subject=endpoint_id, tenant_id=row.tenant_id, **facts)


def reopen(uow: UnitOfWork, row: WebhookStream, head: WebhookDelivery) -> None:
    """Put the head of a stream, locked by the caller, back to the start of its schedule, due now."""
    head.state, head.tries = DELIVERY.after(head.state, "retry"), 0
    row.parked, row.next_at = False, uow.now


def _next(uow: UnitOfWork, endpoint_id: str, stream: str, n: int) -> tuple[WebhookStream, WebhookDelivery]:
    row, head = lock_head(uow, endpoint_id=endpoint_id, stream=stream)
    if head.n != n:
        detail = f"Delivery {head.n} of this stream comes first." if n > head.n else f"Delivery {n} is settled."
        raise NotNext(detail, remedy="Settle the one that is next.", next=head.n)
    if is_claimed(uow, row):
        raise BeingSent("It is being sent.", remedy="Look again in a minute.", retry_after_seconds=60)
    return row, head
