"""What the room lends: lanes of the dock: kept, filled, loaded, and what still has to go there."""

from shipping.sorting.commands.fill_container import (
    ContainerNotReady,
    close_container,
    open_container,
    reopen_container,
)
from shipping.sorting.commands.load_unit import LoadedUnit, WrongTruck, load_unit
from shipping.sorting.commands.set_lane import LaneDraft, LaneNotEmpty, LaneTaken, change_lane, close_lane, open_lane
from shipping.sorting.commands.unload_unit import unload_unit
from shipping.sorting.queries import StoppedParcel, WaitingParcel, parcels_to_sort, stopped_parcels
from shipping.sorting.trucks import Dock, DockUnit, TruckView, dock

__all__ = [
    "ContainerNotReady",
    "Dock",
    "DockUnit",
    "LaneDraft",
    "LaneNotEmpty",
    "LaneTaken",
    "LoadedUnit",
    "StoppedParcel",
    "TruckView",
    "WaitingParcel",
    "WrongTruck",
    "change_lane",
    "close_container",
    "close_lane",
    "dock",
    "load_unit",
    "open_container",
    "open_lane",
    "parcels_to_sort",
    "reopen_container",
    "stopped_parcels",
    "unload_unit",
]
