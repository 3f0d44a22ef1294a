"""What counts are called by the people who make them and decide on them."""

from typing import Final

from app.web.faces.shell import Tone

STATES: Final[dict[str, tuple[str, Tone]]] = {
    "open": ("To count", "info"),
    "recount": ("Second count", "warn"),
    "counted": ("To decide", "warn"),
    "approved": ("Booked", "ok"),
    "cancelled": ("Cancelled", "muted"),
}
CAUSES: Final = {
    "short_pick": "After a short pick",
    "zero_check": "Zero check",
    "abc": "Planned",
    "requested": "Asked for",
}
OUTCOMES: Final = {
    "approved": "Booked.",
    "recount": "Somebody else confirms it before it is booked.",
    "counted": "Your lead decides what is booked.",
}


def difference_words(difference: int) -> str:
    """Return a difference from the book in words."""
    if not difference:
        return "as the book says"
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} than the book says"


def share_words(share: float | None) -> str:
    """Return a share as a percentage that never rounds up to all, nor down to nothing."""
    if share is None:
        return "\N{EN DASH}"
    percent = min(round(share * 100, 1), 99.9) if share < 1 else 100.0
    return f"{max(percent, 0.1) if share else 0:.1f}".removesuffix(".0") + "\N{NO-BREAK SPACE}%"
