from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from inventory import bins, queries
from inventory.commands.adjusting import adjust_stock
from inventory.commands.locations import create_locations
from inventory.commands.moving import move_stock
from inventory.commands.receiving import receive_many
from inventory.commands.reserving import release_stock
from inventory.domain.values import LocationDraft, Receipt
from inventory.routes.schemas import (
    AdjustmentIn,
    LocationIds,
    LocationsIn,
    MoveIn,
    ReceiptIn,
    Released,
    ReleaseIn,
    StockList,
)
from inventory.views import BinView, ItemView, LocationView
from inventory.web.answers import json_response
from inventory.web.parameters import Lead, Reader, Writer
from inventory.web.schemas import PRINTABLE
from inventory.web.scope import floor_of, ids_of, item_of, place_of, tenant_of
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1")

SiteCode = Annotated[str, Query(max_length=64, pattern=PRINTABLE, description="Code of the site")]
Scan = Annotated[str, Path(max_length=100, pattern=PRINTABLE)]


@router.get(
    "/locations", operation_id="listLocations", summary="List locations", tags=["floor"],
    responses={200: {"model": list[LocationView]}},
)  # fmt: skip
def list_locations(actor: Lead, site: SiteCode = "") -> Response:
    """Return all locations of a site, by code."""
    with transaction(actor) as uow:
        return json_response(bins.find_locations(uow, site_id=floor_of(uow, actor, site)))


@router.post(
    "/locations", operation_id="createLocations", summary="Create locations", tags=["floor"], status_code=201,
    responses={201: {"model": LocationIds}},
)  # fmt: skip
def post_locations(request: Request, body: LocationsIn, actor: Lead) -> Response:
    """Create locations of a site, or bring those with these codes up to date."""

    def work(uow: UnitOfWork) -> Answer:
        drafts = [LocationDraft(**location.model_dump()) for location in body.locations]
        site_id = floor_of(uow, actor, body.site)
        return Answer({"locations": create_locations(uow, site_id=site_id, locations=drafts)}, 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.get(
    "/locations/{code}/stock", operation_id="getLocationStock", summary="What lies in a location", tags=["floor"],
    responses={200: {"model": list[BinView]}},
)  # fmt: skip
def get_location_stock(actor: Reader, code: Scan, site: SiteCode = "") -> Response:
    """Return what the caller may see of a location's content."""
    with transaction(actor) as uow:
        site_id = floor_of(uow, actor, site)
        place = bins.location_by_code(uow, site_id=site_id, code=code)
        return json_response(bins.stock_at(uow, site_id=site_id, location_code=place.code))


@router.get(
    "/barcodes/{code}", operation_id="resolveBarcode", summary="What a scan means", tags=["floor"],
    responses={200: {"model": list[ItemView]}},
)  # fmt: skip
def get_barcode(actor: Reader, code: Scan) -> Response:
    """Return the items that a GTIN, GS1 element string or SKU can mean: none, one, or several to choose from."""
    with transaction(actor) as uow:
        return json_response(queries.resolve_barcode(uow, code=code, site_id=actor.site))


@router.post(
    "/receipts", operation_id="receiveStock", summary="Take in a delivery", tags=["stock"], status_code=201,
    responses={201: {"model": StockList}},
)  # fmt: skip
def post_receipt(request: Request, body: ReceiptIn, actor: Writer) -> Response:
    """Take delivered units into their locations, all or none."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id, site_id = place_of(uow, actor, body)
        items = ids_of(uow, tenant_id, [(f"/lines/{n}/sku", line.sku) for n, line in enumerate(body.lines)])
        receipts = [
            Receipt(
                items[ln.sku], ln.location_code, ln.quantity, body.reference, ln.lot, ln.expires_on, tuple(ln.serials)
            )
            for ln in body.lines
        ]
        receive_many(uow, tenant_id=tenant_id, site_id=site_id, receipts=receipts)
        return Answer(_stock(uow, tenant_id, list(items)), 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/adjustments", operation_id="adjustStock", summary="Correct the book", tags=["stock"],
    responses={200: {"model": StockList}},
)  # fmt: skip
def post_adjustment(request: Request, body: AdjustmentIn, actor: Writer) -> Response:
    """Add found or take away gone units; the newest promises give way when stock falls below what is promised."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id, site_id = place_of(uow, actor, body)
        adjust_stock(
            uow, tenant_id=tenant_id, site_id=site_id, item_id=item_of(uow, tenant_id, body.sku),
            location_code=body.location_code, delta=body.delta, reason=body.reason, lot=body.lot,
        )  # fmt: skip
        return Answer(_stock(uow, tenant_id, [body.sku]))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/moves", operation_id="moveStock", summary="Put stock elsewhere", tags=["stock"],
    responses={200: {"model": StockList}},
)  # fmt: skip
def post_move(request: Request, body: MoveIn, actor: Writer) -> Response:
    """Move units that no order waits for between two locations of a site. Whatever goes to a hospital location cannot
    be sold any more, also when it is promised; what comes back from there can.
    """

    def work(uow: UnitOfWork) -> Answer:
        tenant_id, site_id = place_of(uow, actor, body)
        move_stock(
            uow, tenant_id=tenant_id, site_id=site_id, item_id=item_of(uow, tenant_id, body.sku),
            from_code=body.from_code, to_code=body.to_code, quantity=body.quantity, lot=body.lot,
        )  # fmt: skip
        return Answer(_stock(uow, tenant_id, [body.sku]))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/reservations/release", operation_id="releaseReservation", summary="Give up a hold", tags=["stock"],
    responses={200: {"model": Released}},
)  # fmt: skip
def post_release(request: Request, body: ReleaseIn, actor: Writer) -> Response:
    """Free what is held for a reference before its time is over; orders are cancelled, not released."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = tenant_of(uow, actor, body.merchant_id)
        freed = release_stock(uow, tenant_id=tenant_id, order_id=body.reference, reason="released", holds_only=True)
        return Answer({"released": freed})

    return act(request, actor, body.model_dump(mode="json"), work)


def _stock(uow: UnitOfWork, tenant_id: str, skus: list[str]) -> dict[str, object]:
    found = queries.availability(uow, tenant_id=tenant_id, skus=skus)
    return {
        "items": [
            {"item_id": a.item_id, "sku": a.sku, "on_hand": a.on_hand, "reserved": a.reserved, "available": a.available}
            for a in found
        ]
    }
