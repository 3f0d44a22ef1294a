"""What is known for certain of sets of pieces: whether they go into a carton, by their shapes alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from shipping.domain.carton_space import Dims, PlacedUnit, Point, Unit

Answer = Literal["fits", "impossible", "unknown"]
Shape = tuple[int, int, int, int]
"""The sides of a piece in mm, longest first, and the care it needs: 1 when its third side stays vertical, which is then
not sorted, 2 when it is fragile, 3 when both.
"""
_UPRIGHT, _FRAGILE = 1, 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether pieces fit into a carton; `places` says for each of `shapes_of` them where it lies, if they do."""

    answer: Answer
    places: tuple[tuple[Point, Dims], ...] = ()


Recall = Callable[[Sequence[Unit]], Mapping[Dims, Verdict]]
"""Tells what is known of these units, by the inner sides of cartons in mm."""


def shapes_of(units: Sequence[Unit]) -> tuple[Shape, ...]:
    """Return the shapes of pieces, in an order that does not depend on theirs: equal sets are told equally."""
    return tuple(sorted(map(_shape, units)))


def key_of(shapes: Sequence[Shape]) -> str:
    """Return the key by which a set of shapes is remembered."""
    return sha256(repr([tuple(shape) for shape in shapes]).encode()).hexdigest()


def units_of(shapes: Sequence[Shape]) -> list[Unit]:
    """Return pieces of these shapes, in their order; they weigh nothing."""
    return [
        Unit(i, (length, width, height), 0, keep_upright=bool(care & _UPRIGHT), fragile=bool(care & _FRAGILE))
        for i, (length, width, height, care) in enumerate(shapes)
    ]


def as_placed(units: Sequence[Unit], verdict: Verdict) -> tuple[PlacedUnit, ...]:
    """Put pieces where a verdict on their shapes places them."""
    ordered = sorted(units, key=lambda unit: (_shape(unit), unit.key))
    pairs = zip(ordered, verdict.places, strict=True)
    return tuple(PlacedUnit(unit.key, at, dims) for unit, (at, dims) in pairs)


def _shape(unit: Unit) -> Shape:
    length, width, height = unit.dims
    care = _FRAGILE if unit.fragile else 0
    if unit.keep_upright:
        return max(length, width), min(length, width), height, care | _UPRIGHT
    first, second, third = sorted(unit.dims, reverse=True)
    return first, second, third, care
