"""Carts that a search has come across, to be put together to a plan."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from fulfillment.domain.annealing.arrays import Carts

Cart = tuple[int, ...]

MOST_KEPT = 20_000
"""So many of the carts that annealing comes across are kept."""


@dataclass(slots=True)
class Pool:
    """Carts by number: the orders on each, ascending, and its shortest walk in mm."""

    carts: list[Cart] = field(default_factory=list)
    lengths_mm: list[int] = field(default_factory=list)
    _number: dict[Cart, int] = field(default_factory=dict)

    def add(self, orders: Iterable[int], length_mm: int) -> int:
        """Keep a cart that fits and return its number; one that is known already keeps its."""
        cart = tuple(sorted(orders))
        number = self._number.setdefault(cart, len(self.carts))
        if number == len(self.carts):
            self.carts.append(cart)
            self.lengths_mm.append(length_mm)
        return number

    def keep(self, carts: Carts) -> None:
        """Keep those of a search's carts that are not too full."""
        if len(self.carts) >= MOST_KEPT:
            return
        for cart in np.flatnonzero((carts.size > 0) & (carts.excess <= 0)).tolist():
            self.add(carts.member[cart, : carts.size[cart]].tolist(), int(carts.length[cart]))

    def within(self, orders: Collection[int]) -> list[int]:
        """Return the numbers of the carts that hold only some of these orders."""
        whole = frozenset(orders)
        return [number for number, cart in enumerate(self.carts) if whole.issuperset(cart)]

    def worth(self, number: int, prices: Sequence[float], fee: float) -> float:
        """Return what a cart gains in mm: the prices of its orders and a fee, less its walk."""
        return sum(prices[order] for order in self.carts[number]) + fee - self.lengths_mm[number]
