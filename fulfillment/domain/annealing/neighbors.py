from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fulfillment.domain.annealing.arrays import Floats, Int32s
from fulfillment.domain.layout import GridLayout, Stand

_PARTS = 3
"""Into so many pieces each block of an aisle is cut when distances between orders are estimated."""

_AT_ONCE = 1024


def nearby_orders(layout: GridLayout, orders: Sequence[Sequence[Stand]], most: int) -> Int32s:
    """Return for each order up to `most` others that are picked nearest to it, best first, as one row each.

    Nearness is estimated from the places alone: how far the picks of either lie from the nearest of the other.
    """
    count = min(most, len(orders) - 1)
    pieces, visits = _pieces(layout, orders)
    x, y = pieces[:, 0], pieces[:, 1]
    between = (np.abs(x[:, None] - x) + np.abs(y[:, None] - y)).astype(np.float32)
    reach = np.empty(visits.shape, dtype=np.float32)
    for number, row in enumerate(visits):
        reach[number] = between[row > 0].min(axis=0)
    found = np.empty((len(orders), count), dtype=np.int32)
    for first in range(0, len(orders), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        apart = reach[part] @ visits.T + visits[part] @ reach.T
        apart[np.arange(len(apart)), np.arange(first, first + len(apart))] = np.inf
        nearest = np.argpartition(apart, count - 1, axis=1)[:, :count] if count else found[part]
        ranked = np.argsort(np.take_along_axis(apart, nearest, axis=1), axis=1, kind="stable")
        found[part] = np.take_along_axis(nearest, ranked, axis=1)
    return found


def _pieces(layout: GridLayout, orders: Sequence[Sequence[Stand]]) -> tuple[Floats, NDArray[np.float32]]:
    """Return the middle of every piece of aisle in mm, and how many stops each order has there."""
    cuts = [low + (high - low) * part // _PARTS for low, high in pairwise(layout.rows) for part in range(_PARTS)]
    middles = [(low + high) / 2 for low, high in pairwise([*cuts, layout.rows[-1]])]
    pieces = np.array([(x, y) for x in layout.columns for y in middles], dtype=np.float64)
    visits = np.zeros((len(orders), len(pieces)), dtype=np.float32)
    for number, stands in enumerate(orders):
        for stand in stands:
            piece = max(0, bisect_right(cuts, stand.y_mm) - 1)
            visits[number, stand.column * len(middles) + piece] += 1
    return pieces, visits
