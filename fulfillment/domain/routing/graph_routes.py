from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from fulfillment.domain.layout import UnreachableBinsError
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.network import Place, Spot, length_of, walking_matrix, way_between
from fulfillment.domain.routing.stop_order import AGAINST_RANK_MM, StopOrder, best_order

NO_RANKS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class GraphRoute:
    """One walk over a floor of any shape, with its proof; lengths in mm.

    `stops` are location codes in visiting order; `walk` the corners and stops of the walk from the depot to its end. No
    walk is shorter than `lower_bound_mm`; `optimal` says that none is shorter than this one. `method` is
    `exact-subsets` or `segment-exchange`. The lengths by location name and by S-shape (up one walkway, down the next)
    are what the same bins cost under the rules that it replaces.
    """

    stops: tuple[str, ...]
    walk: tuple[Spot, ...]
    length_mm: int
    method: str
    optimal: bool
    lower_bound_mm: int
    length_by_name_order_mm: int
    length_s_shape_mm: int


def find_graph_route(layout: GraphLayout, bins: Iterable[str], *, ranks: Mapping[str, int] = NO_RANKS) -> GraphRoute:
    """Return a short walk that starts at the depot, reaches every one of `bins` and ends at the best drop point.

    No bin is visited after one of a higher rank; 0 where `ranks` gives none. The bound and the proof hold for walks in
    such an order, the lengths to compare with for any. The same bins give the same route, whatever their order. See
    `stop_order.best_order` for how, and what is proven.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
        UnreachableBinsError: for locations to which no way leads, or none from there to an end.
    """
    by_stop: dict[tuple[int, Place], list[str]] = defaultdict(list)
    for code, place in layout.places_of(bins).items():
        by_stop[ranks.get(code, 0), place].append(code)
    stops = list(by_stop)
    places = [place for _, place in stops]
    distances, end_of = _tour_matrix(layout, places)
    _refuse_unreachable(distances, list(by_stop.values()))
    found = _in_ranks(distances, [rank for rank, _ in stops])
    visited = [places[stop - 1] for stop in found.order]
    end = end_of[found.order[-1]] if found.order else layout.start
    walk = _walk(layout, [layout.start, *visited, end])
    length = length_of(walk)
    assert abs(length - found.length_mm) < 1 + len(walk), "the walk must be as long as the tour it realizes"
    return GraphRoute(
        stops=tuple(code for stop in found.order for code in by_stop[stops[stop - 1]]),
        walk=walk,
        length_mm=round(length),
        method=found.method,
        optimal=found.is_optimal,
        lower_bound_mm=round(found.lower_bound_mm),
        length_by_name_order_mm=_cost(distances, range(1, len(distances))),
        length_s_shape_mm=_cost(distances, _s_shape(layout, places)),
    )


def _in_ranks(distances: NDArray[np.float64], ranks: Sequence[int]) -> StopOrder:
    """Return the best order of stops in which none follows one of a higher rank."""
    if len(set(ranks)) <= 1:
        return best_order(distances)
    dear, rank = distances.copy(), np.array(ranks)
    dear[1:, 1:] += np.where(rank[:, None] > rank[None, :], AGAINST_RANK_MM, 0.0)
    return best_order(dear, first=sorted(range(1, len(ranks) + 1), key=lambda stop: ranks[stop - 1]))


def _tour_matrix(layout: GraphLayout, places: Sequence[Place]) -> tuple[NDArray[np.float64], list[Place]]:
    """Return the ways between the depot, as point 0, and all places, and the best end behind each point.

    A way back to point 0 leads to the end that is nearest.
    """
    count = len(places)
    matrix = walking_matrix(layout.network, [layout.start, *places, *layout.ends])
    tour = matrix[: count + 1, : count + 1].copy()
    back = matrix[: count + 1, count + 1 :]
    tour[:, 0] = back.min(axis=1)
    tour[0, 0] = 0
    return tour, [layout.ends[int(number)] for number in back.argmin(axis=1)]


def _refuse_unreachable(distances: NDArray[np.float64], codes: Sequence[Sequence[str]]) -> None:
    lost = ~np.isfinite(distances[0]) | ~np.isfinite(distances[:, 0])
    if lost.any():
        raise UnreachableBinsError(
            tuple(code for stop in np.flatnonzero(lost).tolist() if stop for code in codes[stop - 1])
        )


def _walk(layout: GraphLayout, places: Sequence[Place]) -> tuple[Spot, ...]:
    walk: list[Spot] = []
    for start, end in pairwise(places):
        way = way_between(layout.network, start, end)
        walk += way[1:] if walk and walk[-1] == way[0] else way
    return tuple(walk)


def _s_shape(layout: GraphLayout, places: Sequence[Place]) -> list[int]:
    """Return the numbers of places by walkway from left to right, alternately forth and back along it."""
    along: dict[int, list[int]] = defaultdict(list)
    for number, place in enumerate(places, start=1):
        along[place.edge].append(number)
    edges = layout.network.edges
    left_first = sorted(along, key=lambda edge: (layout.network.spots[edges[edge].tail], edge))
    order: list[int] = []
    for turn, edge in enumerate(left_first):
        order += sorted(along[edge], key=lambda number: places[number - 1].offset_mm, reverse=turn % 2 == 1)
    return order


def _cost(distances: NDArray[np.float64], order: Iterable[int]) -> int:
    tour = [0, *order, 0]
    return round(float(sum(distances[one, other] for one, other in pairwise(tour))))
