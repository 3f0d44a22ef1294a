from collections.abc import Sequence
from typing import Literal

from shipping.domain.carton_space import Dims, PlacedUnit, Unit, WorkBudget, orientations
from shipping.domain.packing_loads import loads_hold

_UP = 2
_Pairs = tuple[tuple[int, int], ...]


def arrange(
    units: Sequence[Unit], inner: Dims, budget: WorkBudget
) -> tuple[PlacedUnit, ...] | Literal["impossible", "unknown"]:
    """Decide for a few units whether they all fit, by trying which stands before which along which axis.

    Two pieces that do not overlap stand apart along an axis, one before the other. Piece after piece, largest first, is
    turned in each way and set before or behind each earlier one; what stands behind begins where the longest chain
    before it ends, and no chain may be longer than the carton. What is not fragile never stands on what is. The search
    is complete, so that its end without a find proves that there is none ("impossible"), unless the budget is spent
    before, or an arrangement was passed over in which a piece bears too much, which another place might mend
    ("unknown").
    """
    search = _Arrangement(units, inner, budget)
    if search.add(0):
        return search.placed()
    return "unknown" if budget.is_spent or search.was_overloaded else "impossible"


def _may_bear(lower: Unit, upper: Unit) -> bool:
    is_too_heavy = lower.max_load_g is not None and upper.weight_g > lower.max_load_g
    return not is_too_heavy and (upper.fragile or not lower.fragile)


class _Arrangement:
    """Pieces with their sides, where each begins on each axis, and who stands directly behind whom."""

    def __init__(self, units: Sequence[Unit], inner: Dims, budget: WorkBudget) -> None:
        self.units = sorted(units, key=lambda u: (-u.volume_mm3, sorted(u.dims), u.key))
        self.inner = inner
        self.budget = budget
        sides = (orientations(u.dims, keep_upright=u.keep_upright) for u in self.units)
        self._turns = [[d for d in ways if all(d[axis] <= inner[axis] for axis in range(3))] for ways in sides]
        count = len(self.units)
        self._sides: list[Dims] = [(0, 0, 0)] * count
        self._starts = [[0] * count for _ in range(3)]
        self._behind: list[list[list[int]]] = [[[] for _ in range(count)] for _ in range(3)]
        self.was_overloaded = False
        self._is_limited = any(u.max_load_g is not None for u in units)
        # What may stand on what is told from below: then up and down are not alike.
        is_mixed = self._is_limited or len({u.fragile for u in units}) > 1
        self._is_used = [False, False, is_mixed]

    def placed(self) -> tuple[PlacedUnit, ...]:
        """Return where the pieces stand, nearest to the origin on every axis."""
        x, y, z = self._starts
        return tuple(PlacedUnit(u.key, (x[i], y[i], z[i]), self._sides[i]) for i, u in enumerate(self.units))

    def add(self, piece: int) -> bool:
        """Add this piece and all after it; False when there is no way, or the budget is spent."""
        if piece == len(self.units):
            return self._is_borne()
        for dims in self._turns[piece]:
            self._sides[piece] = dims
            if self._relate(piece, 0):
                return True
        return False

    def _is_borne(self) -> bool:
        if not self._is_limited:
            return True
        self.budget.remaining -= len(self.units) ** 2
        corners = zip(*self._starts, strict=True)
        is_borne = loads_hold(zip(corners, self._sides, self.units, strict=True))
        self.was_overloaded = self.was_overloaded or not is_borne
        return is_borne

    def _relate(self, piece: int, other: int) -> bool:
        """Set the piece before or behind each earlier one from `other` on, and add those after it."""
        self.budget.remaining -= 1
        if self.budget.remaining <= 0:
            return False
        if other == piece:
            return self.add(piece + 1)
        ours, theirs = self._sides[piece], self._sides[other]
        for axis in range(3):
            if ours[axis] + theirs[axis] > self.inner[axis]:
                continue
            is_used = self._is_used[axis]
            # What is the first on its axis may be mirrored, so that one direction stands for both.
            pairs: _Pairs = ((other, piece), (piece, other)) if is_used else ((other, piece),)
            for first, second in pairs:
                if axis == _UP and not _may_bear(self.units[first], self.units[second]):
                    continue
                if self._set_behind(axis, first, second, piece, other):
                    return True
            self._is_used[axis] = is_used
        return False

    def _set_behind(self, axis: int, first: int, second: int, piece: int, other: int) -> bool:
        before = self._starts[axis]
        start = before[first] + self._sides[first][axis]
        after = before if start <= before[second] else self._pushed(axis, second, start)
        if after is None:
            return False
        self._starts[axis] = after
        self._behind[axis][first].append(second)
        self._is_used[axis] = True
        if self._relate(piece, other + 1):
            return True
        self._behind[axis][first].pop()
        self._starts[axis] = before
        return False

    def _pushed(self, axis: int, piece: int, start: int) -> list[int] | None:
        """Return where all begin once the piece begins at `start`, None when one would stand out of the carton."""
        most, sides, behind = self.inner[axis], self._sides, self._behind[axis]
        if start + sides[piece][axis] > most:
            return None
        starts = list(self._starts[axis])
        starts[piece] = start
        moved = [piece]
        while moved:
            first = moved.pop()
            end = starts[first] + sides[first][axis]
            for second in behind[first]:
                if starts[second] < end:
                    if end + sides[second][axis] > most:
                        return None
                    starts[second] = end
                    moved.append(second)
        return starts
