from fulfillment.domain.order_drafts import MAX_NOTE, is_printable
from fulfillment.events.orders import OrderNoted
from fulfillment.models import OrderNote
from fulfillment.repository import lock_order
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.ids import new_id


def add_note(uow: UnitOfWork, *, tenant_id: str, order_id: str, text: str) -> str:
    """Write a note on an order and return its id. Emits OrderNoted, without the text: it may name a person.

    Raises:
        NotFound: the actor sees no such order.
        Invalid: the text is empty, too long or not printable.
    """
    if not text.strip() or len(text) > MAX_NOTE or not is_printable(text, prose=True):
        raise Invalid(f"A note has 1 to {MAX_NOTE} printable characters.", pointer="/text")
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    note = OrderNote(
        tenant_id=tenant_id, id=new_id("not"), order_id=order_id, author=uow.actor.name or uow.actor.id, text=text,
        at=uow.now,
    )  # fmt: skip
    uow.session.add(note)
    uow.emit(OrderNoted(**order.about, note_id=note.id))
    return note.id
