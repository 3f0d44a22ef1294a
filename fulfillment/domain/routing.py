from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fulfillment.domain.layout import GridLayout, Point, Stand
from fulfillment.domain.route_rules import name_order, s_shape_order, visiting_length
from fulfillment.domain.route_sweep import shortest_tour, shortest_tour_length, tour_columns
from fulfillment.domain.route_walk import closed_walk


@dataclass(frozen=True, slots=True)
class Route:
    """One walk from the depot over all bins and back, with its proof.

    `stops` are location codes in visiting order; `walk` the corners and stops of the walk in mm, from the depot back to
    it; `optimal` says that no shorter walk exists. The lengths by location name and by S-shape are what the same bins
    cost under the rules that it replaces; all lengths in mm.
    """

    stops: tuple[str, ...]
    walk: tuple[Point, ...]
    length_mm: int
    method: str
    optimal: bool
    length_by_name_order_mm: int
    length_s_shape_mm: int


def find_route(layout: GridLayout, bins: Iterable[str]) -> Route:
    """Return the shortest walk that starts and ends at the depot and reaches every one of `bins`.

    The same bins give the same route, whatever their order. Exact dynamic program, see `route_sweep.shortest_tour`.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
    """
    stands = layout.stands_of(bins)
    walk = _walk(layout, stands.values())
    return Route(
        stops=_stops(layout, stands, walk),
        walk=walk,
        length_mm=walked_length(walk),
        method="exact-dp",
        optimal=True,
        length_by_name_order_mm=_unless_empty(layout, name_order(layout, stands)),
        length_s_shape_mm=_unless_empty(layout, s_shape_order(layout, stands.values())),
    )


def tour_length(layout: GridLayout, stands: Iterable[Stand]) -> int:
    """Return the length in mm of the shortest walk over `stands`, without working out the walk itself."""
    picks = _picks(stands)
    if not picks:
        return 0
    return 2 * layout.depot.stub_mm + shortest_tour_length(layout.rows, tour_columns(layout, picks))


def walked_length(walk: Sequence[Point]) -> int:
    """Return the length in mm of a walk whose legs run along aisles and cross-aisles."""
    return sum(abs(x - to_x) + abs(y - to_y) for (x, y), (to_x, to_y) in pairwise(walk))


def _picks(stands: Iterable[Stand]) -> dict[int, set[int]]:
    picks: dict[int, set[int]] = defaultdict(set)
    for stand in stands:
        picks[stand.column].add(stand.y_mm)
    return picks


def _walk(layout: GridLayout, stands: Iterable[Stand]) -> tuple[Point, ...]:
    picks = _picks(stands)
    at = layout.depot.at
    if not picks:
        return (at,)
    shape = shortest_tour(layout.rows, tour_columns(layout, picks))
    walk = closed_walk(shape, layout.rows)
    assert walked_length(walk) == shape.length_mm, "the walk must be as long as the tour it realizes"
    return walk if walk[0] == at else (at, *walk, at)


def _stops(layout: GridLayout, stands: dict[str, Stand], walk: Sequence[Point]) -> tuple[str, ...]:
    waiting: dict[Point, list[str]] = defaultdict(list)
    for code in stands:
        waiting[layout.access_point(code)].append(code)
    stops = tuple(code for at in walk for code in waiting.pop(at, ()))
    assert not waiting, "the walk must pass every bin"
    return stops


def _unless_empty(layout: GridLayout, visits: Sequence[Point]) -> int:
    return visiting_length(layout, visits) if visits else 0
