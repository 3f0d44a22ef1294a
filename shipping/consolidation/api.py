"""What the room lends: zone skipping: hubs, and parcels that travel there together."""

from shipping.consolidation.commands.keep_hubs import drop_hub, keep_hub
from shipping.consolidation.commands.plan_consolidation import (
    ConsolidationOver,
    ConsolidationUnderWay,
    ask_for_consolidation,
    cancel_consolidation,
)
from shipping.consolidation.consolidating import answer_consolidation
from shipping.consolidation.queries import (
    ConsolidationPlan,
    PlannedHub,
    PlannedParcel,
    find_consolidations,
    get_consolidation,
    injection_hubs,
    last_miles,
    planned_parcels,
)
from shipping.consolidation.views import InjectionHub, LooseParcel
from shipping.domain.dangerous_goods import KINDS as DANGEROUS_KINDS

__all__ = [
    "DANGEROUS_KINDS",
    "ConsolidationOver",
    "ConsolidationPlan",
    "ConsolidationUnderWay",
    "InjectionHub",
    "LooseParcel",
    "PlannedHub",
    "PlannedParcel",
    "answer_consolidation",
    "ask_for_consolidation",
    "cancel_consolidation",
    "drop_hub",
    "find_consolidations",
    "get_consolidation",
    "injection_hubs",
    "keep_hub",
    "last_miles",
    "planned_parcels",
]
