from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.events import Envelope
from kernel.ids import new_id
from notifications.domain.messages import MessageKind
from notifications.domain.owner_letters import OwnerLetterKind
from notifications.models import Message


def queue_message(
    uow: UnitOfWork, *, envelope: Envelope, kind: MessageKind | OwnerLetterKind, subject: str = "", cause: str = ""
) -> None:
    """Decide that the customer, or the owner of an endpoint, is written to because of an event; the words are found
    when it is sent.

    Nothing happens when they were told the same before: one letter for an event and kind, and one for an
    order, kind, subject (parcel or return) and cause.
    """
    row = {
        "tenant_id": envelope.tenant_id, "id": new_id("msg"), "order_id": envelope.order_id,
        "customer_id": envelope.customer_id, "kind": kind.value, "subject": subject, "cause": cause,
        "event_id": envelope.id, "occurred_at": envelope.occurred_at, "state": "queued", "attempts": 0,
        "next_at": uow.now, "claim": "", "created_at": uow.now, "error": "",
    }  # fmt: skip
    uow.session.execute(insert(Message).values(row).on_conflict_do_nothing())
