"""What customs and carriers of dangerous goods have to know of items."""

from inventory.trade.commands import set_trade_facts
from inventory.trade.domain import HAZARD_CLASSES, NET_UNITS, PACKING_GROUPS, TUNNEL_CODES, TradeFacts
from inventory.trade.queries import ItemTrade, item_trade, trade_facts

__all__ = [
    "HAZARD_CLASSES",
    "NET_UNITS",
    "PACKING_GROUPS",
    "TUNNEL_CODES",
    "ItemTrade",
    "TradeFacts",
    "item_trade",
    "set_trade_facts",
    "trade_facts",
]
