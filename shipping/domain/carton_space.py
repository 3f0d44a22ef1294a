from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import TypeVar

from shipping.domain.packing_loads import LoadBook

Dims = tuple[int, int, int]
Point = tuple[int, int, int]
Turns = Mapping[int, Sequence[Dims]]
_Found = TypeVar("_Found")

# The number of kept candidate corners bounds the work on very large orders; small orders never reach it.
_MAX_POINTS = 90
_MAX_POINTS_CROWDED = 70
_CROWDED_BOXES = 60
_FIRST_CORNER = 0
"""The rule that takes the first corner along the axes; corners are kept in that order."""
# Measured: with this much for each piece beside what is counted, one of work is a microsecond of plain Python, whether
# there are three pieces or a hundred.
_WORK_PER_PIECE = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """One physical piece to place: its `key` in the caller's list, its sides in mm, its weight in g.

    A fragile piece has none above it that is not fragile too. What rests on a piece weighs at most `max_load_g`, None
    for no limit. One that is not `mailer_ok` goes into boxes only.
    """

    key: int
    dims: Dims
    weight_g: int
    keep_upright: bool = False
    fragile: bool = False
    max_load_g: int | None = None
    mailer_ok: bool = False

    @property
    def volume_mm3(self) -> int:
        """Volume of the bounding box in cubic millimetres."""
        return self.dims[0] * self.dims[1] * self.dims[2]


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit at its corner nearest the origin with its sides along x, y, z, in mm."""

    key: int
    at: Point
    dims: Dims


@dataclass(slots=True)
class WorkBudget:
    """How much work a search may still spend, in about microseconds of plain Python.

    Counting work, not time, gives the same answer on every run.
    """

    remaining: int

    @property
    def is_spent(self) -> bool:
        """Whether the search has to stop."""
        return self.remaining <= 0

    def part(self, most: int, search: Callable[["WorkBudget"], _Found]) -> _Found:
        """Let a search spend at most so much of this."""
        given = WorkBudget(min(most, self.remaining))
        before = given.remaining
        found = search(given)
        self.remaining -= before - given.remaining
        return found


@lru_cache(maxsize=4096)
def orientations(dims: Dims, *, keep_upright: bool) -> tuple[Dims, ...]:
    """List the distinct ways to turn a piece; an upright piece keeps its third side vertical."""
    length, width, height = dims
    turned: set[Dims] = {(length, width, height), (width, length, height)}
    if not keep_upright:
        turned = {(a, b, c) for a, b, c in permutations(dims)}
    return tuple(sorted(turned))


class CartonSpace:
    """One carton being filled: the placed boxes and the corners where a next box may start.

    `turns` names the ways in which pieces may be turned here, by their keys; others are turned in any way they allow.
    """

    def __init__(
        self, inner: Dims, axes: tuple[int, int, int], rule: int, budget: WorkBudget, turns: Turns | None = None
    ) -> None:
        self.inner = inner
        self.axes = axes
        self.rule = rule
        self.budget = budget
        self._turns = turns or {}
        self.placed: list[PlacedUnit] = []
        self._boxes: list[tuple[int, int, int, int, int, int]] = []
        self._fragile: list[bool] = []
        self._loads = LoadBook()
        self._points: list[Point] = [(0, 0, 0)]

    def place(self, unit: Unit) -> bool:
        """Put the unit at its best corner; False when no corner takes it."""
        best: tuple[tuple[int, ...], Point, Dims] | None = None
        sides = self._turns.get(unit.key) or orientations(unit.dims, keep_upright=unit.keep_upright)
        checks = 0
        for point in self._points:
            for dims in self._within(point, sides):
                score = self._score(point, dims)
                if best is None or score < best[0]:
                    checks += 1
                    if self._is_free(point, dims) and self._bears(point, dims, unit):
                        best = (score, point, dims)
            if best is not None and self.rule == _FIRST_CORNER:
                break
        self.budget.remaining -= _WORK_PER_PIECE + len(self._points) + checks + len(self._boxes)
        if self._loads.is_limited:
            self.budget.remaining -= checks * len(self._boxes)
        if best is None:
            return False
        self._put(unit, best[1], best[2])
        return True

    def _within(self, point: Point, sides: Sequence[Dims]) -> list[Dims]:
        length, width, height = (self.inner[axis] - point[axis] for axis in range(3))
        return [dims for dims in sides if dims[0] <= length and dims[1] <= width and dims[2] <= height]

    def _is_free(self, point: Point, dims: Dims) -> bool:
        x, y, z = point
        x_end, y_end, z_end = x + dims[0], y + dims[1], z + dims[2]
        for bx, by, bz, bx_end, by_end, bz_end in self._boxes:
            if x < bx_end and bx < x_end and y < by_end and by < y_end and z < bz_end and bz < z_end:
                return False
        return True

    def _bears(self, point: Point, dims: Dims, unit: Unit) -> bool:
        """Say whether no fragile piece comes to lie below one that is not, and none bears more than it may."""
        if (not unit.fragile) in self._fragile and not self._spares(point, dims, fragile=unit.fragile):
            return False
        is_limited = self._loads.is_limited or unit.max_load_g is not None
        return not is_limited or self._loads.bears(point, dims, unit.weight_g, unit.max_load_g)

    def _spares(self, point: Point, dims: Dims, *, fragile: bool) -> bool:
        x, y, z = point
        x_end, y_end = x + dims[0], y + dims[1]
        for (bx, by, bz, bx_end, by_end, _), other in zip(self._boxes, self._fragile, strict=True):
            is_wrong = other != fragile and (bz > z) == fragile
            if is_wrong and x < bx_end and bx < x_end and y < by_end and by < y_end:
                return False
        return True

    def _score(self, point: Point, dims: Dims) -> tuple[int, ...]:
        first, second, third = self.axes
        ends = (point[0] + dims[0], point[1] + dims[1], point[2] + dims[2])
        where = (point[first], point[second], point[third])
        match self.rule:
            case 0:
                return (*where, dims[first], dims[second])
            case 1:
                return (ends[first], *where[1:], dims[second])
            case 2:
                return (max(ends[i] * 1000 // self.inner[i] for i in range(3)), *where, ends[first])
            case 3:
                return (sum((self.inner[i] - ends[i]) for i in range(3)), *where, dims[first])
            case _:
                return (ends[0] * ends[1] * ends[2], *where, dims[first])

    def _put(self, unit: Unit, at: Point, dims: Dims) -> None:
        x, y, z = at
        x_end, y_end, z_end = x + dims[0], y + dims[1], z + dims[2]
        self.placed.append(PlacedUnit(unit.key, at, dims))
        candidates = {
            self._slide((x_end, y, z), 1),
            self._slide((x_end, y, z), 2),
            self._slide((x, y_end, z), 0),
            self._slide((x, y_end, z), 2),
            self._slide((x, y, z_end), 0),
            self._slide((x, y, z_end), 1),
        }
        box = (x, y, z, x_end, y_end, z_end)
        self._boxes.append(box)
        self._fragile.append(unit.fragile)
        self._loads.add(at, dims, unit.weight_g, unit.max_load_g)
        fresh = {p for p in (*self._points, *candidates) if self._is_open(p, box)}
        keep = _MAX_POINTS if len(self._boxes) < _CROWDED_BOXES else _MAX_POINTS_CROWDED
        self._points = sorted(fresh, key=lambda p: (p[self.axes[0]], p[self.axes[1]], p[self.axes[2]]))[:keep]

    def _is_open(self, point: Point, box: tuple[int, int, int, int, int, int]) -> bool:
        x, y, z = point
        inside = box[0] <= x < box[3] and box[1] <= y < box[4] and box[2] <= z < box[5]
        return not inside and x < self.inner[0] and y < self.inner[1] and z < self.inner[2]

    def _slide(self, point: Point, axis: int) -> Point:
        """Move a corner towards the origin along one axis until a placed box stops it."""
        one, two = (i for i in range(3) if i != axis)
        stop = 0
        for box in self._boxes:
            if (
                box[one] <= point[one] < box[one + 3]
                and box[two] <= point[two] < box[two + 3]
                and stop < box[axis + 3] <= point[axis]
            ):
                stop = box[axis + 3]
        moved = list(point)
        moved[axis] = stop
        return (moved[0], moved[1], moved[2])
