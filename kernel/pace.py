"""How fast people work, from what they did."""

_USUAL_COUNTS_FOR_HOURS = 0.5


def hourly_pace(done: int, seconds: float, *, usual: int) -> int:
    """Return how much one person does in an hour of work, from so much done in so many seconds.

    The usual pace counts like half an hour of it: a few quick ones in the morning promise nothing.
    """
    return round((done + usual * _USUAL_COUNTS_FOR_HOURS) / (seconds / 3_600 + _USUAL_COUNTS_FOR_HOURS))
