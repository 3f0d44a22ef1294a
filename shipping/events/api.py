"""What the room lends: what happened to parcels."""

from shipping.events.dock import ParcelHandedOver, ParcelLeftBehind, ParcelManifested, ParcelStaged
from shipping.events.labels import LabelPurchased, LabelRefused, LabelRequested, LabelVerified
from shipping.events.parcels import (
    ParcelHeld,
    ParcelHoldReleased,
    ParcelPacked,
    ParcelTareKnown,
    ParcelVoided,
    ParcelWeighed,
    ParcelWeightDiffers,
    ParcelWeightSettled,
)
from shipping.events.tracking import (
    ParcelDelivered,
    ParcelException,
    ParcelInTransit,
    ParcelOutForDelivery,
    ParcelReturning,
    TrackingUpdated,
)

__all__ = [
    "LabelPurchased",
    "LabelRefused",
    "LabelRequested",
    "LabelVerified",
    "ParcelDelivered",
    "ParcelException",
    "ParcelHandedOver",
    "ParcelHeld",
    "ParcelHoldReleased",
    "ParcelInTransit",
    "ParcelLeftBehind",
    "ParcelManifested",
    "ParcelOutForDelivery",
    "ParcelPacked",
    "ParcelReturning",
    "ParcelStaged",
    "ParcelTareKnown",
    "ParcelVoided",
    "ParcelWeighed",
    "ParcelWeightDiffers",
    "ParcelWeightSettled",
    "TrackingUpdated",
]
