from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.order_drafts import CustomerDraft, OrderDraft
from fulfillment.models import Customer
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


def take_customer(uow: UnitOfWork, *, tenant_id: str, draft: OrderDraft) -> Customer:
    """Return the customer who placed an order, created if this merchant did not know them.

    The shop's own id identifies a customer, else the e-mail address; without either, each order is a person of its own.
    Names and addresses never do.
    """
    who = draft.customer
    identity = _identity(who) or f"order:{draft.external_id}"
    same = Customer.tenant_id == tenant_id, Customer.identity == identity
    known = uow.session.scalar(select(Customer).where(*same))
    if known:
        _complete(known, who)
        return known
    values = {
        "tenant_id": tenant_id, "id": new_id("cus"), "identity": identity, "external_id": who.external_id,
        "name": who.name, "email": who.email, "phone": who.phone, "locale": who.locale, "created_at": uow.now,
    }  # fmt: skip
    uow.session.execute(insert(Customer).values(values).on_conflict_do_nothing())
    return uow.session.scalars(select(Customer).where(*same)).one()


def _identity(who: CustomerDraft) -> str:
    if who.external_id:
        return f"shop:{who.external_id}"
    return f"mail:{who.email.strip().casefold()}" if "@" in who.email else ""


def _complete(known: Customer, who: CustomerDraft) -> None:
    """Fill in what the shop says now: its newest word on its own customer counts."""
    for name in ("name", "email", "phone"):
        told = getattr(who, name)
        if told and getattr(known, name) != told:
            setattr(known, name, told)
