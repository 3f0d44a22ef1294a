from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT
from shipping.freight.commands.decide_freight_line import decide_freight_line
from shipping.freight.commands.decide_freight_lines import decide_freight_lines
from shipping.freight.dispute_packs import dispute_pack_pdf
from shipping.freight.queries import (
    LineFilter,
    find_freight_invoices,
    freight_causes,
    freight_lines,
    get_freight_invoice,
)
from shipping.routes.callers import PDF, Cursor, Limit, Reader, pdf

router = APIRouter(prefix="/v1/freight/invoices", tags=["rates"])
Decider = Annotated[Actor, Depends(requires("stock:write"))]
InvoiceId = Annotated[str, Path(max_length=60, examples=["fri_01kas0d9m2fvk9hq6z8n3x7r5t"])]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class FreightInvoiceOut(_Out):
    """A carrier's invoice and its sums, in minor units of `currency`; it belongs to a merchant's contract or a site's.

    `expected_minor` leaves out lines without a price of ours; accepted lines are no part of `disputed_minor`.
    """

    id: str
    tenant_id: str
    site_id: str
    carrier: str
    number: str
    invoice_date: date | None
    currency: str
    file: str
    state: Literal["reading", "ready"]
    taken_at: datetime
    lines: int
    billed_minor: int
    expected_minor: int
    disputed_minor: int
    undecided: int = Field(description="Lines billed too high that nobody decided on")
    unclear: int = Field(description="Lines that could not be read, or have no price of ours")


class FreightCauseOut(_Out):
    """The lines of one cause."""

    cause: str
    lines: int
    billed_minor: int
    disputed_minor: int


class FreightFindingOut(_Out):
    """One difference; the amounts of a line's findings add up to what was billed too much."""

    cause: str
    amount_minor: int
    words: str


class FreightLineOut(_Out):
    """One billed line, what it should have cost, and the evidence as it stood when the invoice was taken."""

    line: int
    tracking_number: str
    service: str
    weight: str
    zone: str
    base_minor: int | None
    surcharges: list[tuple[str, int]]
    billed_minor: int
    expected_minor: int | None
    disputed_minor: int
    cause: str
    findings: list[FreightFindingOut]
    evidence: dict[str, Any]
    merchant_id: str
    parcel_id: str
    order_id: str = Field(validation_alias="reference")
    decision: Literal["", "dispute", "accept"]
    note: str
    decided_at: datetime | None


class FreightInvoicePage(_Out):
    """Invoices, the one taken last first; `next` is the cursor of the next page."""

    items: list[FreightInvoiceOut]
    next: str | None


class FreightInvoiceDetail(_Out):
    """An invoice with its causes and a page of its lines."""

    invoice: FreightInvoiceOut
    causes: list[FreightCauseOut]
    lines: list[FreightLineOut]
    next: str | None


class DecisionIn(BaseModel):
    """What is done about a line: disputed, accepted (with a note), or open again."""

    model_config = ConfigDict(extra="forbid", strict=True)
    decision: Literal["dispute", "accept", ""]
    note: str = Field(default="", max_length=500, examples=["The carrier showed its photograph."])


class DecisionsIn(DecisionIn):
    """What is done about all lines of a cause, or with a part of a number or service; without both, of the invoice."""

    cause: str = Field(default="", max_length=30, examples=["amount"])
    search: str = Field(default="", max_length=60)


class DecisionsOut(DecisionsIn):
    """How many lines were decided, or opened again."""

    invoice_id: str
    lines: int


class DecisionOut(DecisionIn):
    """The decision as it stands."""

    invoice_id: str
    line: int


@router.get("", operation_id="listFreightInvoices", summary="Carriers' invoices")
def list_invoices(
    actor: Reader,
    site_id: Annotated[str | None, Query(max_length=60)] = None,
    search: Annotated[str, Query(max_length=60, description="Part of an invoice's number or carrier")] = "",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> FreightInvoicePage:
    """Return the invoices that were audited: to a merchant those of its own contract."""
    with transaction(actor) as uow:
        site = require_site(uow, actor, site_id) if site_id else actor.site or ""
        page = find_freight_invoices(uow, site_id=site, search=search, cursor=cursor, limit=limit)
    return FreightInvoicePage.model_validate({"items": page.items, "next": page.next})


@router.get("/{invoice_id}", operation_id="getFreightInvoice", summary="A carrier's invoice, line by line")
def get_invoice(
    actor: Reader,
    invoice_id: InvoiceId,
    cause: Annotated[str, Query(max_length=30)] = "",
    search: Annotated[str, Query(max_length=60, description="Part of a tracking number or service")] = "",
    sort: Annotated[str, Query(pattern="^-?(line|billed|expected|disputed)$")] = "line",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> FreightInvoiceDetail:
    """Return what was billed, what was expected and why they differ, with the evidence of each line."""
    with transaction(actor) as uow:
        invoice = get_freight_invoice(uow, invoice_id)
        wanted = LineFilter(cause, search)
        page = freight_lines(uow, invoice_id, wanted, sort=sort, cursor=cursor, limit=limit)
        causes = freight_causes(uow, invoice_id)
    told = {"invoice": invoice, "causes": causes, "lines": page.items, "next": page.next}
    return FreightInvoiceDetail.model_validate(told)


@router.get(
    "/{invoice_id}/dispute.pdf", operation_id="getDisputePack", summary="The dispute pack", responses=PDF,
    response_class=Response,
)  # fmt: skip
def get_dispute_pack(actor: Reader, invoice_id: InvoiceId) -> Response:
    """Return the PDF that a carrier is sent: the sums by cause, then the evidence of each line that is asked back."""
    with transaction(actor) as uow:
        document = dispute_pack_pdf(uow, invoice_id=invoice_id)
    return pdf(document, f"dispute-{invoice_id}")


@router.put(
    "/{invoice_id}/lines/{line}/decision", operation_id="decideFreightLine", summary="Dispute or accept a line",
    responses={200: {"model": DecisionOut}},
)  # fmt: skip
def decide(
    request: Request, actor: Decider, invoice_id: InvoiceId, line: Annotated[int, Path(ge=0, le=2**53)],
    body: DecisionIn,
) -> Response:  # fmt: skip
    """Say what is done about a line; accepting one needs a note, and leaves it out of the dispute pack."""

    def work(uow: UnitOfWork) -> Answer:
        decide_freight_line(uow, invoice_id=invoice_id, line=line, decision=body.decision, note=body.note)
        return Answer(body.model_dump() | {"invoice_id": invoice_id, "line": line})

    return act(request, actor, [invoice_id, line, body.model_dump(mode="json")], work)


@router.post(
    "/{invoice_id}/decisions", operation_id="decideFreightLines", summary="Dispute or accept many lines",
    responses={200: {"model": DecisionsOut}},
)  # fmt: skip
def decide_many(request: Request, actor: Decider, invoice_id: InvoiceId, body: DecisionsIn) -> Response:
    """Decide on all lines that were billed too high and that nobody decided on; an empty decision opens decided ones
    again.
    """

    def work(uow: UnitOfWork) -> Answer:
        wanted = LineFilter(body.cause, body.search)
        lines = decide_freight_lines(uow, invoice_id=invoice_id, wanted=wanted, decision=body.decision, note=body.note)
        return Answer(body.model_dump() | {"invoice_id": invoice_id, "lines": lines})

    return act(request, actor, [invoice_id, body.model_dump(mode="json")], work)
