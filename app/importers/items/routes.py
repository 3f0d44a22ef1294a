from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from app.importers import stored_runs
from app.importers.csv_rows import RowFault
from app.importers.intake import Report
from app.importers.items.export import items_as_csv
from app.importers.items.intake import ITEMS
from app.importers.runs import OrderResult
from app.importers.uploads import ImportWaiting, file_body, receive, told_run
from kernel.access.queries import get_merchant
from kernel.actors import Actor
from kernel.db.transactions import transaction
from kernel.errors import NotFound
from kernel.web.access import requires
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT

router = APIRouter(tags=["imports"])
_EXAMPLE = (
    "sku,name,gtins,packs,weight,weight_unit,length,width,height,dimension_unit,fragile,lot_tracked,min_shelf_days\n"
    'MUG-0042,"Stoneware mug, blue",4006381333931,14006381333938:12,0.35,kg,12,9,9.5,cm,yes,no,\n'
)


class ImportedItem(BaseModel):
    """What became of one item of the file."""

    line: int = Field(examples=[2], description="Line of the file; the header is line 1")
    sku: str = Field(examples=["MUG-0042"])
    outcome: str = Field(examples=["created"], description="created, changed, unchanged or refused")
    item_id: str = Field(examples=["itm_01kas0d9m2fvk9hq6z8n3x7r5t"])


class ItemFault(BaseModel):
    """One thing wrong with one row, or odd in it."""

    line: int = Field(examples=[3])
    sku: str = Field(examples=["MUG-0043"])
    column: str = Field(examples=["gtins"])
    code: str = Field(examples=["check_digit"])
    message: str


class ItemImportOut(BaseModel):
    """A catalogue's result, item by item. An item with a fault is as it was, not changed in part.

    `flags` name what was stored, and looks like a slip of units. `ignored` are columns that say nothing here.
    """

    run_id: str = Field(examples=["imp_01kas0d9m2fvk9hq6z8n3x7r5t"])
    created: int
    changed: int
    unchanged: int
    refused: int
    results: list[ImportedItem]
    faults: list[ItemFault]
    flags: list[ItemFault]
    ignored: list[str]


class ImportedItemLine(ImportedItem):
    """What became of one item of the file, and what was wrong with it, or odd, in sentences."""

    faults: list[str]


class ItemRunOut(BaseModel):
    """An import of items: how far it is (`done` items `of` those that can be tried), and its items line by line.

    `failed` says why a file could not be read; `next` is the `after_line` of the next page of `results`.
    """

    id: str
    file: str
    state: Literal["waiting", "done", "failed"]
    done: int
    of: int
    failed: str
    outcomes: dict[str, int] = Field(examples=[{"created": 3, "refused": 1}])
    results: list[ImportedItemLine]
    next: int | None


@router.post(
    "/v1/imports/items",
    operation_id="importItems",
    summary="Import items by file",
    responses={200: {"model": ItemImportOut}, 202: {"model": ImportWaiting}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}, "example": _EXAMPLE}},
        }
    },
)
def import_item_file(
    request: Request,
    actor: Annotated[Actor, Depends(requires("stock:write"))],
    content: Annotated[bytes, Depends(file_body)],
    merchant: Annotated[str, Query(description="Code of the merchant; not needed with a merchant's own key")] = "",
    file: Annotated[str, Query(max_length=200, description="Name of the file, for the list of imports")] = "items.csv",
) -> Response:
    """Create and change the items of a CSV file (UTF-8 or Windows-1252; commas, semicolons or tabs; decimal commas).

    Only `sku` is needed, and `name` for what is new. A column that is left out, and an empty cell, leave what is known;
    `none` takes it away. A weight has its unit (g, kg, lb, oz) in `weight_unit`, in the column's name (`weight_kg`) or
    behind the figure, and so have the sides (mm, cm, in). With `version` a row is refused where the item was changed
    since it was exported. Defective rows are named with line and column and leave nothing; the same file again changes
    nothing. Files of more than 50 kB, up to 50 MB, are answered 202 and taken in the background: `getItemImport`.
    """
    return receive(request, actor, ITEMS, content=content, merchant=merchant, file=file, answer=_answer)


@router.get(
    "/v1/imports/items/{run_id}", operation_id="getItemImport", summary="Get an import of items",
    response_model=ItemRunOut,
)  # fmt: skip
def get_item_import(
    run_id: str,
    actor: Annotated[Actor, Depends(requires("stock:read"))],
    outcome: Annotated[Literal["", "created", "changed", "unchanged", "refused"], Query()] = "",
    after_line: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> object:
    """Show how far an import of items is, and what became of each."""
    with transaction(actor) as uow:
        found = stored_runs.get_run(uow, run_id)
        if found.kind != ITEMS.kind:
            raise NotFound("There is no such import of items.")
        names = ("sku", "item_id")
        return told_run(uow, found, names, outcome=outcome, after_line=after_line, limit=limit)


@router.get(
    "/v1/items.csv", operation_id="exportItems", summary="Export items as CSV", tags=["items"],
    responses={200: {"content": {"text/csv": {}}}}, response_class=StreamingResponse,
)  # fmt: skip
def export_items(
    actor: Annotated[Actor, Depends(requires("stock:read"))],
    merchant_id: Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$", description="Only for staff")] = "",
) -> Response:
    """Return the items as `importItems` takes them: importing the file again changes nothing."""
    if merchant_id:
        with transaction(actor) as uow:
            get_merchant(uow, merchant_id)
    headers = {"content-disposition": 'attachment; filename="items.csv"'}
    pieces = items_as_csv(actor, merchant_id=merchant_id)
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


def _answer(report: Report) -> dict[str, object]:
    return ItemImportOut(
        run_id=report.run_id, created=report.count("created"), changed=report.count("changed"),
        unchanged=report.count("unchanged"), refused=report.count("refused"),
        results=[_item(result) for result in report.results], faults=[_fault(each) for each in report.faults],
        flags=[_fault(each) for each in report.flags], ignored=list(report.ignored),
    ).model_dump()  # fmt: skip


def _item(result: OrderResult) -> ImportedItem:
    return ImportedItem(line=result.line, sku=result.order, outcome=result.outcome, item_id=result.order_id)


def _fault(each: RowFault) -> ItemFault:
    return ItemFault(line=each.line, sku=each.order, column=each.column, code=each.code, message=each.message)
