from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fulfillment.domain.layout import UnreachableBinsError
from fulfillment.domain.routing import order_search, speed
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.network import Place, walking_matrix
from fulfillment.domain.routing.stop_order import NEAREST

_ROUNDS = 2
"""How often the order of a tour is disturbed: short ones are as short as any after that, nearly always."""
_MOST_REMEMBERED = 200_000


class GraphMeter:
    """Measures short tours over a fixed set of places on a floor that is no grid, many times.

    Places are known by their numbers, ascending by walkway. `there_and_back[i, j]` is the way in mm from i to j and
    back to i; row 0 and column 0 belong to the depot, so that place `n` has row `n + 1`.
    """

    def __init__(self, layout: GraphLayout, codes: Iterable[str]) -> None:
        """Measure the ways between the places of these locations.

        Raises:
            UnknownBinsError: for location codes that the layout does not have.
            UnreachableBinsError: for locations to which no way leads, or none from there to an end.
        """
        found = layout.places_of(codes)
        self._place = found
        self.places = tuple(sorted(set(found.values()), key=lambda place: (place.edge, place.offset_mm)))
        self._number = {place: number for number, place in enumerate(self.places)}
        self._ways = _ways(layout, self.places)
        self.there_and_back = self._ways + self._ways.T
        self._known: dict[tuple[int, ...], int] = {}
        lost = ~np.isfinite(self.there_and_back[0])
        if lost.any():
            out = {self.places[number - 1] for number in np.flatnonzero(lost).tolist()}
            raise UnreachableBinsError(tuple(code for code, place in found.items() if place in out))

    def number_of(self, code: str) -> int:
        """Return the number of a location's place."""
        return self._number[self._place[code]]

    def numbers_of(self, codes: Iterable[str]) -> frozenset[int]:
        """Return the numbers of the places of locations, each once."""
        return frozenset(self.number_of(code) for code in codes)

    def measure(self, tour: Iterable[int]) -> int:
        """Return the length in mm of a short walk from the depot over places to the best end; 0 over none."""
        visited = tuple(sorted(set(tour)))
        known = self._known.get(visited)
        if known is None:
            if len(self._known) > _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[visited] = round(self._search(visited))
        return known

    def _search(self, visited: Sequence[int]) -> float:
        rows = np.array([0, *(number + 1 for number in visited)])
        ways = np.ascontiguousarray(self._ways[np.ix_(rows, rows)])
        count = len(rows)
        if count <= 2:  # noqa: PLR2004 - there and back: nothing to choose
            return float(ways.sum())
        apart = ways + np.diag(np.full(count, np.inf))
        near = np.ascontiguousarray(np.argsort(apart, axis=1, kind="stable")[:, : min(NEAREST, count - 1)])
        module = speed.compiled_order()
        if module is None:
            work = [[0] * count for _ in range(3)]
            return order_search.search(ways.tolist(), near.tolist(), list(range(count)), work, 0)
        tour, room = np.arange(count, dtype=np.int64), np.zeros((3, count), dtype=np.int64)
        return float(module.search(ways, near, tour, room, _ROUNDS))


def _ways(layout: GraphLayout, places: Sequence[Place]) -> NDArray[np.float64]:
    """Return the ways between the depot, as point 0, and places; the way to point 0 leads to the nearest end."""
    count = len(places) + 1
    found = walking_matrix(layout.network, [layout.start, *places, *layout.ends])
    ways = found[:count, :count].copy()
    ways[:, 0] = found[:count, count:].min(axis=1)
    ways[0, 0] = 0
    return ways
