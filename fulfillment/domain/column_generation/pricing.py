"""Finds carts that are worth more than their walk at the prices of a linear program, on exact tours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fulfillment.domain.annealing.arrays import Carts, Found, Int32s
from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.annealing.stage import Stage, stage_of
from fulfillment.domain.column_generation.pool import Cart

STEPS: Final = 25
"""Changes of one cart at most; each adds an order, drops one, or exchanges two."""
AT_ONCE: Final = 64
"""Carts that are changed between two looks at the time in plain Python."""

_MOST_FOUND: Final = 8_000
_AWAY: Final = -1.0


@dataclass(frozen=True, slots=True)
class Pricer:
    """A case as the pricing sees it, and its room to work in. All orders fit on a cart alone."""

    stage: Stage
    room: Carts
    found: Found

    @property
    def orders(self) -> int:
        """How many orders there are."""
        return len(self.stage.case.tag)

    @property
    def near(self) -> Int32s:
        """Return for each order some others that are picked near it."""
        return self.stage.case.near

    def alone_mm(self, order: int) -> int:
        """Return the walk for one order alone."""
        return int(self.stage.case.alone[order])

    def price(self, prices: Mapping[int, float], fee: float, starts: Sequence[Cart]) -> Iterable[tuple[Cart, int]]:
        """Yield carts and their walks in mm, each shorter than what its orders pay and the fee: those that are met
        when the `starts` are changed while it pays. Orders without a price stay away.
        """
        if not starts:
            return
        paid = np.full(self.orders, _AWAY, dtype=np.float64)
        paid[list(prices)] = list(prices.values())
        rows = np.full((len(starts), max(map(len, starts))), -1, dtype=np.int32)
        for row, cart in zip(rows, starts, strict=True):
            row[: len(cart)] = cart
        count = self.stage.price_carts(self.room, paid, fee, rows, STEPS, self.found)
        sizes, lengths = self.found.size[:count].tolist(), self.found.length[:count].tolist()
        for members, size, length in zip(self.found.member, sizes, lengths, strict=False):
            yield tuple(members[:size].tolist()), length


def pricer_of(case: BatchingCase, numbers: Sequence[int], seed: int) -> Pricer:
    """Return what prices carts of the orders of these numbers, which are counted anew from 0."""
    stage = stage_of(case, numbers, seed)
    orders = len(numbers)
    found = Found(
        np.zeros((_MOST_FOUND, orders), dtype=np.int32),
        np.zeros(_MOST_FOUND, dtype=np.int32),
        np.zeros(_MOST_FOUND, dtype=np.int64),
    )
    return Pricer(stage, stage.wide_cart(), found)
