from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import get_merchant
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Forbidden, Invalid
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from shipping.commands.set_export_terms import set_export_terms
from shipping.domain.exports import MAX_SIGNER, ExportTerms
from shipping.export_facts import ExportTermsView, export_terms
from shipping.routes.callers import Reader

router = APIRouter(prefix="/v1")
Writer = Annotated[Actor, Depends(requires("orders:write"))]
MerchantId = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$", description="Only for staff")]


class ExportTermsIn(BaseModel):
    """Who exports a merchant's goods, and on which terms; what is left out is not known."""

    model_config = ConfigDict(extra="forbid", strict=True)
    eori: str = Field(default="", max_length=17, examples=["DE1234567"], description="asked of exporters in EU and GB")
    vat_number: str = Field(default="", max_length=15, examples=["DE811111111"])
    signer: str = Field(default="", max_length=MAX_SIGNER, examples=["Petra Muster"], description="who signs")
    phone: str = Field(default="", max_length=15, examples=["+4930123456"], description="where carriers ask")
    incoterm: Literal["DAP", "DDP"] = Field(default="DAP", description="duties: DAP the recipient's, DDP the account's")
    version: int | None = Field(default=None, description="the one that was read; left out: whichever it is")


class ExportTermsOut(BaseModel):
    """A merchant's export terms; `version` is 0 while nobody has told any."""

    merchant_id: str
    eori: str
    vat_number: str
    signer: str
    phone: str
    incoterm: Literal["DAP", "DDP"]
    version: int


@router.get(
    "/export-terms", operation_id="getExportTerms", summary="Who exports a merchant's goods", tags=["carrier accounts"]
)
def get_terms(actor: Reader, merchant_id: MerchantId = "") -> ExportTermsOut:
    """Return what carriers are told of the exporter with every parcel that crosses a customs border."""
    with transaction(actor) as uow:
        return _out(export_terms(uow, _tenant_of(uow, actor, merchant_id)))


@router.put(
    "/export-terms", operation_id="setExportTerms", summary="Say who exports a merchant's goods",
    tags=["carrier accounts"], responses={200: {"model": ExportTermsOut}},
)  # fmt: skip
def put_terms(request: Request, actor: Writer, body: ExportTermsIn, merchant_id: MerchantId = "") -> Response:
    """Replace a merchant's export terms, from the next label on."""

    def work(uow: UnitOfWork) -> Answer:
        tenant = _tenant_of(uow, actor, merchant_id)
        terms = ExportTerms(**body.model_dump(exclude={"version"}))
        told = set_export_terms(uow, tenant_id=tenant, terms=terms, version=body.version)
        return Answer(_out(told).model_dump())

    return act(request, actor, [merchant_id, body.model_dump()], work)


def _tenant_of(uow: UnitOfWork, actor: Actor, merchant_id: str) -> str:
    """Return whose terms are meant: a merchant's own, or those of the one that staff name."""
    if actor.tenant not in ("", ALL_TENANTS):
        if merchant_id not in ("", actor.tenant):
            raise Forbidden("This key belongs to another merchant.", remedy="Leave merchant_id out.")
        return actor.tenant
    if not merchant_id:
        raise Invalid("Say which merchant's terms these are.", pointer="/merchant_id")
    return get_merchant(uow, merchant_id).id


def _out(view: ExportTermsView) -> ExportTermsOut:
    return ExportTermsOut(merchant_id=view.tenant_id, version=view.version, **asdict(view.terms))
