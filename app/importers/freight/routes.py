from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.importers.freight.intake import import_freight_invoices, owner_named
from app.importers.uploads import file_body, file_name, tenant_named
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork
from kernel.web.access import requires
from kernel.web.acting import Answer, act

router = APIRouter(tags=["rates"])
_CSV = (
    "Invoice number,Invoice date,Tracking number,Service,Billed weight,Zone,Base charge,Surcharges,Total,Currency\n"
    "SP-2026-1101,2026-11-30,SP000000012345,Ground,2.5 kg,3,12.40,FUEL 0.74,13.14,EUR\n"
)


class TakenInvoiceOut(BaseModel):
    """What became of one invoice of the file; `why` says why one was refused."""

    number: str = Field(examples=["SP-2026-1101"])
    outcome: Literal["taken", "known", "refused"]
    invoice_id: str = Field(examples=["fri_01kas0d9m2fvk9hq6z8n3x7r5t"])
    lines: int = Field(examples=[412])
    why: str = ""


class FreightImportOut(BaseModel):
    """A file's result, invoice by invoice. Where the worker takes it, there are none yet, and `run_id` is set."""

    results: list[TakenInvoiceOut]
    run_id: str = Field(examples=[""])


@router.post(
    "/v1/freight/invoices",
    operation_id="importFreightInvoices",
    summary="Audit a carrier's invoice",
    responses={200: {"model": FreightImportOut}, 202: {"model": FreightImportOut}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}, "example": _CSV}},
        }
    },
)
def import_invoices(
    request: Request,
    actor: Annotated[Actor, Depends(requires("stock:write"))],
    content: Annotated[bytes, Depends(file_body)],
    *,
    carrier: Annotated[str, Query(max_length=60, description="Code of the carrier")],
    merchant: Annotated[str, Query(description="Code of the merchant whose own contract it is")] = "",
    site_id: Annotated[str, Query(max_length=60, description="Site whose contract it is, where no merchant's")] = "",
    file: Annotated[str, Query(max_length=200, description="Name of the file")] = "invoice.csv",
) -> Response:
    """Take a carrier's invoice as CSV and compare every line with what was weighed, measured and bought.

    Columns may be named and separated in the usual ways; a row that cannot be understood is kept and named. The same
    invoice again changes nothing. Files of more than 100 kB, up to 50 MB, are answered 202 and taken in the background.
    """
    name = file_name(file)

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_named(uow, actor, merchant) if merchant else ""
        owner = owner_named(uow, site_id=site_id, tenant_id=tenant_id)
        done = import_freight_invoices(uow, owner=owner, carrier=carrier, content=content, file=name)
        return Answer(done, 202 if done.run_id else 200)

    return act(request, actor, [sha256(content).hexdigest(), carrier, merchant, site_id, name], work)
