import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple

from shipping.domain.carton_space import CartonSpace, Dims, PlacedUnit, Turns, Unit, WorkBudget, orientations
from shipping.domain.packing_layers import pack_layers
from shipping.domain.packing_loads import loads_hold

_AXIS_ORDERS: tuple[tuple[int, int, int], ...] = ((2, 1, 0), (0, 1, 2), (1, 0, 2))
_RULES = 5
_LAYERED_UNITS = 9
# Measured on orders whose smallest carton is known: half of the attempts with three turns for each piece find most.
_TURNS = 3
_BOUND_SHARE = 0.5
_Attempt = Callable[[WorkBudget], tuple[PlacedUnit, ...] | None]


class _Start(NamedTuple):
    """What a filling starts from, beside the order of the pieces: see `CartonSpace`."""

    inner: Dims
    rule: int
    axes: tuple[int, int, int]
    turns: Turns | None


def fits_alone(unit: Unit, inner: Dims) -> bool:
    """Say whether a single piece goes into an empty carton of these inner sides in some allowed orientation."""
    return any(_within(side, inner) for side in orientations(unit.dims, keep_upright=unit.keep_upright))


def is_impossible(units: Sequence[Unit], inner: Dims, payload_g: int) -> bool:
    """Prove cheaply that the units cannot all go into one carton; False proves nothing.

    Necessary conditions only: weight, volume, each piece alone, what can only lie upon each other, and each pair side
    by side along some axis.
    """
    if sum(u.weight_g for u in units) > payload_g:
        return True
    if sum(u.volume_mm3 for u in units) > inner[0] * inner[1] * inner[2]:
        return True
    kinds = _kinds(units)
    if not all(fits_alone(kind, inner) for kind, _ in kinds):
        return True
    return _is_stack_too_high(kinds, inner) or _has_conflicting_pair(kinds, inner)


def pack_all(units: Sequence[Unit], inner: Dims, budget: WorkBudget) -> tuple[PlacedUnit, ...] | None:
    """Place every unit into one carton, or give up with None.

    A block of equal pieces is laid out directly. All else goes through a multi-start extreme-point search (Crainic,
    Perboli, Tadei 2008): from the largest piece down by four measures, in layers when there are many pieces, then in
    seeded random orders, half of them with each piece kept to a few random turns.
    """
    grid = _pack_equal(units, inner)
    if grid is not None and bears_itself(units, grid):
        return grid
    for attempt in _attempts(units, inner):
        if budget.is_spent:
            return None
        placed = attempt(budget)
        if placed is not None and bears_itself(units, placed):
            return placed
    return None


def bears_itself(units: Sequence[Unit], placed: Sequence[PlacedUnit]) -> bool:
    """Say whether no piece of an arrangement bears more than it may."""
    if all(unit.max_load_g is None for unit in units):
        return True
    by_key = {unit.key: unit for unit in units}
    return loads_hold((one.at, one.dims, by_key[one.key]) for one in placed)


def equal_block(units: Sequence[Unit], inner: Dims) -> tuple[PlacedUnit, ...]:
    """Lay out as many of the equal pieces as the largest regular block takes."""
    sides = orientations(units[0].dims, keep_upright=units[0].keep_upright)
    dims = max(sides, key=lambda o: ((inner[0] // o[0]) * (inner[1] // o[1]) * (inner[2] // o[2]), o))
    cells = product(*(range(inner[axis] // dims[axis]) for axis in (2, 1, 0)))
    return tuple(
        PlacedUnit(unit.key, (ix * dims[0], iy * dims[1], iz * dims[2]), dims)
        for unit, (iz, iy, ix) in zip(units, cells, strict=False)
    )


def fill(
    units: Sequence[Unit],
    inner: Dims,
    *,
    payload_g: int | None,
    rule: int,
    axes: tuple[int, int, int],
    budget: WorkBudget,
) -> tuple[tuple[PlacedUnit, ...], tuple[Unit, ...]]:
    """Put units into one carton in the given order, at the extreme point that the rule likes best.

    Returns the placed units and those left over.
    """
    space = CartonSpace(inner, axes, rule, budget)
    left: list[Unit] = []
    room_g = payload_g
    refused: set[tuple[Dims, bool, bool, tuple[int, int | None]]] = set()
    is_limited = any(unit.max_load_g is not None for unit in units)
    for unit in units:
        load = (unit.weight_g, unit.max_load_g) if is_limited else (0, None)
        kind = (unit.dims, unit.keep_upright, unit.fragile, load)
        too_heavy = room_g is not None and unit.weight_g > room_g
        if too_heavy or kind in refused or not space.place(unit):
            left.append(unit)
            if not too_heavy:
                # Room only shrinks, so that a refused shape stays refused in this carton.
                refused.add(kind)
        elif room_g is not None:
            room_g -= unit.weight_g
    return tuple(space.placed), tuple(left)


def sort_orders(units: Sequence[Unit]) -> tuple[list[Unit], ...]:
    """Give the four deterministic orders the search starts from: volume, longest side, largest face, thickness.

    Those that bear less come later and fragile pieces last, since nothing else lies on them.
    """
    keys: tuple[Callable[[Unit], tuple[int, ...]], ...] = (
        lambda u: (-u.volume_mm3, -max(u.dims)),
        lambda u: (-max(u.dims), -u.volume_mm3),
        lambda u: (-(u.volume_mm3 // min(u.dims)), -u.volume_mm3),
        lambda u: (-min(u.dims), -u.volume_mm3),
    )
    return tuple(_sorted_by(units, key) for key in keys)


def _attempts(units: Sequence[Unit], inner: Dims) -> Iterator[_Attempt]:
    orders = sort_orders(units)
    for order in orders:
        yield partial(_fill_all, order, _Start(inner, 0, _AXIS_ORDERS[0], None))
    if len(units) >= _LAYERED_UNITS:
        # Layers upon each other would put anything on fragile pieces.
        is_mixed = len({u.fragile for u in units}) > 1
        for order, axis in product(orders, range(2 if is_mixed else 3)):
            yield partial(pack_layers, order, inner, axis)
    # The seed is fixed: the search explores, it does not protect a secret.
    dice = random.Random(20081)  # noqa: S311 - reproducible search, not cryptography
    sides = {u.key: _fitting_sides(u, inner) for u in units}
    while True:
        noisy = sorted((-u.volume_mm3 * dice.uniform(0.4, 1.6), i) for i, u in enumerate(units))
        turns = {key: dice.sample(ways, min(_TURNS, len(ways))) for key, ways in sides.items()}
        is_bound = dice.random() < _BOUND_SHARE
        order = [units[i] for _, i in noisy]
        axes = _AXIS_ORDERS[dice.randrange(len(_AXIS_ORDERS))]
        yield partial(_fill_all, order, _Start(inner, dice.randrange(_RULES), axes, turns if is_bound else None))


def _fill_all(units: Sequence[Unit], start: _Start, budget: WorkBudget) -> tuple[PlacedUnit, ...] | None:
    """Place the units in the given order; the first one that finds no room ends it, and so does a spent budget."""
    space = CartonSpace(start.inner, start.axes, start.rule, budget, start.turns)
    are_placed = all(not budget.is_spent and space.place(unit) for unit in units)
    return tuple(space.placed) if are_placed else None


def _sorted_by(units: Sequence[Unit], key: Callable[[Unit], tuple[int, ...]]) -> list[Unit]:
    return sorted(units, key=lambda u: (u.fragile, _softness(u), key(u), sorted(u.dims), u.key))


def _softness(unit: Unit) -> tuple[bool, int]:
    """Return what sorts pieces from those that bear anything to those that bear nothing."""
    return unit.max_load_g is not None, -(unit.max_load_g or 0)


def _pack_equal(units: Sequence[Unit], inner: Dims) -> tuple[PlacedUnit, ...] | None:
    """Lay out equal pieces as one regular block when a block is large enough."""
    if len(_kinds(units)) != 1:
        return None
    block = equal_block(units, inner)
    return block if len(block) == len(units) else None


def _kinds(units: Sequence[Unit]) -> list[tuple[Unit, int]]:
    counts: dict[tuple[tuple[int, ...], bool, bool], tuple[Unit, int]] = {}
    for unit in units:
        sides = unit.dims if unit.keep_upright else tuple(sorted(unit.dims))
        kind = (sides, unit.keep_upright, unit.fragile)
        first, count = counts.get(kind, (unit, 0))
        counts[kind] = (first, count + 1)
    return list(counts.values())


def _is_stack_too_high(kinds: Sequence[tuple[Unit, int]], inner: Dims) -> bool:
    """Find pieces of which no two stand beside each other on two of the axes: they share the third one."""
    sides = [(count, _fitting_sides(kind, inner)) for kind, count in kinds]
    least = [(count, [min(o[axis] for o in ours) for axis in range(3)]) for count, ours in sides]
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        wide = [(count, side) for count, side in least if all(2 * side[other] > inner[other] for other in others)]
        if sum(count * side[axis] for count, side in wide) > inner[axis]:
            return True
    return False


def _has_conflicting_pair(kinds: Sequence[tuple[Unit, int]], inner: Dims) -> bool:
    """Find two pieces that can stand beside each other along no axis: they never share this carton."""
    sides = [
        (kind, count, _fitting_sides(kind, inner)) for kind, count in sorted(kinds, key=lambda k: -k[0].volume_mm3)[:12]
    ]
    for i, (_, count, ours) in enumerate(sides):
        thinnest = [min(o[axis] for o in ours) for axis in range(3)]
        rivals = sides[i:] if count > 1 else sides[i + 1 :]
        for _, _, theirs in rivals:
            if all(thinnest[axis] + min(o[axis] for o in theirs) > inner[axis] for axis in range(3)):
                return True
    return False


def _fitting_sides(unit: Unit, inner: Dims) -> list[Dims]:
    return [o for o in orientations(unit.dims, keep_upright=unit.keep_upright) if _within(o, inner)]


def _within(dims: Dims, inner: Dims) -> bool:
    return dims[0] <= inner[0] and dims[1] <= inner[1] and dims[2] <= inner[2]
