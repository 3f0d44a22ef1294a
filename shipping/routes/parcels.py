from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT
from shipping import queries
from shipping.commands.release_held_parcel import release_held_parcel
from shipping.commands.request_label import request_label
from shipping.commands.void_parcel import void_parcel
from shipping.commands.weigh_parcel import weigh_parcel
from shipping.quoting import quote_parcel
from shipping.repository import tenant_of_parcel
from shipping.routes.callers import Cursor, Judge, Limit, Packer, Planner, Reader, dump, site_of
from shipping.routes.reading_schemas import WeighIn
from shipping.routes.schemas import (
    AuditOut,
    CutOffList,
    HeldList,
    LabelOut,
    ParcelOut,
    ParcelPage,
    QuarantineList,
    QuoteList,
    RatesIn,
    RatesOut,
    ReleaseIn,
    TrackingOut,
    VoidIn,
)

router = APIRouter(prefix="/v1")


@router.get("/parcels", operation_id="listParcels", summary="List parcels", tags=["parcels"])
def list_parcels(
    actor: Reader,
    order_id: Annotated[str | None, Query(max_length=60)] = None,
    state: Annotated[str | None, Query(max_length=20)] = None,
    search: Annotated[str, Query(max_length=60)] = "",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ParcelPage:
    """Return parcels, newest first; `search` is a whole tracking number, SSCC, order id or parcel id."""
    with transaction(actor) as uow:
        page = queries.find_parcels(uow, state=state, search=order_id or search, cursor=cursor, limit=limit)
    return ParcelPage.model_validate(page)


@router.get("/parcels/held", operation_id="listHeldParcels", summary="List held parcels", tags=["parcels"])
def list_held(actor: Packer, site_id: Annotated[str, Query(max_length=60)]) -> HeldList:
    """Return what the weight audit holds at a site, longest waiting first, with what the scale showed."""
    with transaction(actor) as uow:
        held = queries.held_parcels(uow, site_id=require_site(uow, actor, site_id))
    return HeldList.model_validate({"items": [{"parcel": parcel, "audit": audit} for parcel, audit in held]})


@router.get("/parcels/{parcel_id}", operation_id="getParcel", summary="Get a parcel", tags=["parcels"])
def get_parcel(actor: Reader, parcel_id: str) -> ParcelOut:
    """Return one parcel."""
    with transaction(actor) as uow:
        parcel = queries.parcel_by_id(uow, parcel_id=parcel_id)
    return ParcelOut.model_validate(parcel)


@router.post(
    "/parcels/{parcel_id}/weigh", operation_id="weighParcel", summary="Weigh a parcel", tags=["parcels"],
    responses={200: {"model": AuditOut}},
)  # fmt: skip
def weigh(request: Request, actor: Packer, parcel_id: str, body: WeighIn) -> Response:
    """Judge a scale reading. RECHECK means: weigh it once more; HOLD: a person has to look."""

    def work(uow: UnitOfWork) -> Answer:
        audit = weigh_parcel(
            uow,
            parcel_id=parcel_id,
            reading_g=body.weight(),
            scale_code=body.scale_code,
            stable=body.stable,
            typed=body.typed,
        )
        return Answer(dump(AuditOut, audit))

    return act(request, actor, body.model_dump(), work)


@router.post(
    "/parcels/{parcel_id}/release", operation_id="releaseHeldParcel", summary="Release a held parcel",
    tags=["parcels"], responses={200: {"model": ParcelOut}},
)  # fmt: skip
def release(request: Request, actor: Judge, parcel_id: str, body: ReleaseIn) -> Response:
    """Let a held parcel go, with reason and evidence. Whoever packed it may not."""

    def work(uow: UnitOfWork) -> Answer:
        tenant = tenant_of_parcel(uow, parcel_id=parcel_id)
        parcel = release_held_parcel(uow, tenant_id=tenant, parcel_id=parcel_id, **body.model_dump())
        return Answer(dump(ParcelOut, parcel))

    return act(request, actor, body.model_dump(), work)


@router.post(
    "/parcels/{parcel_id}/label", operation_id="requestLabel", summary="Get a label", tags=["parcels"],
    responses={202: {"model": LabelOut}, 200: {"model": LabelOut}},
)  # fmt: skip
def want_label(request: Request, actor: Packer, parcel_id: str) -> Response:
    """Choose a service and get the label. 202 means: it is being bought; ask for the parcel again."""

    def work(uow: UnitOfWork) -> Answer:
        tenant = tenant_of_parcel(uow, parcel_id=parcel_id)
        label = request_label(uow, tenant_id=tenant, parcel_id=parcel_id)
        return Answer(dump(LabelOut, label), 200 if label.state == "purchased" else 202)

    return act(request, actor, None, work)


@router.post(
    "/parcels/{parcel_id}/void", operation_id="voidParcel", summary="Give a parcel up", tags=["parcels"],
    responses={200: {"model": ParcelOut}},
)  # fmt: skip
def void(request: Request, actor: Planner, parcel_id: str, body: VoidIn) -> Response:
    """Give a parcel up before it is on a manifest; its label is voided at the carrier."""

    def work(uow: UnitOfWork) -> Answer:
        tenant = tenant_of_parcel(uow, parcel_id=parcel_id)
        parcel = void_parcel(
            uow, tenant_id=tenant, parcel_id=parcel_id, reason=body.reason, carton_reusable=body.carton_reusable
        )
        return Answer(dump(ParcelOut, parcel))

    return act(request, actor, body.model_dump(), work)


@router.get("/parcels/{parcel_id}/quotes", operation_id="listQuotes", summary="Why this service", tags=["parcels"])
def quotes(actor: Reader, parcel_id: str) -> QuoteList:
    """Return every quote that the parcel's label was chosen from, cheapest first."""
    with transaction(actor) as uow:
        parcel = queries.parcel_by_id(uow, parcel_id=parcel_id)
        found = queries.quotes_of(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id)
    return QuoteList.model_validate({"items": found})


@router.get("/tracking/{tracking_number}", operation_id="getTracking", summary="Where is it", tags=["tracking"])
def tracking(actor: Reader, tracking_number: str) -> TrackingOut:
    """Return the newest parcel with this tracking number, and its scans in plain words."""
    with transaction(actor) as uow:
        parcel = queries.newest_by_tracking_number(uow, tracking_number=tracking_number)
        scans = queries.scans_of(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id)
    return TrackingOut.model_validate({"parcel": parcel, "scans": scans})


@router.get("/quarantine", operation_id="listQuarantine", summary="Scans without a parcel", tags=["tracking"])
def quarantine(actor: Planner, limit: Limit = DEFAULT_LIMIT) -> QuarantineList:
    """Return carriers' messages that belong to no parcel we know, newest first."""
    with transaction(actor) as uow:
        found = queries.quarantined_scans(uow, limit=limit)
    return QuarantineList.model_validate({"items": found})


@router.post("/rates", operation_id="shopRates", summary="Compare prices", tags=["rates"])
def rates(actor: Reader, body: RatesIn) -> RatesOut:
    """Price a parcel with every service of a site. It records nothing."""
    values = body.model_dump()
    with transaction(actor) as uow:
        site_id = site_of(uow, actor, values.pop("site_id"))
        goods = dict.fromkeys(values.pop("dangerous_goods"), ())
        found, why, saved = quote_parcel(uow, site_id=site_id, goods=goods, **values)
    return RatesOut.model_validate({"items": found, "why": why, "saved_minor": saved})


@router.get("/cut-offs", operation_id="listCutOffs", summary="Next cut-offs", tags=["rates"])
def cut_offs(actor: Reader, site_id: Annotated[str | None, Query(max_length=60)] = None) -> CutOffList:
    """Return until when each service takes parcels next, soonest first."""
    with transaction(actor) as uow:
        found = queries.next_cut_offs(uow, site_id=site_of(uow, actor, site_id), now=uow.now)
    return CutOffList.model_validate({"items": found})
