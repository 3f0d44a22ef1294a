from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from sqlalchemy import delete, func, insert, select, text

from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id
from shipping.domain.freight_audit import Finding, Judgement, judge_charge
from shipping.domain.freight_lines import BilledInvoice, BilledLine, InvoiceOwner
from shipping.freight.evidence import Shipped, shipped_by_number
from shipping.models.freight import FreightInvoiceRow, FreightLineRow

Outcome = Literal["taken", "known", "refused"]
_ALONE: Final = text("select pg_advisory_xact_lock(hashtextextended(:key, 53))")
# The first regular charge of each number, on this invoice or an earlier one of the same contract.
_BILLED: Final = text(
    """
    select distinct on (l.tracking_number) l.tracking_number, i.number, i.invoice_date, l.line
    from freight_line l join freight_invoice i on i.id = l.invoice_id
    where l.carrier = :carrier and l.tracking_number = any(:numbers) and l.billed_minor > 0
      and coalesce(l.tenant_id, '') = :tenant and coalesce(l.site_id, '') = :site
      and l.cause not in ('unreadable', 'billed_twice')
    order by l.tracking_number, i.taken_at, i.id, l.line
    """
)


@dataclass(frozen=True, slots=True)
class TakenInvoice:
    """What became of an invoice: taken, known (the same was here already), or refused, and why."""

    number: str
    outcome: Outcome
    invoice_id: str
    lines: int
    why: str = ""


def take_freight_invoice(
    uow: UnitOfWork, *, owner: InvoiceOwner, carrier: str, invoice: BilledInvoice, file: str
) -> TakenInvoice:
    """Keep a carrier's invoice with every row of it, and say of each what it should have cost.

    The same invoice again changes nothing; another one with its number is refused.
    """
    begun = begin_freight_invoice(uow, owner=owner, carrier=carrier, invoice=invoice, file=file, run_id="")
    if begun.outcome == "taken":
        add_freight_lines(uow, invoice_id=begun.invoice_id, run_id="", lines=invoice.lines)
        close_freight_invoice(uow, invoice_id=begun.invoice_id, run_id="")
    return begun


def begin_freight_invoice(
    uow: UnitOfWork, *, owner: InvoiceOwner, carrier: str, invoice: BilledInvoice, file: str, run_id: str,
    resumes: bool = False,
) -> TakenInvoice:  # fmt: skip
    """Begin an invoice whose rows follow in parts. One that is being read begins anew, unless this run `resumes` it."""
    _lock(uow, owner.key, carrier)
    statement = select(FreightInvoiceRow).where(
        func.coalesce(FreightInvoiceRow.tenant_id, "") == owner.tenant_id,
        func.coalesce(FreightInvoiceRow.site_id, "") == owner.site_id,
        FreightInvoiceRow.carrier == carrier,
        FreightInvoiceRow.number == invoice.number,
    )
    row, count = uow.session.scalar(statement.with_for_update()), len(invoice.lines)
    if row is not None and row.state == "ready":
        if row.digest == invoice.digest:
            return TakenInvoice(invoice.number, "known", row.id, count)
        why = f"Invoice {invoice.number} is here already, with other rows. What was taken stays as it is."
        return TakenInvoice(invoice.number, "refused", row.id, count, why)
    if row is not None and resumes and row.run_id == run_id:
        return TakenInvoice(invoice.number, "taken", row.id, count)
    if row is None:
        row = FreightInvoiceRow(
            id=new_id("fri"), tenant_id=owner.tenant_id or None, site_id=owner.site_id or None, carrier=carrier,
            number=invoice.number,
        )  # fmt: skip
        uow.session.add(row)
    row.invoice_date, row.currency, row.digest, row.file = invoice.invoice_date, invoice.currency, invoice.digest, file
    row.run_id, row.state, row.taken_at, row.taken_by = run_id, "reading", uow.now, uow.actor.id
    uow.session.flush()
    uow.session.execute(delete(FreightLineRow).where(FreightLineRow.invoice_id == row.id))
    return TakenInvoice(invoice.number, "taken", row.id, count)


def add_freight_lines(uow: UnitOfWork, *, invoice_id: str, run_id: str, lines: Sequence[BilledLine]) -> bool:
    """Keep and judge some rows of an invoice that is being read; False when somebody else reads it by now."""
    row = _reading(uow, invoice_id, run_id)
    if row is None:
        return False
    owner = InvoiceOwner(row.tenant_id or "", row.site_id or "")
    _lock(uow, owner.key, row.carrier)
    numbers = sorted({each.tracking_number for each in lines if each.tracking_number})
    shipped = shipped_by_number(
        uow, owner=owner, carrier=row.carrier, currency=row.currency, numbers=numbers, invoice_date=row.invoice_date
    )
    values = {"carrier": row.carrier, "numbers": numbers, "tenant": owner.tenant_id, "site": owner.site_id}
    earlier = {
        found.tracking_number: {"invoice": found.number, "line": found.line}
        for found in uow.session.execute(_BILLED, values)
    }
    rows = [_judged(row, line, shipped.get(line.tracking_number), earlier) for line in lines]
    if rows:
        uow.session.execute(insert(FreightLineRow), rows)
    return True


def close_freight_invoice(uow: UnitOfWork, *, invoice_id: str, run_id: str) -> None:
    """Note that all rows of an invoice are here."""
    row = _reading(uow, invoice_id, run_id)
    if row is not None:
        row.state = "ready"


def _reading(uow: UnitOfWork, invoice_id: str, run_id: str) -> FreightInvoiceRow | None:
    statement = select(FreightInvoiceRow).where(
        FreightInvoiceRow.id == invoice_id, FreightInvoiceRow.state == "reading", FreightInvoiceRow.run_id == run_id
    )
    return uow.session.scalar(statement.with_for_update())


def _lock(uow: UnitOfWork, owner: str, carrier: str) -> None:
    """Let one invoice of a contract be judged at a time: which of two charges was the first must be certain."""
    uow.session.execute(_ALONE, {"key": f"{owner}/{carrier}"})


def _judged(
    invoice: FreightInvoiceRow, line: BilledLine, shipped: Shipped | None, earlier: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    judgement = _judge(line, invoice.currency, shipped, earlier.get(line.tracking_number))
    evidence = dict(shipped.evidence) if shipped else {}
    if judgement.cause == "billed_twice":
        evidence["first"] = earlier[line.tracking_number]
    elif line.tracking_number and line.total_minor > 0 and judgement.cause != "unreadable":
        earlier.setdefault(line.tracking_number, {"invoice": invoice.number, "line": line.line})
    return {
        "invoice_id": invoice.id, "line": line.line, "tenant_id": invoice.tenant_id, "site_id": invoice.site_id,
        "carrier": invoice.carrier, "tracking_number": line.tracking_number, "service": line.service,
        "weight": f"{line.weight} {line.weight_unit}".strip(), "zone": line.zone, "base_minor": line.base_minor,
        "surcharges": [list(each) for each in line.surcharges], "billed_minor": line.total_minor,
        "expected_minor": judgement.expected_minor, "disputed_minor": judgement.disputed_minor(line.total_minor),
        "cause": judgement.cause, "findings": [asdict(each) for each in judgement.findings], "evidence": evidence,
        "raw": line.raw, "merchant_id": shipped.tenant_id if shipped else "",
        "parcel_id": shipped.parcel_id if shipped else "", "reference": shipped.reference if shipped else "",
        "decision": "", "note": "", "decided_at": None, "decided_by": "",
    }  # fmt: skip


def _judge(line: BilledLine, currency: str, shipped: Shipped | None, first: dict[str, Any] | None) -> Judgement:
    total = line.total_minor
    if line.faults:
        return Judgement("unreadable", None, tuple(Finding("unreadable", 0, each) for each in line.faults))
    if total < 0:
        return Judgement("credit", total)
    if first is not None and total:
        words = f"Billed already on line {first['line']} of invoice {first['invoice']}."
        return Judgement("billed_twice", 0, (Finding("billed_twice", total, words),))
    if shipped is None or shipped.is_voided:
        return _whole(total, is_ours=shipped is not None)
    if shipped.bought is None:
        return Judgement("unpriced", None, (Finding("unpriced", 0, shipped.why),))
    return judge_charge(line.charge(currency), shipped.bought)


def _whole(total: int, *, is_ours: bool) -> Judgement:
    """Return the judgement of a charge that should not be there at all."""
    if not total:
        return Judgement("agreed", 0)
    if is_ours:
        return Judgement("label_voided", 0, (Finding("label_voided", total, "The label was given up."),))
    return Judgement("not_ours", 0, (Finding("not_ours", total, "No label of ours has this number."),))
