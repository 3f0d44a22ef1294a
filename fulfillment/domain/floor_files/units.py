"""Units of length that floor plans come in, and how a wrong one is noticed."""

from math import log
from typing import Final

from fulfillment.domain.floor_files.parts import FloorFileError

MM: Final[dict[str, float]] = {"mm": 1.0, "cm": 10.0, "m": 1_000.0, "in": 25.4, "ft": 304.8}
NARROWEST_M, WIDEST_M = 5.0, 3_000.0
"""No warehouse is shorter on its long side than the one, or longer than the other: the largest building is 1.1 km."""

_USUAL_M = 80.0


class WrongUnit(FloorFileError):
    """The floor would be as small as a cupboard or as large as a country."""

    code = "floor_unit_wrong"
    title = "The unit of length cannot be right"


def require_plausible(longest: float, unit: str) -> None:
    """Refuse a unit in which the floor's long side, `longest` of that unit, would be no warehouse's.

    Raises:
        WrongUnit: names how long it would be, and the unit in which the floor would be a warehouse.
    """
    meters = longest * MM[unit] / 1_000
    if NARROWEST_M <= meters <= WIDEST_M:
        return
    others = {name: longest * mm / 1_000 for name, mm in MM.items() if name != unit}
    likely = {name: length for name, length in others.items() if NARROWEST_M <= length <= WIDEST_M}
    best = min(likely, key=lambda name: abs(log(likely[name] / _USUAL_M)), default="")
    hint = f"In {best} it would be {_told(likely[best])} long: choose {best}." if best else "Check the coordinates."
    raise WrongUnit(
        f"In {unit} this floor would be {_told(meters)} long.", remedy=hint, pointer="/unit", likely_unit=best
    )


def _told(meters: float) -> str:
    if meters >= WIDEST_M:
        return f"{meters / 1_000:,.0f} km"
    return f"{meters:,.0f} m" if meters >= 1 else f"{meters * 1_000:,.0f} mm"
