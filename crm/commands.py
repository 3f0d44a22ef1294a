from crm.events import NoteAdded
from crm.models import CustomerNote
from fulfillment.api import customer_card, get_order
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from kernel.ids import new_id

MAX_NOTE = 4_000


def add_note(uow: UnitOfWork, *, tenant_id: str, customer_id: str, order_id: str = "", body: str) -> str:
    """Write a note about a customer, or one of its orders, and return its id. Emits NoteAdded.

    Raises:
        Invalid: the note is empty, too long, or about nobody.
    """
    text = body.strip()
    if not text or len(text) > MAX_NOTE:
        raise Invalid(f"A note has 1 to {MAX_NOTE:,} characters.", pointer="/body")
    if not customer_id and not order_id:
        raise Invalid("A note is about a customer or an order.", pointer="/customer_id")
    note = CustomerNote(
        tenant_id=tenant_id, id=new_id("not"), customer_id=customer_id, order_id=order_id, author=uow.actor.id,
        written_at=uow.now, body=text,
    )  # fmt: skip
    uow.session.add(note)
    uow.emit(NoteAdded(tenant_id=tenant_id, order_id=order_id, customer_id=customer_id, note_id=note.id))
    return note.id


def add_note_about(uow: UnitOfWork, *, customer_id: str, order_id: str = "", body: str) -> str:
    """Write a note about a customer whose merchant the caller need not know. See `add_note`.

    Raises:
        NotFound: this caller has no such customer, or the order is another customer's.
    """
    card = customer_card(uow, customer_id)
    if order_id and get_order(uow, order_id).customer.id != customer_id:
        raise NotFound("This customer has no such order.", pointer="/order_id")
    return add_note(uow, tenant_id=card.tenant_id, customer_id=customer_id, order_id=order_id, body=body)
