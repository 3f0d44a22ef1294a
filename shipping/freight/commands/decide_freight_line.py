from typing import Literal

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from shipping.models.freight import FreightInvoiceRow, FreightLineRow

FreightDecision = Literal["dispute", "accept", ""]


class NothingToDispute(Refusal):
    """The line was not billed above what is expected."""

    code = "nothing_to_dispute"
    title = "There is nothing to dispute on this line"


def decide_freight_line(
    uow: UnitOfWork, *, invoice_id: str, line: int, decision: FreightDecision, note: str = ""
) -> None:
    """Say that a billed line is disputed, accepted with a note, or open again ("").

    Raises:
        NotFound: this caller has no such line.
        Invalid: it is accepted without a note.
        NothingToDispute: nothing was billed above what is expected.
    """
    lock_invoice(uow, invoice_id)
    statement = select(FreightLineRow).where(FreightLineRow.invoice_id == invoice_id, FreightLineRow.line == line)
    row = uow.session.scalar(statement.with_for_update())
    if row is None:
        raise NotFound("The invoice has no such line.")
    if decision == "accept" and not note.strip():
        raise Invalid("Say why the charge is accepted.", pointer="/note")
    if decision == "dispute" and row.disputed_minor <= 0:
        raise NothingToDispute("It was not billed above what we expect.", remedy="Accept it, with a note.")
    row.decision, row.note = decision, note.strip()
    row.decided_at, row.decided_by = (uow.now, uow.actor.id) if decision else (None, "")
    uow.audit(
        "freight_line.decided", subject=invoice_id, tenant_id=row.tenant_id or "", reason=row.note, line=line,
        decision=decision,
    )  # fmt: skip


def lock_invoice(uow: UnitOfWork, invoice_id: str) -> None:
    """Let nobody else decide on an invoice until the transaction ends.

    Raises:
        NotFound: this caller has no such invoice, or its lines are still being read.
    """
    head = select(FreightInvoiceRow).where(FreightInvoiceRow.id == invoice_id, FreightInvoiceRow.state == "ready")
    if uow.session.scalar(head.with_for_update()) is None:
        raise NotFound("There is no such invoice.")
