"""Mailers: flat bags that take the shape of what is in them.

A flat bag of inner length L and width W holds a block of l x w x h mm when l + h <= L and w + h <= W, and h is not more
than the bag may bulge. Derivation: opened, the bag is a tube of girth 2 W; a block's girth across is 2 (w + h), which
the tube goes around if w + h <= W. The seam then lies at half the block's height, so that the film on top runs from
seam to seam over h / 2, l and h / 2 again: l + h <= L. The film that is too much at each corner folds away as a
right-angled ear of h / 2, the way a paper bag's bottom is boxed, without being stretched. The condition suffices for
film that folds and does not stretch; soft goods need less.

For one height h, everything that lies in a box of L - h by W - h by h meets it. A mailer is therefore looked at as a
carton of these inner sides, one for each height that pieces on each other can have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from math import isqrt
from typing import Final

from shipping.domain.carton_plans import CartonType
from shipping.domain.carton_space import Dims, PlacedUnit, Unit, WorkBudget, orientations
from shipping.domain.packing import fits_alone, is_impossible, pack_all

_HEIGHTS_TO_SPLIT: Final = 6
_WORK_PER_UNIT: Final = 150


def shapes_of(carton: CartonType, units: Sequence[Unit]) -> list[CartonType]:
    """Return the cartons to look at for a carton and units: itself, or what a mailer can be filled to, flattest first.

    None for a mailer that cannot hold them all, or when a unit needs a box. Outer sides are at least those that the
    filled mailer has.
    """
    flat = carton.flat_mm
    if flat is None:
        return [carton]
    if not all(unit.mailer_ok for unit in units):
        return []
    payload_g = carton.max_weight_g - carton.tare_g
    shapes = (_at_height(carton, flat, height) for height in _heights(units, flat))
    return [shape for shape in shapes if not is_impossible(units, shape.inner_mm, payload_g)]


def some_shapes_of(carton: CartonType, units: Sequence[Unit]) -> list[CartonType]:
    """Return a few cartons to spread units over, as `shapes_of` does for all of them together: a mailer may hold only
    some of them, and is looked at in a few heights between the flattest and the fullest.
    """
    flat = carton.flat_mm
    if flat is None:
        return [carton]
    if not all(unit.mailer_ok for unit in units):
        return []
    found = [_at_height(carton, flat, height) for height in _heights(units, flat)]
    useful = [shape for shape in found if any(fits_alone(unit, shape.inner_mm) for unit in units)]
    if len(useful) <= _HEIGHTS_TO_SPLIT:
        return useful
    last = len(useful) - 1
    return [useful[last * n // (_HEIGHTS_TO_SPLIT - 1)] for n in range(_HEIGHTS_TO_SPLIT)]


def known_fits(
    shapes: Sequence[CartonType], units: Sequence[Unit], budget: WorkBudget
) -> dict[Dims, tuple[PlacedUnit, ...]]:  # fmt: skip
    """Look for the flattest of a mailer's shapes that holds all units, and return how they lie in those that do, by
    inner sides in mm. From the roomiest on it halves what is in question, since what a search finds no way into, a
    little higher, may be easy.
    """
    found: dict[Dims, tuple[PlacedUnit, ...]] = {}
    low, high = 0, max(range(len(shapes)), key=lambda n: shapes[n].inner_volume_mm3, default=-1)
    tried = high
    while low <= high:
        inner = shapes[tried].inner_mm
        placed = budget.part(_WORK_PER_UNIT * len(units), partial(pack_all, units, inner))
        if placed is not None:
            found[inner] = placed
            high = tried - 1
        elif tried == high and not found:
            break
        else:
            low = tried + 1
        tried = (low + high) // 2
    return found


def holds_alone(carton: CartonType, unit: Unit) -> bool:
    """Say whether a single unit goes into an empty carton or mailer and is not too heavy for it."""
    if unit.weight_g + carton.tare_g > carton.max_weight_g:
        return False
    if carton.flat_mm is None:
        return fits_alone(unit, carton.inner_mm)
    return bool(shapes_of(carton, [unit]))


def filled_mm(carton: CartonType, block: Dims) -> Dims:
    """Return the outer sides in mm of a mailer that lies filled with a block, what is left of its film spread flat.

    Beside the block, film of (W - w) / 2 rises h / 2 to the seam, which lies sqrt(((W - w) / 2)^2 - (h / 2)^2) out from
    it; both sides together give w + sqrt((W - w)^2 - h^2), rounded up. Seams and film are what the flat bag's outer
    sides have over its inner ones. A carton keeps its outer sides.
    """
    flat = carton.flat_mm
    if flat is None:
        return carton.outer_mm
    length, width, height = block
    film = carton.outer_mm[2] - carton.inner_mm[2]
    return (
        _spread(flat[0], length, height) + carton.outer_mm[0] - flat[0],
        _spread(flat[1], width, height) + carton.outer_mm[1] - flat[1],
        height + film,
    )


def _spread(flat: int, side: int, height: int) -> int:
    under = (flat - side) ** 2 - height**2
    if under < 0:
        raise ValueError("the block does not go into the mailer")
    root = isqrt(under)
    return side + root + (root * root < under)


def _at_height(carton: CartonType, flat: Dims, height: int) -> CartonType:
    outer = carton.outer_mm
    inner = flat[0] - height, flat[1] - height, height
    return replace(carton, inner_mm=inner, outer_mm=(outer[0], outer[1], height + outer[2] - carton.inner_mm[2]))


def _heights(units: Iterable[Unit], flat: Dims) -> list[int]:
    """Return the heights in mm that units on each other can have in a mailer: an arrangement that nothing can be let
    down in is as high as some of its pieces together, each by one of its sides.
    """
    most = min(flat[2], flat[0] - 1, flat[1] - 1)
    within = (1 << most + 1) - 1
    reached = 1
    for unit in units:
        taken = reached
        for height in {turn[2] for turn in orientations(unit.dims, keep_upright=unit.keep_upright)}:
            taken |= reached << height
        reached = taken & within
    return [height for height in range(1, most + 1) if reached >> height & 1]
