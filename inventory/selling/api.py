"""By which rules an item is sold: safety stock, selling ahead, kits, later days."""

from inventory.selling.commands.demand import drop_demand, plan_demand
from inventory.selling.commands.rules import set_selling_rules
from inventory.selling.domain import KitPart, Oversell, SafetyStock
from inventory.selling.errors import NoKit
from inventory.selling.events import SellingRulesChanged
from inventory.selling.queries import SellingRules, kit_parts, kits_with, lock_oversell, selling_rules

__all__ = [
    "KitPart",
    "NoKit",
    "Oversell",
    "SafetyStock",
    "SellingRules",
    "SellingRulesChanged",
    "drop_demand",
    "kit_parts",
    "kits_with",
    "lock_oversell",
    "plan_demand",
    "selling_rules",
    "set_selling_rules",
]
