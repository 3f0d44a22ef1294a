from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

Dims = tuple[int, int, int]
Point = tuple[int, int, int]

# The number of kept candidate corners bounds the work on very large orders; small orders never reach it.
_MAX_POINTS = 90
_MAX_POINTS_CROWDED = 70
_CROWDED_BOXES = 60


@dataclass(frozen=True, slots=True)
class Unit:
    """One physical piece to place: its `key` in the caller's list, its sides in mm, its weight in g."""

    key: int
    dims: Dims
    weight_g: int
    keep_upright: bool = False

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
    """How many corner tests a search may still spend. Counting work, not time, gives the same answer on every run."""

    remaining: int

    @property
    def is_spent(self) -> bool:
        """Whether the search has to stop."""
        return self.remaining <= 0


@lru_cache(maxsize=4096)
def orientations(dims: Dims, *, keep_upright: bool) -> tuple[Dims, ...]:
    """List the distinct ways to turn a piece; an upright piece keeps its third side vertical."""
    length, width, height = dims
    turned: set[Dims] = {(length, width, height), (width, length, height)}
    if not keep_upright:
        turned = {(a, b, c) for a, b, c in permutations(dims)}
    return tuple(sorted(turned))


class CartonSpace:
    """One carton being filled: the placed boxes and the corners where a next box may start."""

    def __init__(self, inner: Dims, axes: tuple[int, int, int], rule: int, budget: WorkBudget) -> None:
        self.inner = inner
        self.axes = axes
        self.rule = rule
        self.budget = budget
        self.placed: list[PlacedUnit] = []
        self._boxes: list[tuple[int, int, int, int, int, int]] = []
        self._points: list[Point] = [(0, 0, 0)]

    def place(self, unit: Unit) -> bool:
        """Put the unit at its best corner; False when no corner takes it."""
        best: tuple[tuple[int, ...], Point, Dims] | None = None
        sides = orientations(unit.dims, keep_upright=unit.keep_upright)
        self.budget.remaining -= len(self._points) * len(sides)
        for point in self._points:
            for dims in sides:
                if self._is_free(point, dims):
                    score = self._score(point, dims)
                    if best is None or score < best[0]:
                        best = (score, point, dims)
        if best is None:
            return False
        self._put(unit, best[1], best[2])
        return True

    def _is_free(self, point: Point, dims: Dims) -> bool:
        x, y, z = point
        x_end, y_end, z_end = x + dims[0], y + dims[1], z + dims[2]
        length, width, height = self.inner
        if x_end > length or y_end > width or z_end > height:
            return False
        for bx, by, bz, bx_end, by_end, bz_end in self._boxes:
            if x < bx_end and bx < x_end and y < by_end and by < y_end and z < bz_end and bz < z_end:
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
