from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.importers.arrivals.intake import LARGEST_BYTES, import_arrivals
from app.importers.uploads import file_body, file_name, tenant_named
from kernel.access.queries import site_for
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.web.access import requires
from kernel.web.acting import Answer, act

router = APIRouter(tags=["imports"])
_CSV = (
    "Arrival,Expected on,SKU or barcode,Quantity,Supplier\n"
    "PO-4711,2026-12-01,MUG-0042,240,Emaillewerk Thale\n"
    "PO-4711,2026-12-01,4006381333931,600,Emaillewerk Thale\n"
)
_X12 = "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*PICKSTREAM     *261120*1200*U*00401*000000001*0*P*>~..."


class ArrivalFault(BaseModel):
    """One thing wrong with one row (of CSV: its line) or segment (of X12: counted from 1)."""

    line: int = Field(examples=[3])
    code: str = Field(examples=["unknown_item"])
    message: str


class ImportedArrivalOut(BaseModel):
    """What became of one arrival of the file."""

    line: int = Field(examples=[2])
    arrival: str = Field(examples=["PO-4711"])
    outcome: str = Field(
        examples=["announced"], description="announced, known (it was here already), cancelled, refused"
    )
    arrival_id: str = Field(examples=["arr_01kas0d9m2fvk9hq6z8n3x7r5t"])
    units: int = Field(examples=[840])
    faults: list[ArrivalFault]


class ArrivalImportOut(BaseModel):
    """A file's result. An arrival with a fault was not announced, not even in part."""

    results: list[ImportedArrivalOut]


@router.post(
    "/v1/imports/arrivals",
    operation_id="importArrivals",
    summary="Announce arrivals by file",
    responses={200: {"model": ArrivalImportOut}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": {"type": "string", "format": "binary"}, "example": _CSV},
                "application/edi-x12": {"schema": {"type": "string", "format": "binary"}, "example": _X12},
            },
        }
    },
)
def import_arrival_notices(
    request: Request,
    actor: Annotated[Actor, Depends(requires("stock:write"))],
    content: Annotated[bytes, Depends(file_body)],
    *,
    merchant: Annotated[str, Query(description="Code of the merchant; not needed with a merchant's own key")] = "",
    site: Annotated[str, Query(description="Code of the site; the first that serves the merchant if left out")] = "",
    file: Annotated[str, Query(max_length=200, description="Name of the file, for messages")] = "arrivals.csv",
) -> Response:
    """Announce what a CSV file or an X12 856 says will come; 856 with purpose 01 cancel. The same file again changes
    nothing.
    """
    name = file_name(file)
    if len(content) > LARGEST_BYTES:
        raise Invalid(f"{name} is larger than {LARGEST_BYTES:,} bytes.", remedy="Send it in parts.", pointer=f"/{name}")

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_named(uow, actor, merchant)
        site_id = site_for(uow, actor, tenant_id, site)
        return Answer(import_arrivals(uow, tenant_id=tenant_id, site_id=site_id, content=content, file=name))

    return act(request, actor, [sha256(content).hexdigest(), merchant, site, file], work)
