"""License plates: units of one merchant that are carried together."""

from inventory.plates.commands.carrying import break_plate, move_plate, nest_plate
from inventory.plates.commands.opening import load_plate, open_plate
from inventory.plates.commands.receiving import PlateLine, receive_plate
from inventory.plates.errors import PlateTaken, UnknownPlate
from inventory.plates.queries import announced_plates, find_plates, get_plate, plate_by_sscc
from inventory.plates.views import AnnouncedPlate, PlateContentView, PlateHead, PlateView

__all__ = [
    "AnnouncedPlate",
    "PlateContentView",
    "PlateHead",
    "PlateLine",
    "PlateTaken",
    "PlateView",
    "UnknownPlate",
    "announced_plates",
    "break_plate",
    "find_plates",
    "get_plate",
    "load_plate",
    "move_plate",
    "nest_plate",
    "open_plate",
    "plate_by_sscc",
    "receive_plate",
]
