from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_HEADS: Final = """
    select i.id, coalesce(i.tenant_id, '') as tenant_id, coalesce(i.site_id, '') as site_id, i.carrier, i.number,
      i.invoice_date, i.currency, i.file, i.state, i.taken_at, i.taken_by, count(l.line) as lines,
      coalesce(sum(l.billed_minor), 0)::bigint as billed_minor,
      coalesce(sum(l.expected_minor), 0)::bigint as expected_minor,
      coalesce(sum(l.disputed_minor) filter (where l.decision <> 'accept'), 0)::bigint as disputed_minor,
      count(*) filter (where l.disputed_minor > 0 and l.decision = '') as undecided,
      count(*) filter (where l.cause in ('unreadable', 'unpriced')) as unclear
    from freight_invoice i left join freight_line l on l.invoice_id = i.id
"""
_LISTED: Final = """
    where (:site = '' or i.site_id = :site
           or i.tenant_id in (select merchant_id from merchant_site where site_id = :site))
      and (:search = '' or position(:search in lower(i.number)) > 0 or position(:search in i.carrier) > 0)
    group by i.id order by i.taken_at desc, i.id desc limit :limit offset :start
"""
_SORTS: Final = {
    "line": "line", "billed": "billed_minor", "disputed": "disputed_minor", "expected": "coalesce(expected_minor, 0)",
}  # fmt: skip
LINES: Final = """
    from freight_line where invoice_id = :invoice and (:cause = '' or cause = :cause)
      and (:search = '' or position(:search in lower(tracking_number)) > 0 or reference = any(:references)
           or position(:search in lower(service)) > 0)
      and (not :to_dispute or (disputed_minor > 0 and decision <> 'accept'))
"""
"""Which lines of an invoice a filter means; its values are those of `line_values`."""


@dataclass(frozen=True, slots=True)
class FreightInvoice:
    """A carrier's invoice with its sums in minor units: what was billed, what was expected where that can be told, and
    what is asked back: accepted lines have no part in it. `undecided` lines wait for a decision; `unclear` ones could
    not be read or priced. It belongs to a merchant's own contract or to a site's.
    """

    id: str
    tenant_id: str
    site_id: str
    carrier: str
    number: str
    invoice_date: date | None
    currency: str
    file: str
    state: str
    taken_at: datetime
    taken_by: str
    lines: int
    billed_minor: int
    expected_minor: int
    disputed_minor: int
    undecided: int
    unclear: int


@dataclass(frozen=True, slots=True)
class FreightLine:
    """One billed line beside what it should have cost. `findings` are {cause, amount_minor, words}, whose amounts add
    up to the difference; `evidence` is what we weighed, measured and bought, as it stood when the invoice was taken.
    """

    line: int
    tracking_number: str
    service: str
    weight: str
    zone: str
    base_minor: int | None
    surcharges: list[Any]
    billed_minor: int
    expected_minor: int | None
    disputed_minor: int
    cause: str
    findings: list[dict[str, Any]]
    evidence: dict[str, Any]
    raw: dict[str, Any]
    merchant_id: str
    parcel_id: str
    reference: str
    decision: str
    note: str
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True, slots=True)
class CauseTotal:
    """The lines of one cause, in minor units."""

    cause: str
    lines: int
    billed_minor: int
    disputed_minor: int


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines of an invoice: of a cause, with a part of a number or service in small letters, or of orders.

    `to_dispute` keeps those that are asked back: everything billed too high that nobody accepted.
    """

    cause: str = ""
    search: str = ""
    references: tuple[str, ...] = ()
    to_dispute: bool = False


def find_freight_invoices(
    uow: UnitOfWork, *, site_id: str = "", search: str = "", cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[FreightInvoice]:
    """Return the invoices that the caller may see, the one taken last first.

    A site's are those of its own contracts and of the merchants it serves.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    start = int(decode_cursor("freight", cursor)[0]) if cursor else 0
    size = min(limit, MAX_LIMIT)
    statement = text(_HEADS + _LISTED)
    values = {"site": site_id, "search": search.lower(), "limit": size + 1, "start": start}
    found = [FreightInvoice(**row) for row in uow.session.execute(statement, values).mappings()]
    return Page(tuple(found[:size]), encode_cursor("freight", start + size) if len(found) > size else None)


def get_freight_invoice(uow: UnitOfWork, invoice_id: str) -> FreightInvoice:
    """Return one invoice.

    Raises:
        NotFound: this caller has no such invoice.
    """
    row = uow.session.execute(text(f"{_HEADS} where i.id = :id group by i.id"), {"id": invoice_id}).mappings().first()
    if row is None:
        raise NotFound("There is no such invoice.")
    return FreightInvoice(**row)


def freight_causes(uow: UnitOfWork, invoice_id: str) -> Sequence[CauseTotal]:
    """Return an invoice's lines by cause, the one that costs most first; accepted lines ask nothing back."""
    statement = text(
        "select cause, count(*) as lines, sum(billed_minor)::bigint as billed_minor,"
        " coalesce(sum(disputed_minor) filter (where decision <> 'accept'), 0)::bigint as disputed_minor"
        " from freight_line where invoice_id = :invoice group by cause order by 4 desc, 2 desc, 1"
    )
    return [CauseTotal(**row) for row in uow.session.execute(statement, {"invoice": invoice_id}).mappings()]


def freight_lines(
    uow: UnitOfWork, invoice_id: str, wanted: LineFilter, *, sort: str = "line", cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[FreightLine]:  # fmt: skip
    """Return lines of an invoice; `sort` is line, billed, expected or disputed, with a minus for the greatest first.

    Raises:
        Invalid: such an order does not exist, or the cursor was not given out by this service.
    """
    name = sort.removeprefix("-")
    if name not in _SORTS:
        raise Invalid("Lines cannot be sorted by this.", remedy="Use line, billed, expected or disputed.",
                      pointer="/sort")  # fmt: skip
    start = int(decode_cursor("freight-lines", cursor)[0]) if cursor else 0
    size = min(limit, MAX_LIMIT)
    columns = ", ".join(FreightLine.__dataclass_fields__)
    way = "desc" if sort.startswith("-") else "asc"
    # The words in the order come from the table above, never from the request.
    statement = text(f"select {columns} {LINES} order by {_SORTS[name]} {way}, line limit :limit offset :start")
    values = line_values(invoice_id, wanted) | {"limit": size + 1, "start": start}
    found = [FreightLine(**row) for row in uow.session.execute(statement, values).mappings()]
    return Page(tuple(found[:size]), encode_cursor("freight-lines", start + size) if len(found) > size else None)


def line_values(invoice_id: str, wanted: LineFilter) -> dict[str, Any]:
    """Return the values of `LINES`."""
    return {
        "invoice": invoice_id, "cause": wanted.cause, "search": wanted.search.lower(),
        "references": list(wanted.references), "to_dispute": wanted.to_dispute,
    }  # fmt: skip


def carriers_of(uow: UnitOfWork, site_id: str) -> dict[str, str]:
    """Return the names of the carriers that a site has services of, by code; those it no longer uses still bill."""
    statement = text(
        "select carrier, min(carrier_name) as name from carrier_service where site_id = :site"
        " group by carrier order by 1"
    )
    return {row.carrier: row.name for row in uow.session.execute(statement, {"site": site_id})}
