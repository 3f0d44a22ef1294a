from dataclasses import asdict, dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inventory.queries import get_item
from inventory.trade.commands import set_trade_facts
from inventory.trade.domain import TradeFacts
from inventory.trade.queries import ItemTrade, item_trade
from inventory.trade.schemas import TradeFactsIn
from inventory.web.answers import json_response, tagged_response, version_of
from inventory.web.parameters import Id, Reader, Writer
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1")


@dataclass(frozen=True, slots=True)
class TradeFactsOut:
    """The trade facts of an item, and the version of the item that they belong to."""

    item_id: str
    sku: str
    version: int
    hs_code: str
    country_of_origin: str
    un_number: str
    proper_shipping_name: str
    hazard_class: str
    packing_group: str
    limited_quantity: bool
    subsidiary_hazards: str
    tunnel_code: str
    net_quantity: int
    net_unit: str
    battery_mark: bool


@router.get(
    "/items/{item_id}/trade", operation_id="getTradeFacts", summary="What customs asks about an item", tags=["items"],
    responses={200: {"model": TradeFactsOut}},
)  # fmt: skip
def get_trade_facts(actor: Reader, item_id: Id) -> Response:
    """Return HS code, origin and, for dangerous goods, their classification. The ETag is the item's."""
    with transaction(actor) as uow:
        return tagged_response(json_response(_out(item_trade(uow, item_id))))


@router.put(
    "/items/{item_id}/trade", operation_id="setTradeFacts", summary="Tell what customs asks about an item",
    tags=["items"], responses={200: {"model": TradeFactsOut}},
)  # fmt: skip
def put_trade_facts(request: Request, body: TradeFactsIn, actor: Writer, item_id: Id) -> Response:
    """Replace an item's trade facts; `If-Match` carries the ETag that was read."""
    version = version_of(request.headers.get("if-match", ""))

    def work(uow: UnitOfWork) -> Answer:
        item = get_item(uow, item_id)
        facts = TradeFacts(**body.model_dump())
        return Answer(
            _out(set_trade_facts(uow, tenant_id=item.tenant_id, item_id=item_id, facts=facts, version=version))
        )

    return tagged_response(act(request, actor, body.model_dump(mode="json") | {"version": version}, work))


def _out(found: ItemTrade) -> TradeFactsOut:
    return TradeFactsOut(found.item_id, found.sku, found.version, **asdict(found.facts))
