"""Lots as people ask for them, and those that nobody may have."""

from inventory.lots.commands import block_lot, expire_lots, unblock_lot
from inventory.lots.queries import find_lots, get_lot
from inventory.lots.views import LotHead, LotRecipient, LotView

__all__ = [
    "LotHead",
    "LotRecipient",
    "LotView",
    "block_lot",
    "expire_lots",
    "find_lots",
    "get_lot",
    "unblock_lot",
]
