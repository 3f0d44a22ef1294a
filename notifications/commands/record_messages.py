from collections.abc import Mapping, Sequence

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from notifications.commands.claim_messages import ClaimedMessage
from notifications.domain.outcomes import DeliveryKind, DeliveryOutcome, MailKind, MailOutcome
from notifications.domain.schedule import RetryAt, next_attempt
from notifications.events import MessageSent
from notifications.models import Message

GAVE_UP = "the mail server did not take it in ten attempts"


def record_messages(
    uow: UnitOfWork, claimed: Sequence[ClaimedMessage], outcomes: Mapping[str, MailOutcome], *, jitter: float
) -> int:
    """Record what came of claimed letters and return how many were sent. Emits MessageSent.

    A letter to the owner of an endpoint is no customer's news: nothing is told of it. A letter without outcome was not
    tried and is due again. What another worker has claimed since is left to it.
    """
    claim_of = {one.message_id: one for one in claimed}
    locked = select(Message).where(Message.id.in_(claim_of)).order_by(Message.tenant_id, Message.id).with_for_update()
    sent = 0
    for row in uow.session.scalars(locked).all():
        one = claim_of[row.id]
        if row.claim != one.claim:
            continue
        row.claim, row.claimed_until = "", None
        if one.mail is None:
            row.state, row.error = "suppressed", one.problem
        elif row.id in outcomes:
            sent += _record(uow, row, outcomes[row.id], jitter)
    return sent


def _record(uow: UnitOfWork, row: Message, outcome: MailOutcome, jitter: float) -> int:
    row.attempts += 1
    row.error = outcome.error
    if outcome.kind is MailKind.SENT:
        row.state, row.sent_at = "sent", uow.now
        if row.order_id:
            uow.emit(_sent(row))
        return 1
    if outcome.kind is MailKind.REFUSED:
        row.state = "failed"
        return 0
    step = next_attempt(row.attempts, DeliveryOutcome(DeliveryKind.RETRY), uow.now, jitter)
    if isinstance(step, RetryAt):
        row.next_at = step.at
    else:
        row.state, row.error = "failed", f"{GAVE_UP}: {outcome.error}"
    return 0


def _sent(row: Message) -> MessageSent:
    return MessageSent(
        tenant_id=row.tenant_id, order_id=row.order_id, customer_id=row.customer_id, message_id=row.id, kind=row.kind
    )
