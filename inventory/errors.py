from kernel.errors import NotFound, Refusal


class InsufficientStock(Refusal):
    """Fewer units are free than were asked for; `shortfalls` says of what and how many."""

    code = "insufficient_stock"
    title = "Not enough stock"


class NotEnoughInBin(Refusal):
    """A bin holds fewer units than were to be taken from it, or the rest is set aside for other orders."""

    code = "not_enough_in_bin"
    title = "The bin does not hold that many"


class NotReserved(Refusal):
    """An order line was to be picked beyond what is reserved for it."""

    code = "not_reserved"
    title = "That many are not reserved for this line"


class NotEnoughInBucket(Refusal):
    """Units were to leave a tote, parcel or return area that does not hold that many."""

    code = "not_enough_in_bucket"
    title = "There are not that many to move"


class UnknownItem(NotFound):
    """This merchant has no such item."""

    code = "unknown_item"
    title = "No such item"


class UnknownLocation(NotFound):
    """The site has no such location."""

    code = "unknown_location"
    title = "No such location"
