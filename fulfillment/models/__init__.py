"""All tables of the context: whoever imports this package has them all in the metadata."""

from fulfillment.models.floor import BatchOrder, FloorPlan, PackSession, PickBatch, PickTask, WorkOp
from fulfillment.models.orders import (
    Customer,
    OrderHold,
    OrderLine,
    OrderNote,
    OrderParcel,
    OrderTerm,
    ParcelOutcome,
    SalesOrder,
    TrackingLink,
)

__all__ = [
    "BatchOrder",
    "Customer",
    "FloorPlan",
    "OrderHold",
    "OrderLine",
    "OrderNote",
    "OrderParcel",
    "OrderTerm",
    "PackSession",
    "ParcelOutcome",
    "PickBatch",
    "PickTask",
    "SalesOrder",
    "TrackingLink",
    "WorkOp",
]
