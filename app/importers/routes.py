from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.importers.shopify_import import import_shopify
from kernel.access.queries import merchant_by_code
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.web.access import requires
from kernel.web.acting import Answer, act

router = APIRouter(tags=["imports"])
_EXAMPLE = (
    "Name,Email,Financial Status,Currency,Shipping,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem sku,Shipping Name,Shipping Street,Shipping City,Shipping Zip,Shipping Country\n"
    "#1001,ann@example.com,paid,EUR,4.90,2026-11-20 10:15:00 +0100,2,Pen,1.20,PEN-BLUE,Ann Lee,Main St 1,Berlin,"
    "'10115,DE\n"
)


class ImportedOrder(BaseModel):
    """What became of one order of the file."""

    line: int = Field(examples=[2], description="Line of the file on which the order begins; the header is line 1")
    order: str = Field(examples=["#1001"])
    outcome: str = Field(examples=["taken"], description="taken, known (it was here already), skipped or refused")
    order_id: str = Field(examples=["ord_01kas0d9m2fvk9hq6z8n3x7r5t"])


class ImportFault(BaseModel):
    """One thing wrong with one row."""

    line: int = Field(examples=[3])
    order: str = Field(examples=["#1002"])
    column: str = Field(examples=["Lineitem quantity"])
    code: str = Field(examples=["not_a_quantity"])
    message: str


class ImportTotals(BaseModel):
    """What was taken, amounts in minor units."""

    orders: int
    pieces: int
    goods_minor: int
    freight_minor: int


class ImportAnswer(BaseModel):
    """A file's result, order by order. Orders with a fault were not taken, not even in part.

    `totals` counts what was taken now, `source` what the file holds, `here` what of it stands in the house after this,
    `set_aside` what was refused or left out: `source` is the sum of the last two.
    """

    run_id: str = Field(examples=["imp_01kas0d9m2fvk9hq6z8n3x7r5t"])
    results: list[ImportedOrder]
    faults: list[ImportFault]
    totals: ImportTotals
    source: ImportTotals
    here: ImportTotals
    set_aside: ImportTotals


@router.post(
    "/v1/imports/shopify",
    operation_id="importShopify",
    summary="Import a Shopify order export",
    responses={200: {"model": ImportAnswer}},
)
def import_shopify_orders(
    request: Request,
    actor: Annotated[Actor, Depends(requires("orders:write"))],
    content: Annotated[bytes, Body(media_type="text/csv", examples=[_EXAMPLE])],
    merchant: Annotated[str, Query(description="Code of the merchant; not needed with a merchant's own key")] = "",
    file: Annotated[str, Query(max_length=200, description="Name of the file, for the list of imports")] = "orders.csv",
) -> Response:
    """Take a CSV file as Shopify exports it. Good orders go in; every other one is named with line and column."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = _tenant(uow, actor, merchant)
        return Answer(import_shopify(uow, tenant_id=tenant_id, content=content, file=file))

    return act(request, actor, [content.decode(errors="replace"), merchant, file], work)


def _tenant(uow: UnitOfWork, actor: Actor, code: str) -> str:
    if actor.tenant and actor.tenant != ALL_TENANTS and not code:
        return actor.tenant
    found = merchant_by_code(uow, code)
    if found is None:
        raise NotFound("There is no such merchant.", remedy="Name its code in `merchant`.", pointer="/merchant")
    return found.id
