from collections.abc import Sequence

from shipping.domain.carton_space import CartonSpace, Dims, PlacedUnit, Unit, WorkBudget, orientations

_UPWARDS = (2, 1, 0)
_Triple = tuple[int, int, int]


def pack_layers(units: Sequence[Unit], inner: Dims, axis: int, budget: WorkBudget) -> tuple[PlacedUnit, ...] | None:
    """Place every unit in layers across one axis, or give up with None.

    Each layer is as thick as the first unit left is thin along the axis; whatever else goes into the layer follows in
    the given order. Many flat pieces of few shapes, which a search by corners scatters, lie well in layers.
    """
    left = list(units)
    placed: list[PlacedUnit] = []
    start = 0
    while left and not budget.is_spent:
        thickness = _thickness(left[0], _with_side(inner, axis, inner[axis] - start), axis)
        if thickness is None:
            return None
        layer = CartonSpace(_with_side(inner, axis, thickness), _UPWARDS, 0, budget)
        left = [unit for unit in left if not layer.place(unit)]
        placed += (
            PlacedUnit(one.key, _with_side(one.at, axis, start + one.at[axis]), one.dims) for one in layer.placed
        )
        start += thickness
    return None if left else tuple(placed)


def _thickness(unit: Unit, room: Dims, axis: int) -> int | None:
    """Return the shortest side that the unit can have along the axis, None when it does not go into the room."""
    sides = orientations(unit.dims, keep_upright=unit.keep_upright)
    return min((dims[axis] for dims in sides if all(dims[i] <= room[i] for i in range(3))), default=None)


def _with_side(triple: _Triple, axis: int, value: int) -> _Triple:
    """Return the triple with another value on one axis."""
    changed = list(triple)
    changed[axis] = value
    return changed[0], changed[1], changed[2]
