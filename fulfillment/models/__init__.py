"""All tables of the context: whoever imports this package has them all in the metadata."""

from fulfillment.models.floor import (
    BatchOrder,
    FloorPlan,
    FloorPlanChange,
    FloorPlanVersion,
    FloorSetting,
    PackSession,
    PickBatch,
    PickTask,
    WorkOp,
)
from fulfillment.models.orders import (
    Customer,
    OrderHold,
    OrderKit,
    OrderLine,
    OrderNote,
    OrderParcel,
    OrderPolicyRow,
    OrderTerm,
    ParcelOutcome,
    SalesOrder,
    TrackingLink,
)

__all__ = [
    "BatchOrder",
    "Customer",
    "FloorPlan",
    "FloorPlanChange",
    "FloorPlanVersion",
    "FloorSetting",
    "OrderHold",
    "OrderKit",
    "OrderLine",
    "OrderNote",
    "OrderParcel",
    "OrderPolicyRow",
    "OrderTerm",
    "PackSession",
    "ParcelOutcome",
    "PickBatch",
    "PickTask",
    "SalesOrder",
    "TrackingLink",
    "WorkOp",
]
