"""What customs and carriers of dangerous goods have to know of items."""

from inventory.trade.commands import set_trade_facts
from inventory.trade.domain import HAZARD_CLASSES, PACKING_GROUPS, TradeFacts
from inventory.trade.queries import ItemTrade, item_trade, trade_facts

__all__ = [
    "HAZARD_CLASSES",
    "PACKING_GROUPS",
    "ItemTrade",
    "TradeFacts",
    "item_trade",
    "set_trade_facts",
    "trade_facts",
]
