"""What the room lends: what goes to the floor when, and what a lead does to it."""

from fulfillment.releasing.late_promises import LatePromise, late_promises, move_promises
from fulfillment.releasing.outlook import CollectionOutlook, QueuedOrder, ReleaseOutlook, release_outlook
from fulfillment.releasing.pace import measured_pace
from fulfillment.releasing.release_orders import release_due, release_orders
from fulfillment.releasing.settings import ReleaseSettings, release_settings, set_release_settings
from fulfillment.releasing.steering import (
    RushAnswer,
    TooLateToPullBack,
    TooLateToRush,
    WalkNotUnderWay,
    hand_over_batch,
    pull_back_order,
    rush_order,
)

__all__ = [
    "CollectionOutlook",
    "LatePromise",
    "QueuedOrder",
    "ReleaseOutlook",
    "ReleaseSettings",
    "RushAnswer",
    "TooLateToPullBack",
    "TooLateToRush",
    "WalkNotUnderWay",
    "hand_over_batch",
    "late_promises",
    "measured_pace",
    "move_promises",
    "pull_back_order",
    "release_due",
    "release_orders",
    "release_outlook",
    "release_settings",
    "rush_order",
    "set_release_settings",
]
