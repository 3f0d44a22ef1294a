from datetime import datetime
from typing import Any, Final

from kernel.access.queries import get_merchant, get_site
from kernel.db.transactions import UnitOfWork
from kernel.money import Money
from kernel.quantity import counted
from kernel.web.paging import MAX_LIMIT
from shipping.documents.dispute_packs import (
    DisputedCause,
    DisputedLine,
    DisputePack,
    Facts,
    dispute_pack_document,
)
from shipping.freight.queries import (
    FreightInvoice,
    FreightLine,
    LineFilter,
    freight_causes,
    freight_lines,
    get_freight_invoice,
)
from shipping.sentences import FREIGHT_CAUSES

_ASKED: Final = LineFilter(to_dispute=True)


def dispute_pack_pdf(uow: UnitOfWork, *, invoice_id: str) -> bytes:
    """Return what a carrier is sent to get back what it billed too much: the sums by cause, and line by line what we
    weighed, measured and bought. Lines that were accepted are left out.

    Raises:
        NotFound: this caller has no such invoice.
    """
    invoice = get_freight_invoice(uow, invoice_id)
    lines: list[FreightLine] = []
    cursor: str | None = None
    while True:
        page = freight_lines(uow, invoice_id, _ASKED, sort="-disputed", cursor=cursor, limit=MAX_LIMIT)
        lines += page.items
        cursor = page.next
        if cursor is None:
            break
    causes = tuple(
        DisputedCause(
            FREIGHT_CAUSES[each.cause], f"{sum(line.cause == each.cause for line in lines):,}",
            _sum([line.billed_minor for line in lines if line.cause == each.cause], invoice),
            str(Money(each.disputed_minor, invoice.currency)),
        )
        for each in freight_causes(uow, invoice_id)
        if each.disputed_minor
    )  # fmt: skip
    told = tuple(_line(each, invoice.currency) for each in lines)
    title = f"Freight dispute, invoice {invoice.number}"
    return dispute_pack_document(DisputePack(title, _facts(uow, invoice), _totals(invoice, len(lines)), causes, told))


def _sum(amounts: list[int], invoice: FreightInvoice) -> str:
    return str(Money(sum(amounts), invoice.currency))


def _facts(uow: UnitOfWork, invoice: FreightInvoice) -> Facts:
    owner = get_merchant(uow, invoice.tenant_id) if invoice.tenant_id else get_site(uow, invoice.site_id)
    return (
        ("Carrier", invoice.carrier.replace("_", " ").title()),
        ("Invoice", invoice.number),
        ("Invoice date", str(invoice.invoice_date or "not stated")),
        ("Contract of", f"{owner.name} ({owner.code})"),
        ("Received", f"{invoice.taken_at:%Y-%m-%d %H:%M} UTC"),
    )


def _totals(invoice: FreightInvoice, lines: int) -> Facts:
    return (
        (f"Billed, {counted(invoice.lines, 'line')}", str(Money(invoice.billed_minor, invoice.currency))),
        ("Expected", str(Money(invoice.expected_minor, invoice.currency))),
        (f"Disputed, {counted(lines, 'line')}", str(Money(invoice.disputed_minor, invoice.currency))),
    )


def _line(line: FreightLine, currency: str) -> DisputedLine:
    words = tuple(
        f"{FREIGHT_CAUSES[each['cause']]}, {Money(each['amount_minor'], currency)}: {each['words']}"
        for each in line.findings
    )
    note = (f"Note: {line.note}",) if line.note else ()
    return DisputedLine(
        f"Line {line.line}, {line.tracking_number or 'no tracking number'}", FREIGHT_CAUSES[line.cause],
        str(Money(line.disputed_minor, currency)), _billed(line, currency), evidence_facts(line.evidence, currency),
        (*words, *note),
    )  # fmt: skip


def _billed(line: FreightLine, currency: str) -> Facts:
    surcharges = ", ".join(f"{code} {Money(minor, currency)}".strip() for code, minor in line.surcharges)
    told = (
        ("Service", line.service), ("Billed weight", line.weight), ("Zone", line.zone),
        ("Base charge", "" if line.base_minor is None else str(Money(line.base_minor, currency))),
        ("Surcharges", surcharges), ("Billed", str(Money(line.billed_minor, currency))),
        ("Expected", "" if line.expected_minor is None else str(Money(line.expected_minor, currency))),
    )  # fmt: skip
    return tuple((name, value) for name, value in told if value)


def evidence_facts(evidence: dict[str, Any], currency: str) -> Facts:
    """Return what we have on a parcel, as people read it: empty where the number is not ours."""
    if not evidence:
        return ()
    sides = " x ".join(str(side) for side in evidence["sides_mm"])
    told = [("Bought", f"{evidence['service'].replace('_', ' ')}, left {evidence['ship_date']}")]
    told += _weighing(evidence["weighing"])
    told += [("Weighed again", _second_weighing(check)) for check in evidence.get("checks", ())]
    told.append(("Carton", f"{evidence['carton']}, {sides} mm outside"))
    if "price_minor" in evidence:
        by = f"chart of {evidence['chart_from']}" if evidence["zone_by"] == "chart" else "no chart; estimated"
        told.append(("Zone", f"{evidence['zone']}, {evidence['from']} to {evidence['to']}, {by}"))
        told.append(
            ("Billed weight", f"{evidence['billed_g']:,} g, {evidence['basis']}, divisor {evidence['divisor']}")
        )
        extra = ", ".join(f"{code} {Money(minor, currency)}" for code, minor in evidence["surcharges"])
        freight = f"{Money(evidence['freight_minor'], currency)}{' + ' + extra if extra else ''}"
        told.append(("Card price", f"{Money(evidence['price_minor'], currency)} = {freight}"))
        told.append(("Card", f"in force since {evidence['card_from']}"))
    if evidence["voided_at"]:
        told.append(("Label voided", _moment(evidence["voided_at"])))
    if "first" in evidence:
        told.append(("Billed before", f"invoice {evidence['first']['invoice']}, line {evidence['first']['line']}"))
    return tuple(told)


def _weighing(weighing: dict[str, Any]) -> Facts:
    if not weighing:
        return (("Weighed", "not on a scale of ours"),)
    scale = weighing["scale"]
    reading = f"{weighing['reading_g']:,} g, reading {weighing['attempt']}, {_moment(weighing['at'])}"
    return (
        ("Weighed", reading),
        ("Scale", f"{scale['code']}, e {scale['interval_g']} g, calibrated until {scale['calibrated_until']}"),
    )


def _second_weighing(check: dict[str, Any]) -> str:
    by = f"scale {check['device']}" if check["source"] == "scale" else check["device"].replace("_", " ").title()
    verdict = "as declared" if check["outcome"] == "agrees" else f"not within {check['limit_g']:,} g"
    return f"{check['reading_g']:,} g by {by}, {verdict}, {_moment(check['at'])}"


def _moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M} UTC"
