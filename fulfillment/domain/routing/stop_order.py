from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fulfillment.domain.routing import order_search, speed

Distances = NDArray[np.float64]

MOST_EXACT = 12
"""Up to so many stops every subset is looked at: 12 * 2^12 lengths, some milliseconds."""
EFFORT, PLAIN_EFFORT = 60_000, 1_200
"""Stops times rounds in which a found order is disturbed and improved again, compiled and in plain Python: 10 to 40
ms of work at 60 stops and fewer."""
NEAREST = 10
AGAINST_RANK_MM = 10_000_000.0
"""Ten kilometers: so much longer is a way back to what should have been picked before, so that none is ever taken."""


@dataclass(frozen=True, slots=True)
class StopOrder:
    """In which order points are visited, the length of that tour in mm, and how long every tour is at least."""

    order: tuple[int, ...]
    length_mm: float
    lower_bound_mm: float
    method: str

    @property
    def is_optimal(self) -> bool:
        """Return whether no shorter tour exists."""
        return self.length_mm <= self.lower_bound_mm + 0.5


def best_order(distances: Distances, first: Sequence[int] = ()) -> StopOrder:
    """Return a short closed tour from point 0 over all others; `distances[i, j]` is the way in mm from i to j.

    `first` is an order to start the search from; the result is no longer.

    Up to `MOST_EXACT` stops it is the shortest (Bellman 1962, Held & Karp 1962). Above, that order or the one of
    nearest neighbors is improved by segment exchange and reversal with short double bridges, and bounded by the
    cheapest assignment.
    """
    n = len(distances)
    if n == 1:
        return StopOrder((), 0.0, 0.0, "exact-subsets")
    if n - 1 <= MOST_EXACT:
        order, length = _best_of_subsets(distances)
        return StopOrder(order, length, length, "exact-subsets")
    order, length = _searched(distances, first)
    return StopOrder(order, length, min(length, assignment_bound(distances)), "segment-exchange")


def _best_of_subsets(d: Distances) -> tuple[tuple[int, ...], float]:
    stops = len(d) - 1
    between = d[1:, 1:]
    best = np.full((1 << stops, stops), np.inf)
    best[1 << np.arange(stops), np.arange(stops)] = d[0, 1:]
    for size in range(2, stops + 1):
        subsets = np.array([sum(1 << i for i in chosen) for chosen in combinations(range(stops), size)])
        for last in range(stops):
            own = subsets[(subsets >> last) & 1 == 1]
            best[own, last] = (best[own ^ (1 << last)] + between[:, last]).min(axis=1)
    subset = (1 << stops) - 1
    last = int((best[subset] + d[1:, 0]).argmin())
    length = float(best[subset, last] + d[last + 1, 0])
    order = [last]
    while subset ^ (1 << last):
        subset ^= 1 << last
        last = int((best[subset] + between[:, last]).argmin())
        order.append(last)
    return tuple(stop + 1 for stop in reversed(order)), length


def _searched(d: Distances, first: Sequence[int]) -> tuple[tuple[int, ...], float]:
    d = np.ascontiguousarray(d)
    apart = np.where(np.eye(len(d), dtype=bool), np.inf, d)
    near = np.ascontiguousarray(np.argsort(apart, axis=1, kind="stable")[:, : min(NEAREST, len(d) - 1)])
    tour = np.array([0, *first], dtype=np.int64) if first else _nearest_first(d)
    module = speed.compiled_order()
    if module is None:
        work = [[0] * len(d) for _ in range(3)]
        plain = tour.tolist()
        length = order_search.search(d.tolist(), near.tolist(), plain, work, PLAIN_EFFORT // len(d))
        tour = np.array(plain)
    else:
        length = module.search(d, near, tour, np.zeros((3, len(d)), dtype=np.int64), EFFORT // len(d))
    start = int(np.flatnonzero(tour == 0)[0])
    return tuple(int(stop) for stop in np.roll(tour, -start)[1:]), float(length)


def _nearest_first(d: Distances) -> NDArray[np.int64]:
    """Return the tour that always goes on to the nearest point left."""
    left = np.ones(len(d), dtype=bool)
    tour = [0]
    left[0] = False
    while left.any():
        onward = np.where(left, d[tour[-1]], np.inf)
        tour.append(int(onward.argmin()) if np.isfinite(onward).any() else int(left.argmax()))
        left[tour[-1]] = False
    return np.array(tour, dtype=np.int64)


def assignment_bound(d: Distances) -> float:
    """Return the cost of the cheapest assignment of another point to follow each point: no tour is shorter.

    Hungarian method by shortest augmenting paths (Jonker & Volgenant 1987).
    """
    n = len(d)
    cost = np.where(np.eye(n, dtype=bool), np.inf, d)
    rows, columns = np.zeros(n + 1), np.zeros(n + 1)
    row_of = np.full(n + 1, -1)
    for row in range(n):
        row_of[n] = row
        least, before = np.full(n, np.inf), np.full(n, n)
        done = np.zeros(n + 1, dtype=bool)
        at = n
        while row_of[at] >= 0:
            done[at] = True
            reduced = cost[row_of[at]] - rows[row_of[at]] - columns[:n]
            closer = ~done[:n] & (reduced < least)
            least[closer], before[closer] = reduced[closer], at
            nearest = int(np.where(done[:n], np.inf, least).argmin())
            step = least[nearest]
            rows[row_of[done]] += step
            columns[done] -= step
            least[~done[:n]] -= step
            at = nearest
        while at != n:
            row_of[at], at = row_of[before[at]], before[at]
    return float(-columns[n])
