"""What a walk may have to respect beside its length, and what each such wish costs in walking."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from fulfillment.domain.layout import GridLayout, Obstruction, Point, Stand
from fulfillment.domain.routing.grid_network import GridNetwork, grid_network
from fulfillment.domain.routing.network import walking_matrix, way_between
from fulfillment.domain.routing.routes import Route, find_route, walked_length
from fulfillment.domain.routing.stop_order import AGAINST_RANK_MM, Distances, StopOrder, best_order


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a walk shall respect.

    `ranks` by location code: lower ranks are picked before higher ones, 0 where none is given (heavy 0, usual 1,
    crushable 2 keeps the cart's top free). `closed_aisles` are the codes of aisles that nobody may enter now.
    `reach_mm` is how much walking a stop at a level is worth, for bending down to it or climbing up; levels count from
    1 at the floor.
    """

    ranks: Mapping[str, int] = field(default_factory=dict)
    closed_aisles: frozenset[str] = frozenset()
    reach_mm: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """What one wish costs, in mm of walking."""

    wish: str
    mm: int


@dataclass(frozen=True, slots=True)
class PricedRoute:
    """A walk that respects all wishes, the length of the shortest one without them, and what each wish adds to it."""

    route: Route
    shortest_mm: int
    prices: tuple[Price, ...]


def find_route_with(layout: GridLayout, bins: Iterable[str], wishes: Wishes) -> PricedRoute:
    """Return a short walk over `bins` that respects `wishes`, with the price of each in mm of walking.

    Closing an aisle keeps the walk exact. An order of ranks is proven up to `stop_order.MOST_EXACT` places, above it is
    searched. Reaching costs the same in every order, so it changes no walk; it is told to compare places by.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
        UnreachableBinsError: for locations in a closed aisle, or cut off by one.
    """
    codes = sorted(set(bins))
    shortest = find_route(layout, codes)
    route, prices = shortest, []
    if wishes.closed_aisles:
        layout = _closed(layout, wishes.closed_aisles)
        route = find_route(layout, codes)
        prices.append(Price("closed_aisles", route.length_mm - shortest.length_mm))
    if len({wishes.ranks.get(code, 0) for code in codes}) > 1:
        ranked = _ranked(layout, wishes.ranks, route)
        prices.append(Price("ranks", ranked.length_mm - route.length_mm))
        route = ranked
    if wishes.reach_mm:
        prices.append(Price("reach", _reaching(layout, codes, wishes.reach_mm)))
    return PricedRoute(route, shortest.length_mm, tuple(prices))


def _closed(layout: GridLayout, aisles: Iterable[str]) -> GridLayout:
    """Return the floor without the stretches of `aisles` between its cross-aisles, which stay open."""
    column = {aisle.code: n for n, aisle in enumerate(sorted(layout.plan.aisles, key=lambda aisle: aisle.x_mm))}
    low, high = layout.rows[0], layout.rows[-1]
    closed = tuple(Obstruction(column[code], low, high) for code in sorted(aisles))
    return replace(layout, blocked_aisles=(*layout.blocked_aisles, *closed))


def _reaching(layout: GridLayout, codes: Sequence[str], reach_mm: Mapping[int, int]) -> int:
    wanted = set(codes)
    return sum(reach_mm.get(each.level, 0) for each in layout.plan.bins if each.code in wanted)


def _ranked(layout: GridLayout, ranks: Mapping[str, int], shortest: Route) -> Route:
    """Return a walk on which no stop follows one of a higher rank; `shortest` is the walk without ranks."""
    by_stop: dict[tuple[int, Stand], list[str]] = defaultdict(list)
    for code in shortest.stops:
        by_stop[ranks.get(code, 0), layout.stands[code]].append(code)
    stops = sorted(by_stop, key=lambda stop: stop[0])  # within a rank in the order of the shortest walk
    grid = grid_network(layout)
    found, places = _order(layout, grid, stops)
    walk = _walk(layout, grid, places)
    length = walked_length(walk)
    return replace(
        shortest,
        stops=tuple(code for number in found.order for code in by_stop[stops[number - 1]]),
        walk=walk,
        length_mm=length,
        method=found.method,
        optimal=found.is_optimal,
        lower_bound_mm=max(shortest.lower_bound_mm, min(length, round(found.lower_bound_mm))),
    )


def _order(layout: GridLayout, grid: GridNetwork, stops: Sequence[tuple[int, Stand]]) -> tuple[StopOrder, list[Point]]:
    """Return the best order of stops, and the points that the walk passes: the gates at both ends and all stops."""
    points = [(layout.columns[stand.column], stand.y_mm) for _, stand in stops]
    gates = [(depot.x_mm, layout.rows[depot.row]) for depot in (layout.depot, *layout.ends)]
    matrix = walking_matrix(grid.network, [grid.place(point) for point in (gates[0], *points, *gates[1:])])
    stubs = [layout.depot.stub_mm + end.stub_mm for end in layout.ends]
    back = matrix[: len(points) + 1, len(points) + 1 :] + np.array(stubs)
    found = best_order(_with_ranks(matrix, back, [rank for rank, _ in stops]), first=range(1, len(stops) + 1))
    end = gates[1 + int(back[found.order[-1]].argmin())]
    return found, [gates[0], *(points[number - 1] for number in found.order), end]


def _with_ranks(matrix: Distances, back: Distances, ranks: Sequence[int]) -> Distances:
    count = len(ranks) + 1
    distances = matrix[:count, :count].copy()
    distances[:, 0] = back.min(axis=1)
    rank = np.array(ranks)
    distances[1:, 1:] += np.where(rank[:, None] > rank[None, :], AGAINST_RANK_MM, 0.0)
    return distances


def _walk(layout: GridLayout, grid: GridNetwork, points: Sequence[Point]) -> tuple[Point, ...]:
    walk: list[Point] = [layout.depot.at]
    for start, end in pairwise(points):
        way = way_between(grid.network, grid.place(start), grid.place(end))
        walk += [(round(x), round(y)) for x, y in way]
    ends = [end.at for end in layout.ends if (end.x_mm, layout.rows[end.row]) == points[-1]]
    walk.append(min(ends, key=lambda at: abs(at[1] - points[-1][1])))
    return tuple(at for number, at in enumerate(walk) if number == 0 or at != walk[number - 1])
