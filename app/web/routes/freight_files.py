"""What is taken away of a carrier's invoice: the dispute pack, and lines as CSV."""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from app.web.routes.answers import PageRoute
from app.web.routes.freight_invoice_page import FIRST, Asked, filter_of
from app.web.routes.visits import Visit, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.csv_text import csv_line
from kernel.web.paging import MAX_LIMIT
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
_CSV_COLUMNS: Final = (
    "invoice", "line", "tracking_number", "order", "service", "billed_weight", "zone", "currency", "base_minor",
    "surcharges", "billed_minor", "expected_minor", "disputed_minor", "cause", "why", "decision", "note", "evidence",
)  # fmt: skip


@router.get("/freight-invoices/{invoice_id}/dispute.pdf")
def download_dispute_pack(visit: Viewer, invoice_id: str) -> Response:
    """Return the PDF that the carrier is sent."""
    with desk_of(visit) as desk:
        document = shipping.dispute_pack_pdf(desk.uow, invoice_id=invoice_id)
        number = shipping.get_freight_invoice(desk.uow, invoice_id).number
    headers = {"content-disposition": f'attachment; filename="{_file_name(number)}.pdf"'}
    return Response(document, media_type="application/pdf", headers=headers)


@router.get("/freight-invoices/{invoice_id}/dispute.csv")
def download_disputed(visit: Viewer, invoice_id: str) -> Response:
    """Return the same as CSV."""
    return _csv(visit, invoice_id, shipping.LineFilter(to_dispute=True), FIRST)


@router.get("/freight-invoices/{invoice_id}/lines.csv")
def download_lines(visit: Viewer, invoice_id: str, asked: Asked) -> Response:
    """Return the lines as the page shows them, all of them, as CSV."""
    with desk_of(visit) as desk:
        wanted = filter_of(desk, asked)
    return _csv(visit, invoice_id, wanted, asked.sort)


def _file_name(number: str) -> str:
    return "dispute-" + "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in number)[:60]


def _csv(visit: Visit, invoice_id: str, wanted: shipping.LineFilter, sort: str) -> Response:
    with desk_of(visit) as desk:
        invoice = shipping.get_freight_invoice(desk.uow, invoice_id)
    headers = {"content-disposition": f'attachment; filename="{_file_name(invoice.number)}.csv"'}
    pieces = _csv_pieces(visit, invoice, wanted, sort)
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


def _csv_pieces(
    visit: Visit, invoice: shipping.FreightInvoice, wanted: shipping.LineFilter, sort: str
) -> Iterator[str]:
    """Yield the lines piece by piece, each read in a transaction of its own: a slow reader holds none open."""
    yield csv_line(_CSV_COLUMNS)
    cursor: str | None = None
    while True:
        with desk_of(visit) as desk:
            found = shipping.freight_lines(desk.uow, invoice.id, wanted, sort=sort, cursor=cursor, limit=MAX_LIMIT)
            heads = fulfillment.order_heads(desk.uow, [each.reference for each in found.items if each.reference])
        for each in found.items:
            yield _csv_row(invoice, each, heads.get(each.reference))
        cursor = found.next
        if cursor is None:
            return


def _csv_row(invoice: shipping.FreightInvoice, each: shipping.FreightLine, head: fulfillment.OrderHead | None) -> str:
    facts = shipping.evidence_facts(each.evidence, invoice.currency)
    return csv_line(
        (
            invoice.number, each.line, each.tracking_number, head.external_id if head else each.reference,
            each.service, each.weight, each.zone, invoice.currency,
            "" if each.base_minor is None else each.base_minor,
            "; ".join(f"{code} {minor}".strip() for code, minor in each.surcharges), each.billed_minor,
            "" if each.expected_minor is None else each.expected_minor, each.disputed_minor, each.cause,
            " ".join(one["words"] for one in each.findings), each.decision, each.note,
            "; ".join(f"{name}: {value}" for name, value in facts),
        )
    )  # fmt: skip
