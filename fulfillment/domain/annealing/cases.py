from collections.abc import Sequence
from dataclasses import dataclass

from fulfillment.domain.layout import GridLayout, Stand
from fulfillment.domain.routing.routes import tour_length


@dataclass(frozen=True, slots=True)
class BatchingCase:
    """Orders to put on carts: where each is picked, and what it takes of each part of a cart's capacity.

    Parts are whatever fills a cart, in any unit: items, grams, cubic millimeters, totes.
    """

    layout: GridLayout
    orders: tuple[tuple[Stand, ...], ...]
    loads: tuple[tuple[int, ...], ...]
    capacity: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.orders) != len(self.loads) or not all(self.orders):
            raise ValueError("Every order needs places to pick at and a load.")
        if min(self.capacity, default=0) < 1 or any(len(load) != len(self.capacity) for load in self.loads):
            raise ValueError("A load must tell what an order takes of each part of a capacity of at least 1.")
        if any(part < 0 for load in self.loads for part in load):
            raise ValueError("No part of a load may be negative.")

    def fits(self, cart: Sequence[int]) -> bool:
        """Return whether the orders of these numbers fit on one cart together."""
        totals = (sum(self.loads[order][part] for order in cart) for part in range(len(self.capacity)))
        return all(total <= limit for total, limit in zip(totals, self.capacity, strict=True))


@dataclass(frozen=True, slots=True)
class CartPlan:
    """The orders of every cart by number, and the shortest walk of every cart in mm."""

    carts: tuple[tuple[int, ...], ...]
    lengths_mm: tuple[int, ...]

    @property
    def total_mm(self) -> int:
        """Return the length of all walks together."""
        return sum(self.lengths_mm)


def measured_plan(case: BatchingCase, carts: Sequence[Sequence[int]]) -> CartPlan:
    """Return these carts in a fixed order, each with its shortest walk.

    Raises:
        UnreachableBinsError: if no way leads to some place.
    """
    ordered = tuple(sorted(tuple(sorted(cart)) for cart in carts))
    stands = ([stand for order in cart for stand in case.orders[order]] for cart in ordered)
    return CartPlan(ordered, tuple(tour_length(case.layout, of_cart) for of_cart in stands))
