from kernel.errors import NotFound, Refusal


class UnknownArrival(NotFound):
    """The actor sees no such arrival."""

    code = "unknown_arrival"
    title = "No such arrival"


class DuplicateArrival(Refusal):
    """The merchant announced something else under this number before."""

    code = "duplicate_arrival"
    title = "This number belongs to another arrival"


class NotAnnounced(Refusal):
    """An item came that the arrival does not list, and nobody said why it is taken in."""

    code = "not_announced"
    title = "This item was not announced"


class WrongLocation(Refusal):
    """Deliveries are not stocked in locations of this kind."""

    code = "wrong_location"
    status = 422
    title = "Nothing is stocked there"


class ArrivalChanged(Refusal):
    """Somebody received more meanwhile: what the person agreed to tell as short is no longer so."""

    code = "arrival_changed"
    title = "More came meanwhile"
