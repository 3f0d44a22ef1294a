"""How a piece lies and where, in a packer's words."""

from collections.abc import Sequence
from typing import Final, Literal

from shipping.domain.carton_space import Dims

Orientation = Literal["upright", "flat", "on end", "on its side", ""]
_THIRDS: Final = 3


def orientation_of(sides: Dims, placed: Dims) -> Orientation:
    """Say how a piece of these catalog sides (length, width, height) stands when placed so; "" where all are equal."""
    if len(set(sides)) == 1:
        return ""
    height = placed[2]
    if height == sides[2]:
        return "upright"
    if height == min(sides):
        return "flat"
    return "on end" if height == max(sides) else "on its side"


def place_of(at: Dims, dims: Dims, inner: Dims) -> str:
    """Say where on the carton's floor plan something lies: left and right, rear and front, as the packer sees it."""
    across = _third(at[0], dims[0], inner[0], ("left", "", "right"))
    along = _third(at[1], dims[1], inner[1], ("rear", "", "front"))
    if across and along:
        return f"in the {across} {along} corner"
    if across:
        return f"at the {across} side"
    if along:
        return f"at the {along}"
    return "in the middle"


def level_of(z_mm: int, beneath: Sequence[str]) -> str:
    """Say what a piece lies on: the bottom, or other pieces by their names."""
    if z_mm == 0:
        return "on the bottom"
    return f"on top of {' and '.join(dict.fromkeys(beneath))}" if beneath else "above what is in"


def _third(start: int, length: int, room: int, words: tuple[str, str, str]) -> str:
    """Return the word for the third of the room in which the middle lies; what fills most of it lies in the middle."""
    twice = 2 * start + length
    if twice * _THIRDS < 2 * room:
        return words[0]
    return words[2] if twice * _THIRDS > 4 * room else words[1]
