"""What a file says of a floor before anything is made of it, whatever the file's format."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from kernel.errors import Invalid

KINDS: Final = (
    "bin", "aisle", "cross_aisle", "walkway", "rack", "zone", "obstacle", "floor", "depot", "drop",
)  # fmt: skip
ONE_PLACE: Final = frozenset({"bin", "depot", "drop"})
LINES: Final = frozenset({"aisle", "cross_aisle", "walkway"})
MOST_PARTS: Final = 300_000
_NAMED: Final = 5
_FEWEST: Final = 3

Corner: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a floor as a file names it, lengths in the file's unit.

    `corners` is one place for bins, the depot and drops, the ends and bends of a way's center line, or an outline.
    `one_way` is 1 where a way leads from its first corner to its last, -1 where it leads back.
    """

    kind: str
    code: str
    corners: tuple[Corner, ...]
    zone: str = ""
    aisle: str = ""
    side: str = ""
    level: int = 0
    width: float = 0.0
    one_way: int = 0
    zone_kind: str = ""
    note: str = ""


class FloorFileError(Invalid):
    """A file that says nothing sound of a floor: `errors` names what, and where in it."""

    code = "floor_file_invalid"
    title = "The file cannot be read as a floor plan"


def refuse_file(faults: list[str]) -> None:
    """Refuse a file for what is wrong in it, if anything is.

    Raises:
        FloorFileError: tells the first faults, and of how many.
    """
    if faults:
        more = f" And {len(faults) - _NAMED} other faults." if len(faults) > _NAMED else ""
        raise FloorFileError(
            f"{' '.join(faults[:_NAMED])}{more}", remedy="Nothing was changed.", pointer="/content", found=faults[:500]
        )


def wrong_corners(part: Part) -> str:
    """Return what is wrong with the number of a part's corners, empty if nothing is."""
    if part.kind in ONE_PLACE:
        return "" if len(part.corners) == 1 else "needs one place"
    if part.kind in LINES:
        return "" if len(set(part.corners)) > 1 else "needs a line with two ends"
    return "" if len(set(part.corners)) >= _FEWEST else "needs an outline of three corners"
