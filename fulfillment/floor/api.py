"""What the room lends: the floor plan: versions, files, faults, blocks, who is where on it."""

from fulfillment.floor.blocking import BinsCutOff, block_floor, open_floor
from fulfillment.floor.checking import StockOffPlan, stock_off_plan
from fulfillment.floor.drawing import floor_map_svg
from fulfillment.floor.importing import add_plan_locations, import_floor_plan
from fulfillment.floor.keeping import StaleFloorPlan, draft_floor_plan, put_floor_plan_in_force, store_floor_plan
from fulfillment.floor.large_files import (
    AT_ONCE_BYTES,
    FloorFileOver,
    FloorFileUnderWay,
    FloorFileView,
    ask_for_floor_file,
    cancel_floor_file,
    get_floor_file,
    latest_floor_file,
)
from fulfillment.floor.live import LiveFloor, LiveWalk, WaitingTotes, live_floor
from fulfillment.floor.reading import UnknownFloorPlan, find_floor_plans, get_floor_plan
from fulfillment.floor.views import FloorCheck, FloorFaultView, FloorPlanHead, FloorPlanView

__all__ = [
    "AT_ONCE_BYTES",
    "BinsCutOff",
    "FloorCheck",
    "FloorFaultView",
    "FloorFileOver",
    "FloorFileUnderWay",
    "FloorFileView",
    "FloorPlanHead",
    "FloorPlanView",
    "LiveFloor",
    "LiveWalk",
    "StaleFloorPlan",
    "StockOffPlan",
    "UnknownFloorPlan",
    "WaitingTotes",
    "add_plan_locations",
    "ask_for_floor_file",
    "block_floor",
    "cancel_floor_file",
    "draft_floor_plan",
    "find_floor_plans",
    "floor_map_svg",
    "get_floor_file",
    "get_floor_plan",
    "import_floor_plan",
    "latest_floor_file",
    "live_floor",
    "open_floor",
    "put_floor_plan_in_force",
    "stock_off_plan",
    "store_floor_plan",
]
