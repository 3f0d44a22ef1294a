"""What the room lends: carts: the search behind the walks that wait."""

from fulfillment.planning.steering import BatchSearchView, NothingToImprove, batch_search, plan_anew, stop_batch_search

__all__ = [
    "BatchSearchView",
    "NothingToImprove",
    "batch_search",
    "plan_anew",
    "stop_batch_search",
]
