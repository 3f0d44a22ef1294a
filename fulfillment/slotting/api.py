"""What the room lends: items that would better lie elsewhere."""

from fulfillment.slotting.accepting import SlottingStale, accept_slotting
from fulfillment.slotting.asking import NoFloorPlan, SlottingUnderWay, UnknownPlan, ask_slotting
from fulfillment.slotting.reading import find_slotting_plans, get_slotting_plan
from fulfillment.slotting.views import (
    Acceptance,
    RefusedChange,
    SlottingChangeView,
    SlottingHead,
    SlottingMoveView,
    SlottingView,
)

__all__ = [
    "Acceptance",
    "NoFloorPlan",
    "RefusedChange",
    "SlottingChangeView",
    "SlottingHead",
    "SlottingMoveView",
    "SlottingStale",
    "SlottingUnderWay",
    "SlottingView",
    "UnknownPlan",
    "accept_slotting",
    "ask_slotting",
    "find_slotting_plans",
    "get_slotting_plan",
]
