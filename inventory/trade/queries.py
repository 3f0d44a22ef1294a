from collections.abc import Iterable
from dataclasses import dataclass, fields

from sqlalchemy import select

from inventory.queries import get_item
from inventory.trade.domain import TradeFacts
from inventory.trade.models import TradeFactsRow
from kernel.db.transactions import UnitOfWork

_NAMES = tuple(field.name for field in fields(TradeFacts))


@dataclass(frozen=True, slots=True)
class ItemTrade:
    """The trade facts of an item, and the version of the item that they belong to."""

    item_id: str
    sku: str
    version: int
    facts: TradeFacts


def item_trade(uow: UnitOfWork, item_id: str) -> ItemTrade:
    """Return the trade facts of an item.

    Raises:
        UnknownItem: the actor sees no such item.
    """
    item = get_item(uow, item_id)
    return ItemTrade(item.id, item.sku, item.version, trade_facts(uow, [item_id]).get(item_id, TradeFacts()))


def trade_facts(uow: UnitOfWork, item_ids: Iterable[str]) -> dict[str, TradeFacts]:
    """Return the trade facts of items by item id, of whatever merchants the actor may see; items of which none were
    told are left out.
    """
    statement = select(TradeFactsRow).where(TradeFactsRow.item_id.in_(set(item_ids)))
    rows = uow.session.scalars(statement, execution_options={"populate_existing": True})
    return {row.item_id: TradeFacts(**{name: getattr(row, name) for name in _NAMES}) for row in rows}
