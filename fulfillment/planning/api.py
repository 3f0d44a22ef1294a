"""What the room lends: carts: walks planned on request, and the search behind those that wait."""

from fulfillment.planning.asking import (
    PlanRunOver,
    PlanRunView,
    ask_for_plan,
    cancel_plan_run,
    get_plan_run,
    latest_plan_run,
)
from fulfillment.planning.steering import BatchSearchView, NothingToImprove, batch_search, plan_anew, stop_batch_search

__all__ = [
    "BatchSearchView",
    "NothingToImprove",
    "PlanRunOver",
    "PlanRunView",
    "ask_for_plan",
    "batch_search",
    "cancel_plan_run",
    "get_plan_run",
    "latest_plan_run",
    "plan_anew",
    "stop_batch_search",
]
