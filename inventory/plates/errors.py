from kernel.errors import NotFound, Refusal


class UnknownPlate(NotFound):
    """There is no such license plate for this actor."""

    code = "unknown_plate"
    title = "No such license plate"


class PlateTaken(Refusal):
    """The SSCC is on another plate that is still in use."""

    code = "plate_taken"
    title = "This SSCC is in use"


class PlateEnded(Refusal):
    """The plate was broken up, or nothing is left on it."""

    code = "plate_ended"
    title = "The plate is not in use any more"


class PlateNotHere(Refusal):
    """The plate lies elsewhere, or nowhere yet."""

    code = "plate_not_here"
    title = "The plate is not here"


class PlateInUse(Refusal):
    """Orders wait for units of the plate where it lies: it cannot be carried away as a whole."""

    code = "plate_in_use"
    title = "Orders wait for units of the plate"


class TwoMerchants(Refusal):
    """A plate holds the units of one merchant."""

    code = "two_merchants"
    status = 422
    title = "A plate holds one merchant's goods"


class NestedTooDeep(Refusal):
    """A plate that lies on another one, or has others on it, goes no deeper."""

    code = "nested_too_deep"
    title = "Plates lie one on another, no deeper"


class NotEnoughLoose(Refusal):
    """Fewer units lie loose at the plate's location than are to be put on it."""

    code = "not_enough_loose"
    title = "Too few units lie loose there"
