import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

Dims = tuple[int, int, int]
Point = tuple[int, int, int]

# The number of kept candidate corners bounds the work on very large orders; small orders never reach it.
_MAX_POINTS = 90
_AXIS_ORDERS: tuple[tuple[int, int, int], ...] = ((2, 1, 0), (0, 1, 2), (1, 0, 2))


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


def orientations(dims: Dims, *, keep_upright: bool) -> tuple[Dims, ...]:
    """List the distinct ways to turn a piece; an upright piece keeps its third side vertical."""
    length, width, height = dims
    turned: set[Dims] = {(length, width, height), (width, length, height)}
    if not keep_upright:
        turned = {(a, b, c) for a, b, c in permutations(dims)}
    return tuple(sorted(turned))


def fits_alone(unit: Unit, inner: Dims) -> bool:
    """Say whether a single piece goes into an empty carton of these inner sides in some allowed orientation."""
    return any(_within(side, inner) for side in orientations(unit.dims, keep_upright=unit.keep_upright))


def is_impossible(units: Sequence[Unit], inner: Dims, payload_g: int) -> bool:
    """Prove cheaply that the units cannot all go into one carton; False proves nothing.

    Necessary conditions only: weight, volume, each piece alone, and each pair side by side along some axis.
    """
    if sum(u.weight_g for u in units) > payload_g:
        return True
    if sum(u.volume_mm3 for u in units) > inner[0] * inner[1] * inner[2]:
        return True
    kinds = _kinds(units)
    if not all(fits_alone(kind, inner) for kind, _ in kinds):
        return True
    return _has_conflicting_pair(kinds, inner)


def pack_all(units: Sequence[Unit], inner: Dims, budget: WorkBudget) -> tuple[PlacedUnit, ...] | None:
    """Place every unit into one carton, or give up with None.

    A block of equal pieces is laid out directly; all else goes through a multi-start extreme-point search
    (Crainic, Perboli, Tadei 2008), first over fixed sort orders, rules and axes, then over seeded random ones.
    """
    grid = _pack_equal(units, inner)
    if grid is not None:
        return grid
    for order, rule, axes in _starts(units):
        if budget.is_spent:
            return None
        placed, left = fill(order, inner, payload_g=None, rule=rule, axes=axes, budget=budget, all_or_nothing=True)
        if not left:
            return placed
    return None


def fill(
    units: Sequence[Unit],
    inner: Dims,
    *,
    payload_g: int | None,
    rule: int,
    axes: tuple[int, int, int],
    budget: WorkBudget,
    all_or_nothing: bool = False,
) -> tuple[tuple[PlacedUnit, ...], tuple[Unit, ...]]:
    """Put units into one carton in the given order, at the extreme point that the rule likes best.

    Returns the placed units and those left over. With `all_or_nothing` the first unit that finds no room ends it.
    """
    space = _Space(inner, axes, rule, budget)
    left: list[Unit] = []
    room_g = payload_g
    refused: set[tuple[Dims, bool]] = set()
    for unit in units:
        kind = (unit.dims, unit.keep_upright)
        too_heavy = room_g is not None and unit.weight_g > room_g
        if too_heavy or kind in refused or not space.place(unit):
            left.append(unit)
            if all_or_nothing:
                break
            if not too_heavy:
                # Room only shrinks, so that a refused shape stays refused in this carton.
                refused.add(kind)
        elif room_g is not None:
            room_g -= unit.weight_g
    return tuple(space.placed), tuple(left)


def sort_orders(units: Sequence[Unit]) -> tuple[list[Unit], ...]:
    """Give the four deterministic orders the search starts from: volume, longest side, largest face, thickness."""
    keys: tuple[Callable[[Unit], tuple[int, ...]], ...] = (
        lambda u: (-u.volume_mm3, -max(u.dims)),
        lambda u: (-max(u.dims), -u.volume_mm3),
        lambda u: (-(u.volume_mm3 // min(u.dims)), -u.volume_mm3),
        lambda u: (-min(u.dims), -u.volume_mm3),
    )
    return tuple(_sorted_by(units, key) for key in keys)


class _Space:
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
        self._points = sorted(fresh, key=lambda p: (p[self.axes[0]], p[self.axes[1]], p[self.axes[2]]))[:_MAX_POINTS]

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


def _starts(units: Sequence[Unit]) -> Iterator[tuple[list[Unit], int, tuple[int, int, int]]]:
    orders = sort_orders(units)
    for rule, axes, order in product(range(5), _AXIS_ORDERS, orders):
        yield order, rule, axes
    # The seed is fixed: the search explores, it does not protect a secret.
    dice = random.Random(20081)  # noqa: S311 - reproducible search, not cryptography
    while True:
        noisy = sorted((-u.volume_mm3 * dice.uniform(0.4, 1.6), i) for i, u in enumerate(units))
        order = [units[i] for _, i in noisy]
        yield order, dice.randrange(5), _AXIS_ORDERS[dice.randrange(3)]


def _sorted_by(units: Sequence[Unit], key: Callable[[Unit], tuple[int, ...]]) -> list[Unit]:
    return sorted(units, key=lambda u: (key(u), sorted(u.dims), u.key))


def _pack_equal(units: Sequence[Unit], inner: Dims) -> tuple[PlacedUnit, ...] | None:
    """Lay out equal pieces as one regular block when a block is large enough."""
    kinds = _kinds(units)
    if len(kinds) != 1:
        return None
    for dims in orientations(units[0].dims, keep_upright=units[0].keep_upright):
        counts = tuple(inner[i] // dims[i] for i in range(3))
        if counts[0] * counts[1] * counts[2] >= len(units):
            cells = product(range(counts[2]), range(counts[1]), range(counts[0]))
            return tuple(
                PlacedUnit(unit.key, (ix * dims[0], iy * dims[1], iz * dims[2]), dims)
                for unit, (iz, iy, ix) in zip(units, cells, strict=False)
            )
    return None


def _kinds(units: Sequence[Unit]) -> list[tuple[Unit, int]]:
    counts: dict[tuple[tuple[int, ...], bool], tuple[Unit, int]] = {}
    for unit in units:
        sides = unit.dims if unit.keep_upright else tuple(sorted(unit.dims))
        first, count = counts.get((sides, unit.keep_upright), (unit, 0))
        counts[(sides, unit.keep_upright)] = (first, count + 1)
    return list(counts.values())


def _has_conflicting_pair(kinds: Sequence[tuple[Unit, int]], inner: Dims) -> bool:
    """Find two pieces that can stand beside each other along no axis: they never share this carton."""
    sides = [
        (kind, count, [o for o in orientations(kind.dims, keep_upright=kind.keep_upright) if _within(o, inner)])
        for kind, count in sorted(kinds, key=lambda k: -k[0].volume_mm3)[:12]
    ]
    for i, (_, count, ours) in enumerate(sides):
        thinnest = [min(o[axis] for o in ours) for axis in range(3)]
        rivals = sides[i:] if count > 1 else sides[i + 1 :]
        for _, _, theirs in rivals:
            if all(thinnest[axis] + min(o[axis] for o in theirs) > inner[axis] for axis in range(3)):
                return True
    return False


def _within(dims: Dims, inner: Dims) -> bool:
    return dims[0] <= inner[0] and dims[1] <= inner[1] and dims[2] <= inner[2]
