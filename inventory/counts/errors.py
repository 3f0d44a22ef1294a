from kernel.errors import NotFound, Refusal


class UnknownCount(NotFound):
    """The actor sees no such count."""

    code = "unknown_count"
    title = "No such count"


class CountEnded(Refusal):
    """Nobody has to count this any more: it is booked, cancelled, or waits for a lead's decision."""

    code = "count_ended"
    title = "This is not to be counted any more"


class SameCounter(Refusal):
    """Whoever counted a bin, or saw the figures, does not confirm the count."""

    code = "same_counter"
    title = "Somebody else has to count this"


class ScanMismatch(Refusal):
    """The scanned location or item is not the one to be counted."""

    code = "scan_mismatch"
    status = 422
    title = "This is not what is to be counted"


class NothingToCount(Refusal):
    """Nothing lies where a count was asked for."""

    code = "nothing_to_count"
    title = "There is nothing to count"


class CountOutdated(Refusal):
    """Units left the bin since it was counted, more than the count left in it."""

    code = "count_outdated"
    title = "The bin has changed since"
