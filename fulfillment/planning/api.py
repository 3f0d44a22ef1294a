"""What the room lends: carts: walks planned on request, and the search behind those that wait."""

from fulfillment.commands.set_legs import choose_zone, set_pick_and_pass
from fulfillment.planning.asking import (
    PlanRunOver,
    PlanRunView,
    ask_for_plan,
    cancel_plan_run,
    get_plan_run,
    latest_plan_run,
)
from fulfillment.planning.steering import BatchSearchView, NothingToImprove, batch_search, plan_anew, stop_batch_search
from fulfillment.queries.legs import passes_zones, picker_zones, zone_of_picker, zones_of_site

__all__ = [
    "BatchSearchView",
    "NothingToImprove",
    "PlanRunOver",
    "PlanRunView",
    "ask_for_plan",
    "batch_search",
    "cancel_plan_run",
    "choose_zone",
    "get_plan_run",
    "latest_plan_run",
    "passes_zones",
    "picker_zones",
    "plan_anew",
    "set_pick_and_pass",
    "stop_batch_search",
    "zone_of_picker",
    "zones_of_site",
]
