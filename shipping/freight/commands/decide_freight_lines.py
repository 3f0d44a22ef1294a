from typing import Final

from sqlalchemy import text, update

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.freight.commands.decide_freight_line import FreightDecision, lock_invoice
from shipping.freight.queries import LINES, LineFilter, line_values
from shipping.models.freight import FreightLineRow

_WAITS: Final = "decision = '' and disputed_minor > 0"
_DECIDED: Final = "decision <> ''"
_OPEN: Final = {"note": "", "decided_at": None, "decided_by": ""}


def decide_freight_lines(
    uow: UnitOfWork, *, invoice_id: str, wanted: LineFilter, decision: FreightDecision, note: str = ""
) -> int:
    """Dispute, or accept with a note, all lines of a filter that were billed too high and that nobody decided on; ""
    opens all of them again that are decided. Returns how many lines that are.

    Raises:
        NotFound: this caller has no such invoice.
        Invalid: they are accepted without a note.
    """
    lock_invoice(uow, invoice_id)
    if decision == "accept" and not note.strip():
        raise Invalid("Say why the charges are accepted.", pointer="/note")
    lines = text(f"select line {LINES} and {_WAITS if decision else _DECIDED}")
    matching = uow.session.scalars(lines, line_values(invoice_id, wanted)).all()
    statement = update(FreightLineRow).where(FreightLineRow.invoice_id == invoice_id, FreightLineRow.line.in_(matching))
    kept = {"note": note.strip(), "decided_at": uow.now, "decided_by": uow.actor.id} if decision else _OPEN
    changed = uow.session.execute(statement.values(decision=decision, **kept).returning(FreightLineRow.tenant_id))
    tenants = changed.scalars().all()
    if tenants:
        uow.audit(
            "freight_lines.decided", subject=invoice_id, tenant_id=tenants[0] or "", reason=note.strip(),
            lines=len(tenants), decision=decision, cause=wanted.cause, search=wanted.search,
        )  # fmt: skip
    return len(tenants)


def count_freight_lines(uow: UnitOfWork, *, invoice_id: str, wanted: LineFilter) -> tuple[int, int]:
    """Return how many lines of a filter wait for a decision, and how many are decided."""
    statement = f"select count(*) filter (where {_WAITS}), count(*) filter (where {_DECIDED}) {LINES}"
    waiting, decided = uow.session.execute(text(statement), line_values(invoice_id, wanted)).one()
    return waiting, decided
