"""The single pieces of what is to be packed, and which of them no carton holds."""

from collections.abc import Sequence

from shipping.domain.carton_plans import CartonType, PackItem
from shipping.domain.carton_space import Unit
from shipping.domain.mailers import holds_alone


def fitting_no_carton(items: Sequence[PackItem], cartons: Sequence[CartonType]) -> list[PackItem]:
    """Return the items of which a single piece goes into a carton, and is too large or too heavy for each."""
    boxed = [item for item in items if not item.own_container]
    return [item for item in boxed if not any(_holds_one(carton, item) for carton in cartons)]


def _holds_one(carton: CartonType, item: PackItem) -> bool:
    [unit] = units_of([item], single=True)
    return holds_alone(carton, unit)


def units_of(items: Sequence[PackItem], *, single: bool = False) -> list[Unit]:
    """Return every piece of the items, or one of each."""
    pieces = [item for item in items for _ in range(1 if single else item.quantity)]
    sides = [(p.l_mm, p.w_mm, p.h_mm) for p in pieces]
    return [
        Unit(i, sides[i], p.weight_g, p.keep_upright, p.fragile, p.max_load_g, not p.needs_box)
        for i, p in enumerate(pieces)
    ]
