"""What is left of a walk that somebody is on: from where they are, over what is left, to where it ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot, isfinite
from typing import TypeAlias

from fulfillment.domain.layout import Depot, Point, UnreachableBinsError
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_routes import NO_RANKS, find_graph_route
from fulfillment.domain.routing.grid_network import grid_network
from fulfillment.domain.routing.network import Place, Spot, length_of, spot_of, walking_matrix, way_between
from fulfillment.domain.routing.wishes import Wishes, find_route_with

_ON_IT_MM = 1e-3


@dataclass(frozen=True, slots=True)
class RestRoute:
    """The rest of a walk: `stops` in visiting order, then those put off, in theirs; nobody gets to `closed` ones.

    `walk` are its corners in mm from where the picker is to its end, `length_mm` is as long as that: from the depot it
    is measured as it was planned.
    """

    stops: tuple[str, ...]
    later: tuple[str, ...]
    closed: tuple[str, ...]
    walk: tuple[Point, ...]
    length_mm: int


@dataclass(frozen=True, slots=True)
class _Gate:
    """What lies between a place on the walkways and the depot or drop point behind it: its way in mm, its corners."""

    stub_mm: int = 0
    at: tuple[Point, ...] = ()


_Ends: TypeAlias = Mapping[Place, _Gate]
_ON_THE_WAY = _Gate()


def find_rest_route(
    layout: FloorLayout, here: str, bins: Iterable[str], later: Sequence[str] = (), ranks: Mapping[str, int] = NO_RANKS
) -> RestRoute:
    """Return a short walk from the location `here` ("" for the depot) over `bins`, in the best order, then over those
    put off, in the order in which they were, to the best end. None of `bins` is visited after one of a higher rank.

    From the depot of a grid no walk is shorter; else with at most `stop_order.MOST_EXACT` bins. Locations that are not
    on the floor, or to which no way leads, are `closed`: they are in no walk.
    """
    wanted, put_off = sorted(set(bins)), list(dict.fromkeys(later))
    floor, entry, ends = _network(layout, {here, *wanted, *put_off})
    start = floor.places.get(here)
    closed = {code for code in (*wanted, *put_off) if code not in floor.places}
    while True:
        first = [code for code in wanted if code not in closed]
        last = [code for code in put_off if code not in closed]
        try:
            if start is not None:
                found = _best(replace(floor, start=start), _ON_THE_WAY, ends, first, last, ranks=ranks)
            elif last or (first and isinstance(layout, GraphLayout)):
                found = _best(floor, entry, ends, first, last, ranks=ranks)
            else:
                found = _from_depot(layout, first, ranks)
        except UnreachableBinsError as lost:
            if start is None:
                closed |= set(lost.bins) or {*first, *last}
            elif set(lost.bins) - closed - {here}:
                closed |= set(lost.bins)
            else:
                # What is blocked is where the picker stands: the way they find out of it is theirs.
                start = None
            continue
        return replace(found, closed=tuple(code for code in (*wanted, *put_off) if code in closed))


def fixed_length(layout: FloorLayout, here: str, order: Sequence[str]) -> int:
    """Return the walk in mm from `here` over locations in a given order to the best end, closed ones left out."""
    return find_rest_route(layout, here, (), order).length_mm


def _from_depot(layout: FloorLayout, first: Sequence[str], ranks: Mapping[str, int]) -> RestRoute:
    """Return the walk over a grid as it would be planned; nobody walks for nothing."""
    if isinstance(layout, GraphLayout):
        return RestRoute((), (), (), _whole((spot_of(layout.network, layout.start),)), 0)
    route = find_route_with(layout, first, Wishes(ranks=ranks)).route
    return RestRoute(route.stops, (), (), route.walk, route.length_mm)


def _best(
    floor: GraphLayout,
    entry: _Gate,
    ends: _Ends,
    first: Sequence[str],
    last: Sequence[str],
    *,
    ranks: Mapping[str, int],
) -> RestRoute:
    """Try every end; the ways between the cross-aisles and the depot or drop point count."""
    ends = _reached(floor, ends)
    if last:
        return _with_put_off(floor, entry, ends, first, last, ranks=ranks)
    tried = []
    for end, gate in ends.items():
        route = find_graph_route(replace(floor, ends=(end,)), first, ranks=ranks)
        walk = route.walk if first else _way(floor, [floor.start, end])
        tried.append(_through(entry, walk, gate, _as_passed(floor, route.stops, walk, ranks)))
    return min(tried, key=lambda route: route.length_mm)


def _reached(floor: GraphLayout, ends: _Ends) -> _Ends:
    """Return the ends to which a way leads; the others may be behind what is blocked."""
    far = walking_matrix(floor.network, [floor.start, *ends])[0, 1:]
    found = {end: gate for (end, gate), length in zip(ends.items(), far.tolist(), strict=True) if isfinite(length)}
    if not found:
        raise UnreachableBinsError(())
    return found


def _with_put_off(
    floor: GraphLayout,
    entry: _Gate,
    ends: _Ends,
    first: Sequence[str],
    last: Sequence[str],
    *,
    ranks: Mapping[str, int],
) -> RestRoute:
    places = [floor.places[code] for code in last]
    route = find_graph_route(replace(floor, ends=(places[0],)), first, ranks=ranks)
    before = route.walk if first else _way(floor, [floor.start, places[0]])
    ways = [(_way(floor, [*places, end]), gate) for end, gate in ends.items()]
    way, gate = min(ways, key=lambda each: length_of(each[0]) + each[1].stub_mm)
    stops = _as_passed(floor, route.stops, before, ranks)
    return _through(entry, (*before, *way), gate, stops, tuple(last))


def _through(
    entry: _Gate, walk: Sequence[Spot], gate: _Gate, stops: tuple[str, ...], later: tuple[str, ...] = ()
) -> RestRoute:
    """Return a walk over the walkways with the ways in and out."""
    length = entry.stub_mm + round(length_of(walk)) + gate.stub_mm
    return RestRoute(stops, later, (), _whole((*entry.at, *walk, *gate.at)), length)


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


def _network(layout: FloorLayout, codes: Iterable[str]) -> tuple[GraphLayout, _Gate, _Ends]:
    """Return the floor as a network with the places of these locations, the way in from the depot, and its ends with
    what lies behind them.
    """
    if isinstance(layout, GraphLayout):
        return layout, _ON_THE_WAY, dict.fromkeys(layout.ends, _ON_THE_WAY)
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
    # Of several ends behind one place, the nearest is told last and counts.
    farthest_first = sorted(layout.ends, key=lambda end: -end.stub_mm)
    ends = {gate(end): _Gate(end.stub_mm, (end.at,)) for end in farthest_first}
    floor = GraphLayout(layout.plan, grid.network, places, gate(layout.depot), tuple(ends))
    return floor, _Gate(layout.depot.stub_mm, (layout.depot.at,)), ends
