"""All tables of the context: whoever imports this package has them all in the metadata."""

from fulfillment.models.floor import (
    BatchOrder,
    FloorPlan,
    FloorPlanChange,
    FloorPlanVersion,
    FloorSetting,
    LaborSetting,
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
from fulfillment.models.substitutes import CustomerQuestion, ItemSubstitute

__all__ = [
    "BatchOrder",
    "Customer",
    "CustomerQuestion",
    "FloorPlan",
    "FloorPlanChange",
    "FloorPlanVersion",
    "FloorSetting",
    "ItemSubstitute",
    "LaborSetting",
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
