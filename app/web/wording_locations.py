"""What locations are called by the people who work there."""

from typing import Final

from app.web.formats import weight

KINDS: Final = {
    "pick": "Pick face",
    "bulk": "Reserve",
    "dock": "Dock",
    "pack": "Packing",
    "lane": "Lane",
    "hospital": "Hospital",
    "returns": "Returns",
}
_MM3_PER_LITER = 1_000_000
_WITHOUT_TENTHS = 10


def used_weight(used_g: int, most_g: int) -> str:
    """Return how much weight lies in a location, of how much it bears where that is known."""
    return f"{weight(used_g)} of {weight(most_g)}" if most_g else weight(used_g) if used_g else ""


def used_room(used_mm3: int, most_mm3: int) -> str:
    """Return how much room is taken in a location, of how much there is where that is known."""
    return f"{_liters(used_mm3)} of {_liters(most_mm3)}" if most_mm3 else _liters(used_mm3) if used_mm3 else ""


def _liters(volume_mm3: int) -> str:
    liters = volume_mm3 / _MM3_PER_LITER
    return f"{liters:,.0f} l" if liters >= _WITHOUT_TENTHS or not volume_mm3 else f"{liters:.1f} l"
