from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.importers import stored_runs
from app.importers.intake import Report
from app.importers.items.intake import ITEMS
from app.importers.orders.intake import ORDERS
from app.importers.uploads import ImportWaiting, file_body, receive, told_run
from kernel.actors import Actor
from kernel.db.transactions import transaction
from kernel.errors import NotFound
from kernel.web.access import requires
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT

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


class ImportedLine(ImportedOrder):
    """What became of one order of the file, and what was wrong with it, in sentences."""

    faults: list[str]


class ImportRunOut(BaseModel):
    """An import: how far it is (`done` orders `of` those that can be tried), its totals, and its orders line by line.

    `failed` says why a file could not be read. The three totals are there when it is done; `next` is the `after_line`
    of the next page of `results`.
    """

    id: str
    file: str
    state: Literal["waiting", "done", "failed"]
    done: int
    of: int
    failed: str
    outcomes: dict[str, int] = Field(examples=[{"taken": 3, "refused": 1}])
    source: ImportTotals | None
    here: ImportTotals | None
    set_aside: ImportTotals | None
    results: list[ImportedLine]
    next: int | None


@router.post(
    "/v1/imports/shopify",
    operation_id="importShopify",
    summary="Import a Shopify order export",
    responses={200: {"model": ImportAnswer}, 202: {"model": ImportWaiting}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}, "example": _EXAMPLE}},
        }
    },
)
def import_shopify_orders(
    request: Request,
    actor: Annotated[Actor, Depends(requires("orders:write"))],
    content: Annotated[bytes, Depends(file_body)],
    merchant: Annotated[str, Query(description="Code of the merchant; not needed with a merchant's own key")] = "",
    file: Annotated[str, Query(max_length=200, description="Name of the file, for the list of imports")] = "orders.csv",
) -> Response:
    """Take a CSV file as Shopify exports it. Good orders go in; every other one is named with line and column.

    Files of more than 250 kB, up to 50 MB, are answered 202 and taken in the background.
    """
    return receive(request, actor, ORDERS, content=content, merchant=merchant, file=file, answer=_answer)


@router.get("/v1/imports/{run_id}", operation_id="getImport", summary="Get an import", response_model=ImportRunOut)
def get_import(
    run_id: str,
    actor: Annotated[Actor, Depends(requires("orders:read"))],
    outcome: Annotated[Literal["", "taken", "known", "skipped", "refused"], Query()] = "",
    after_line: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> object:
    """Show how far an import is, and what became of its orders."""
    with transaction(actor) as uow:
        found = stored_runs.get_run(uow, run_id)
        if not found.merchant_id or found.kind == ITEMS.kind:
            raise NotFound("There is no such import.")
        names = ("order", "order_id")
        told = told_run(uow, found, names, outcome=outcome, after_line=after_line, limit=limit)
    source, here, set_aside = (found.totals.get(name) for name in ("source", "imported", "set_aside"))
    return told | {"source": source, "here": here, "set_aside": set_aside}


def _answer(report: Report) -> dict[str, object]:
    told = {name: getattr(report, name) for name in ("run_id", "results", "faults", "totals")}
    source, here, set_aside = (report.balance[name] for name in ("source", "imported", "set_aside"))
    return told | {"source": source, "here": here, "set_aside": set_aside}
