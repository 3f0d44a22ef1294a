"""Units by their serial numbers."""

from inventory.serials.balance import units_without_serial
from inventory.serials.commands import (
    GivenSerial,
    free_serials,
    give_serials,
    register_serials,
    require_serials,
    serials_here,
    ship_serials,
    write_off_serial,
)
from inventory.serials.domain import is_serial, split_serials
from inventory.serials.errors import (
    SerialInHouse,
    SerialNotHere,
    SerialsComplete,
    SerialsDiffer,
    SerialShipped,
    UnknownSerial,
)
from inventory.serials.queries import find_serials, items_with_serial, serial_lives, serial_tracked, serials_of_order
from inventory.serials.views import SerialHead, SerialLife, SerialLives, SerialStepView

__all__ = [
    "GivenSerial",
    "SerialHead",
    "SerialInHouse",
    "SerialLife",
    "SerialLives",
    "SerialNotHere",
    "SerialShipped",
    "SerialStepView",
    "SerialsComplete",
    "SerialsDiffer",
    "UnknownSerial",
    "find_serials",
    "free_serials",
    "give_serials",
    "is_serial",
    "items_with_serial",
    "register_serials",
    "require_serials",
    "serial_lives",
    "serial_tracked",
    "serials_here",
    "serials_of_order",
    "ship_serials",
    "split_serials",
    "units_without_serial",
    "write_off_serial",
]
