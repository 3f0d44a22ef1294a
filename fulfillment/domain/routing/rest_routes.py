"""What is left of a walk that somebody is on: from where they are, over what is left, to where it ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot

from fulfillment.domain.layout import Depot, Point, UnreachableBinsError
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_routes import NO_RANKS, find_graph_route
from fulfillment.domain.routing.grid_network import grid_network
from fulfillment.domain.routing.network import Place, Spot, length_of, spot_of, way_between

_ON_IT_MM = 1e-3


@dataclass(frozen=True, slots=True)
class RestRoute:
    """The rest of a walk: `stops` in visiting order, then those put off, in theirs; nobody gets to `closed` ones.

    `walk` are its corners in mm from where the picker is to its end; `length_mm` counts the way to the drop point.
    """

    stops: tuple[str, ...]
    later: tuple[str, ...]
    closed: tuple[str, ...]
    walk: tuple[Point, ...]
    length_mm: int


def find_rest_route(
    layout: FloorLayout, here: str, bins: Iterable[str], later: Sequence[str] = (), ranks: Mapping[str, int] = NO_RANKS
) -> RestRoute:
    """Return a short walk from the location `here` ("" for the depot) over `bins`, in the best order, then over those
    put off, in the order in which they were, to the best end. None of `bins` is visited after one of a higher rank.

    With at most `stop_order.MOST_EXACT` bins no order is shorter. Locations that are not on the floor, or to which no
    way leads, are `closed`: they are in no walk.
    """
    wanted, put_off = sorted(set(bins)), list(dict.fromkeys(later))
    floor, ends = _network(layout, {here, *wanted, *put_off})
    start = floor.places.get(here, floor.start)
    closed = {code for code in (*wanted, *put_off) if code not in floor.places}
    while True:
        first = [code for code in wanted if code not in closed]
        last = [code for code in put_off if code not in closed]
        try:
            found = _best(replace(floor, start=start), ends, first, last, ranks)
        except UnreachableBinsError as lost:
            if start != floor.start and not set(lost.bins) - closed - {here}:
                # What is blocked is where the picker stands: the way they find out of it is theirs.
                start = floor.start
            closed |= set(lost.bins)
            continue
        return replace(found, closed=tuple(code for code in (*wanted, *put_off) if code in closed))


def fixed_length(layout: FloorLayout, here: str, order: Sequence[str]) -> int:
    """Return the walk in mm from `here` over locations in a given order to the best end, closed ones left out."""
    return find_rest_route(layout, here, (), order).length_mm


def _best(
    floor: GraphLayout, ends: Mapping[Place, int], first: Sequence[str], last: Sequence[str], ranks: Mapping[str, int]
) -> RestRoute:
    """Try every end; the way from a cross-aisle to the drop point itself counts."""
    if last:
        return _with_put_off(floor, ends, first, last, ranks)
    tried = []
    for end, stub in ends.items():
        route = find_graph_route(replace(floor, ends=(end,)), first, ranks=ranks)
        walk = route.walk if first else _way(floor, [floor.start, end])
        tried.append(
            RestRoute(_as_passed(floor, route.stops, walk, ranks), (), (), _whole(walk), round(length_of(walk)) + stub)
        )
    return min(tried, key=lambda route: route.length_mm)


def _with_put_off(
    floor: GraphLayout, ends: Mapping[Place, int], first: Sequence[str], last: Sequence[str], ranks: Mapping[str, int]
) -> RestRoute:
    places = [floor.places[code] for code in last]
    route = find_graph_route(replace(floor, ends=(places[0],)), first, ranks=ranks)
    before = route.walk if first else _way(floor, [floor.start, places[0]])
    ways = [(_way(floor, [*places, end]), stub) for end, stub in ends.items()]
    way, stub = min(ways, key=lambda each: length_of(each[0]) + each[1])
    walk = (*before, *way)
    return RestRoute(
        _as_passed(floor, route.stops, before, ranks), tuple(last), (), _whole(walk), round(length_of(walk)) + stub
    )


def _as_passed(
    floor: GraphLayout, stops: Sequence[str], walk: Sequence[Spot], ranks: Mapping[str, int]
) -> tuple[str, ...]:
    """Return stops in the order in which the walk first passes them: nobody passes a bin to come back for it, but for
    one of a higher rank.
    """
    if len({ranks.get(code, 0) for code in stops}) > 1:
        return tuple(stops)
    legs = [(one, other, hypot(other[0] - one[0], other[1] - one[1])) for one, other in pairwise(walk)]

    def passed(code: str) -> float:
        x, y = spot_of(floor.network, floor.places[code])
        behind = 0.0
        for one, other, length in legs:
            there = hypot(x - one[0], y - one[1])
            if there + hypot(other[0] - x, other[1] - y) <= length + _ON_IT_MM:
                return behind + there
            behind += length
        return behind

    return tuple(sorted(stops, key=passed))


def _way(floor: GraphLayout, places: Sequence[Place]) -> tuple[Spot, ...]:
    walk: list[Spot] = []
    for number, (start, end) in enumerate(pairwise(places)):
        try:
            walk += way_between(floor.network, start, end)
        except ValueError:
            codes = {code for code, place in floor.places.items() if place in (places[number], places[number + 1])}
            raise UnreachableBinsError(tuple(sorted(codes))) from None
    return tuple(walk)


def _whole(walk: Sequence[Spot]) -> tuple[Point, ...]:
    corners = [(round(x), round(y)) for x, y in walk]
    return tuple(spot for n, spot in enumerate(corners) if n == 0 or spot != corners[n - 1])


def _network(layout: FloorLayout, codes: Iterable[str]) -> tuple[GraphLayout, dict[Place, int]]:
    """Return the floor as a network with the places of these locations, and its ends with what lies behind them."""
    if isinstance(layout, GraphLayout):
        return layout, dict.fromkeys(layout.ends, 0)
    grid = grid_network(layout)

    def gate(depot: Depot) -> Place:
        return grid.place((depot.x_mm, layout.rows[depot.row]))

    places = {}
    for code in codes:
        if code in layout.codes:
            try:
                places[code] = grid.place(layout.access_point(code))
            except ValueError:
                continue
    ends = {gate(end): end.stub_mm for end in layout.ends}
    return GraphLayout(layout.plan, grid.network, places, gate(layout.depot), tuple(ends)), ends
