from enum import StrEnum

from kernel.errors import Invalid
from kernel.states import Machine

MOVE_STATES = Machine(
    "move",
    {
        "open": {"claim": "claimed", "undo": "open", "cancel": "cancelled"},
        "claimed": {"claim": "claimed", "release": "open", "finish": "done", "undo": "claimed", "cancel": "cancelled"},
        "done": {"undo": "open"},
        "cancelled": {"undo": "cancelled"},
    },
)
"""Whoever carries units has claimed the move. What was carried can be carried back in any state."""
LIVE_MOVES = ("open", "claimed")
MAX_REASON = 200


class MoveCause(StrEnum):
    """Why units are carried elsewhere."""

    PUT_AWAY = "put_away"
    REPLENISH = "replenish"
    CROSS_DOCK = "cross_dock"
    RESLOT = "reslot"


def check_reason(reason: str, *, pointer: str = "/reason") -> str:
    """Return a reason without spaces around it.

    Raises:
        Invalid: it is empty, too long, or not one line.
    """
    found = reason.strip()
    if not found or len(found) > MAX_REASON or not found.isprintable():
        raise Invalid(
            "Say why, in a few words.", remedy=f"One line of at most {MAX_REASON} characters.", pointer=pointer
        )
    return found
