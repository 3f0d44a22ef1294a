from dataclasses import fields
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from inventory import bins, queries
from inventory.commands.items import bind_barcode, create_item, update_item
from inventory.domain.values import ItemDraft, Pack
from inventory.explanations import explain_availability
from inventory.routes.schemas import BarcodeIn, ItemIn, ItemPatch
from inventory.views import Explanation, ItemStock, ItemView, MovementView
from inventory.web.answers import json_response, tagged_response, version_of
from inventory.web.parameters import Cursor, Id, Limit, Reader, Word, Writer
from inventory.web.schemas import PRINTABLE
from inventory.web.scope import ids_of, tenant_of
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, Page

router = APIRouter(prefix="/v1")

Sku = Annotated[str, Path(max_length=64, pattern=PRINTABLE)]


@router.get(
    "/items", operation_id="listItems", summary="List items", tags=["items"],
    responses={200: {"model": Page[ItemView]}},
)  # fmt: skip
def list_items(
    actor: Reader, search: Word = "", merchant_id: Word = "", cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Response:
    """Return items by SKU; `search` finds parts of SKU and name."""
    with transaction(actor) as uow:
        return json_response(queries.find_items(uow, tenant_id=merchant_id, search=search, cursor=cursor, limit=limit))


@router.post(
    "/items", operation_id="createItem", summary="Create an item", tags=["items"], status_code=201,
    responses={201: {"model": ItemView}},
)  # fmt: skip
def post_item(request: Request, body: ItemIn, actor: Writer) -> Response:
    """Create an item, or bring the one with this SKU up to date."""

    def work(uow: UnitOfWork) -> Answer:
        values = body.model_dump(exclude={"merchant_id", "packs"})
        values["packs"] = tuple(Pack(pack.gtin, pack.units) for pack in body.packs)
        return Answer(create_item(uow, tenant_id=tenant_of(uow, actor, body.merchant_id), **values), 201)

    return tagged_response(act(request, actor, body.model_dump(mode="json"), work))


@router.get(
    "/items/{item_id}", operation_id="getItem", summary="Read an item", tags=["items"],
    responses={200: {"model": ItemView}},
)  # fmt: skip
def get_item(actor: Reader, item_id: Id) -> Response:
    """Return an item, and its version as ETag."""
    with transaction(actor) as uow:
        return tagged_response(json_response(queries.get_item(uow, item_id)))


@router.patch(
    "/items/{item_id}", operation_id="editItem", summary="Edit an item", tags=["items"],
    responses={200: {"model": ItemView}},
)  # fmt: skip
def patch_item(request: Request, body: ItemPatch, actor: Writer, item_id: Id) -> Response:
    """Change an item's description; `If-Match` carries the ETag of the version that was read."""
    version = version_of(request.headers.get("if-match", ""))

    def work(uow: UnitOfWork) -> Answer:
        known = queries.get_item(uow, item_id)
        draft = _edited(known, body)
        active = known.active if body.active is None else body.active
        edited = update_item(
            uow, tenant_id=known.tenant_id, item_id=item_id, draft=draft, active=active, version=version
        )
        return Answer(edited)

    return tagged_response(act(request, actor, body.model_dump(mode="json") | {"version": version}, work))


@router.post(
    "/items/{item_id}/barcodes", operation_id="bindBarcode", summary="Bind a barcode to an item", tags=["items"],
    responses={200: {"model": ItemView}},
)  # fmt: skip
def post_barcode(request: Request, body: BarcodeIn, actor: Writer, item_id: Id) -> Response:
    """Add the GTIN of a scan that nothing had so far; a GTIN of another item is refused, and stays there."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = queries.get_item(uow, item_id).tenant_id
        return Answer(bind_barcode(uow, tenant_id=tenant_id, item_id=item_id, **body.model_dump()))

    return tagged_response(act(request, actor, body.model_dump(), work))


@router.get(
    "/items/{item_id}/stock", operation_id="getItemStock", summary="Where an item is", tags=["stock"],
    responses={200: {"model": ItemStock}},
)  # fmt: skip
def get_item_stock(actor: Reader, item_id: Id) -> Response:
    """Return an item's levels by site, its bins, and its units outside bins."""
    with transaction(actor) as uow:
        return json_response(bins.item_stock(uow, item_id))


@router.get(
    "/items/{item_id}/movements", operation_id="listMovements", summary="An item's ledger", tags=["stock"],
    responses={200: {"model": Page[MovementView]}},
)  # fmt: skip
def list_movements(actor: Reader, item_id: Id, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Response:
    """Return the double-entry movements of an item, newest first."""
    with transaction(actor) as uow:
        return json_response(queries.movements(uow, item_id=item_id, cursor=cursor, limit=limit))


@router.get(
    "/availability/{sku:path}/explain", operation_id="explainAvailability", summary="Why just so many can be sold",
    tags=["stock"], responses={200: {"model": Explanation}},
)  # fmt: skip
def get_explanation(actor: Reader, sku: Sku, merchant_id: Word = "") -> Response:
    """Return a SKU's units by bucket and bin, the orders and holds that have a right to them, and what would free more,
    soonest first. Staff say whose SKU it is.
    """
    with transaction(actor) as uow:
        found = ids_of(uow, tenant_of(uow, actor, merchant_id), [("/sku", sku)])
        return json_response(explain_availability(uow, item_id=found[sku]))


def _edited(item: ItemView, body: ItemPatch) -> ItemDraft:
    """Return the item's description with the fields that the body names put in."""
    values = {f.name: getattr(item, f.name) for f in fields(ItemDraft)} | body.model_dump(exclude_none=True)
    values.pop("active", None)
    if values["max_load_g"] == "":
        values["max_load_g"] = None
    return msgspec.convert(values, ItemDraft)
