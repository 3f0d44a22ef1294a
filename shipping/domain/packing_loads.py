"""What rests on what in a carton, and whether each piece bears it.

Of two pieces the upper rests on the lower when it begins where that ends or higher and their floor plans overlap,
whether they touch or filling lies between; what rests on the upper rests on the lower as well. All of that weight
counts in full on every piece below, as if no other shared it: more than a piece really bears, so that no plan crushes
goods because a neighbor gave way.
"""

from collections.abc import Iterable
from typing import Protocol

_Triple = tuple[int, int, int]
_Box = tuple[int, int, int, int, int, int]


class Burdened(Protocol):
    """A piece as far as loads go: weights in g."""

    @property
    def weight_g(self) -> int:
        """What it weighs."""

    @property
    def max_load_g(self) -> int | None:
        """What may rest on it, None for no limit."""


class LoadBook:
    """The pieces that lie in a carton, and for each what rests on it. Sides in mm, weights in g."""

    def __init__(self) -> None:
        self.is_limited = False
        self._boxes: list[_Box] = []
        self._weights: list[int] = []
        self._limits: list[int | None] = []
        # For each piece a bit for each that rests on it; told for the first ones as soon as one has a limit.
        self._above: list[int] = []

    def bears(self, at: _Triple, dims: _Triple, weight_g: int, limit_g: int | None) -> bool:
        """Say whether one more piece there neither bears too much nor is too much for those below it."""
        if not self.is_limited and limit_g is None:
            return True
        self._catch_up()
        below, above = self._around(at, dims)
        if limit_g is not None and self._weight(above) > limit_g:
            return False
        for index, limit in enumerate(self._limits):
            if limit is None or not self._is_under(index, below):
                continue
            if self._weight(self._above[index] | above) + weight_g > limit:
                return False
        return True

    def add(self, at: _Triple, dims: _Triple, weight_g: int, limit_g: int | None) -> None:
        """Lay a piece there."""
        self.is_limited = self.is_limited or limit_g is not None
        self._boxes.append((*at, at[0] + dims[0], at[1] + dims[1], at[2] + dims[2]))
        self._weights.append(weight_g)
        self._limits.append(limit_g)
        if self.is_limited:
            self._catch_up()

    def _catch_up(self) -> None:
        while len(self._above) < len(self._boxes):
            piece = len(self._above)
            x, y, z, x_end, y_end, z_end = self._boxes[piece]
            below, above = self._around((x, y, z), (x_end - x, y_end - y, z_end - z))
            for index in range(piece):
                if self._is_under(index, below):
                    self._above[index] |= above | 1 << piece
            self._above.append(above)

    def _around(self, at: _Triple, dims: _Triple) -> tuple[int, int]:
        """Return those that the piece would lie on, and all that would rest on it, as bits."""
        x, y, z = at
        x_end, y_end, z_end = x + dims[0], y + dims[1], z + dims[2]
        below = above = 0
        for index, (rests, (bx, by, bz, bx_end, by_end, bz_end)) in enumerate(
            zip(self._above, self._boxes, strict=False)
        ):
            if x < bx_end and bx < x_end and y < by_end and by < y_end:
                if bz >= z_end:
                    above |= 1 << index | rests
                elif bz_end <= z:
                    below |= 1 << index
        return below, above

    def _is_under(self, index: int, below: int) -> bool:
        return bool((1 << index | self._above[index]) & below)

    def _weight(self, pieces: int) -> int:
        total = 0
        while pieces:
            lowest = pieces & -pieces
            total += self._weights[lowest.bit_length() - 1]
            pieces ^= lowest
        return total


def loads_hold(placed: Iterable[tuple[_Triple, _Triple, Burdened]]) -> bool:
    """Say whether no piece of an arrangement bears more than it may, whatever the order they are told in."""
    pieces = sorted(placed, key=lambda piece: piece[0][2])
    if all(piece.max_load_g is None for _, _, piece in pieces):
        return True
    book = LoadBook()
    for at, dims, piece in pieces:
        if not book.bears(at, dims, piece.weight_g, piece.max_load_g):
            return False
        book.add(at, dims, piece.weight_g, piece.max_load_g)
    return True
