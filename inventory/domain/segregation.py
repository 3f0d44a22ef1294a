"""Which goods may lie, ride and stand together: one word for each reason why they may not."""

from typing import Final

AMBIENT: Final = "ambient"
TEMPERATURE_CLASSES: Final = (AMBIENT, "chilled", "frozen")
"""How warm goods may be kept: at room temperature, at 2 to 8 degrees Celsius, or below -18."""
HAZMAT: Final = "hazmat"


def segregation_of(temperature_class: str, *, hazmat: bool) -> str:
    """Return why goods share no cart and no tote with others, "" if they may: only goods with the same reasons do."""
    cold = "" if temperature_class == AMBIENT else temperature_class
    return " ".join(reason for reason in (cold, HAZMAT if hazmat else "") if reason)
