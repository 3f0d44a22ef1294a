from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from inventory import queries
from inventory.domain.lots import MAX_LOT
from inventory.lots import queries as lots
from inventory.lots.commands import block_lot, unblock_lot
from inventory.lots.schemas import LotBlockIn, LotUnblockIn
from inventory.lots.views import LotHead, LotView
from inventory.web.answers import json_response
from inventory.web.parameters import Cursor, Id, Limit, Reader, Word, Writer
from inventory.web.schemas import PRINTABLE
from inventory.web.scope import list_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, Page

router = APIRouter(prefix="/v1")

Lot = Annotated[str, Path(min_length=1, max_length=MAX_LOT, pattern=PRINTABLE)]


@router.get(
    "/lots", operation_id="listLots", summary="List lots", tags=["lots"], responses={200: {"model": Page[LotHead]}}
)
def list_lots(
    actor: Reader, *, site: Word = "", merchant_id: Word = "", search: Word = "", expiring_by: date | None = None,
    in_stock: bool = True, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT,
) -> Response:  # fmt: skip
    """Return lots, the first to expire first; with `expiring_by`, those that cannot be sold after that day."""
    with transaction(actor) as uow:
        found = lots.find_lots(
            uow, tenant_id=merchant_id, site_id=list_site(uow, actor, site), search=search,
            expiring_by=expiring_by, in_stock=in_stock, cursor=cursor, limit=limit,
        )  # fmt: skip
        return json_response(found)


@router.get(
    "/items/{item_id}/lots/{lot:path}", operation_id="getLot", summary="Where a lot is, and who has it", tags=["lots"],
    responses={200: {"model": LotView}},
)  # fmt: skip
def get_lot(actor: Reader, item_id: Id, lot: Lot) -> Response:
    """Return a lot with its bins and the orders that were given units of it."""
    with transaction(actor) as uow:
        return json_response(lots.get_lot(uow, item_id=item_id, lot=lot))


@router.post(
    "/items/{item_id}/lots/block", operation_id="blockLot", summary="Block a lot", tags=["lots"],
    responses={200: {"model": LotView}},
)  # fmt: skip
def post_block(request: Request, body: LotBlockIn, actor: Writer, item_id: Id) -> Response:
    """Take all units of a lot out of what can be sold, at every site, and let none be taken in any more."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = queries.get_item(uow, item_id).tenant_id
        block_lot(uow, tenant_id=tenant_id, item_id=item_id, lot=body.lot, reason=body.reason)
        return Answer(lots.get_lot(uow, item_id=item_id, lot=body.lot))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/items/{item_id}/lots/unblock", operation_id="unblockLot", summary="Unblock a lot", tags=["lots"],
    responses={200: {"model": LotView}},
)  # fmt: skip
def post_unblock(request: Request, body: LotUnblockIn, actor: Writer, item_id: Id) -> Response:
    """Let a lot be taken in again; what was set aside stays there."""

    def work(uow: UnitOfWork) -> Answer:
        tenant_id = queries.get_item(uow, item_id).tenant_id
        unblock_lot(uow, tenant_id=tenant_id, item_id=item_id, lot=body.lot)
        return Answer(lots.get_lot(uow, item_id=item_id, lot=body.lot))

    return act(request, actor, body.model_dump(mode="json"), work)
