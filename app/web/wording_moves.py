"""What moves are called by the people who make them."""

from typing import Final

from app.web.faces.shell import Tone

STATES: Final[dict[str, tuple[str, Tone]]] = {
    "open": ("To move", "info"),
    "claimed": ("In hand", "warn"),
    "done": ("Done", "ok"),
    "cancelled": ("Cancelled", "muted"),
}
CAUSES: Final = {
    "put_away": "Put away",
    "replenish": "Fill a pick face",
    "cross_dock": "Cross-dock",
    "reslot": "Better place",
}
