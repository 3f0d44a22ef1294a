from kernel.errors import NotFound, Refusal


class SerialsDiffer(Refusal):
    """Not each unit has a serial number of its own: there are too few, too many, or one comes twice."""

    code = "serials_differ"
    status = 422
    title = "As many serial numbers as units"


class SerialInHouse(Refusal):
    """A serial number is in the house already: no second unit has it."""

    code = "serial_in_house"
    title = "This serial number is here already"


class SerialShipped(Refusal):
    """A unit was shipped: what comes back is a return, not a delivery."""

    code = "serial_shipped"
    title = "This unit was shipped"


class SerialNotHere(Refusal):
    """A unit cannot be given to an order: its serial number is not in stock here."""

    code = "serial_not_here"
    title = "This serial number cannot be taken"


class SerialsComplete(Refusal):
    """All units of an item in the house have a serial number already."""

    code = "serials_complete"
    title = "No unit is without a serial number"


class UnknownSerial(NotFound):
    """The actor sees no unit with this serial number."""

    code = "unknown_serial"
    title = "No such serial number"
