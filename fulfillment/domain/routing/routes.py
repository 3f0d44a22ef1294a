from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fulfillment.domain.layout import Depot, GridLayout, Point, Stand, UnreachableBinsError
from fulfillment.domain.routing.rules import name_order, s_shape_order, visiting_length
from fulfillment.domain.routing.speed import shortest_length, shortest_shape
from fulfillment.domain.routing.sweep import TourShape
from fulfillment.domain.routing.walk import walk_of


@dataclass(frozen=True, slots=True)
class Route:
    """One walk from the depot over all bins to where it ends, with its proof.

    `stops` are location codes in visiting order; `walk` the corners and stops of the walk in mm, from the depot to its
    end; `optimal` says that no shorter walk exists. The lengths by location name and by S-shape are what the same bins
    cost under the rules that it replaces; all lengths in mm.
    """

    stops: tuple[str, ...]
    walk: tuple[Point, ...]
    length_mm: int
    method: str
    optimal: bool
    length_by_name_order_mm: int
    length_s_shape_mm: int
    lower_bound_mm: int

    @property
    def saved_on_name_order_mm(self) -> int:
        """How much shorter the walk is than one in the order of location names."""
        return self.length_by_name_order_mm - self.length_mm

    @property
    def saved_on_s_shape_mm(self) -> int:
        """How much shorter the walk is than one in S-shape."""
        return self.length_s_shape_mm - self.length_mm


def find_route(layout: GridLayout, bins: Iterable[str]) -> Route:
    """Return the shortest walk that starts at the depot, reaches every one of `bins` and ends at the best drop point.

    The same bins give the same route, whatever their order. Exact dynamic program, see `sweep.shortest_tour`.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
        UnreachableBinsError: for locations to which no way leads.
    """
    stands = layout.stands_of(bins)
    walk, length = _walk(layout, stands)
    return Route(
        stops=_stops(layout, stands, walk),
        walk=walk,
        length_mm=length,
        method="exact-dp",
        optimal=True,
        length_by_name_order_mm=_unless_empty(layout, name_order(layout, stands)),
        length_s_shape_mm=_unless_empty(layout, s_shape_order(layout, stands.values())),
        lower_bound_mm=length,
    )


def tour_length(layout: GridLayout, stands: Iterable[Stand]) -> int:
    """Return the length in mm of the shortest walk over `stands`, without working out the walk itself.

    Raises:
        UnreachableBinsError: if there is no such walk.
    """
    visited = set(stands)
    length = shortest_length(layout, visited)
    if length is None:
        raise UnreachableBinsError(tuple(sorted({f"aisle {stand.column + 1}" for stand in visited})))
    return length


def walked_length(walk: Sequence[Point]) -> int:
    """Return the length in mm of a walk whose legs run along aisles and cross-aisles."""
    return sum(abs(x - to_x) + abs(y - to_y) for (x, y), (to_x, to_y) in pairwise(walk))


def unreachable_bins(layout: GridLayout, bins: Iterable[str]) -> tuple[str, ...]:
    """Return those of `bins` to which no way leads, or none from there to an end."""
    found = layout.stands_of(bins)
    lost = {stand for stand in set(found.values()) if shortest_length(layout, [stand]) is None}
    return tuple(code for code, stand in found.items() if stand in lost)


def _picks(stands: Iterable[Stand]) -> dict[int, set[int]]:
    picks: dict[int, set[int]] = defaultdict(set)
    for stand in stands:
        picks[stand.column].add(stand.y_mm)
    return picks


def _walk(layout: GridLayout, stands: dict[str, Stand]) -> tuple[tuple[Point, ...], int]:
    """Return the walk and its length in mm, worked out once and walked once."""
    picks = _picks(stands.values())
    if not picks:
        return (layout.depot.at,), 0
    shapes = ((shortest_shape(layout, picks, number), end) for number, end in enumerate(layout.ends))
    found: list[tuple[TourShape, Depot]] = [(shape, end) for shape, end in shapes if shape is not None]
    if not found:
        raise UnreachableBinsError(unreachable_bins(layout, stands))
    shape, end = min(found, key=lambda each: each[0].length_mm + each[1].stub_mm)
    walk = walk_of(shape, layout.rows)
    before = () if walk[0] == layout.depot.at else (layout.depot.at,)
    after = () if walk[-1] == end.at else (end.at,)
    walk, length = (*before, *walk, *after), layout.depot.stub_mm + shape.length_mm + end.stub_mm
    assert walked_length(walk) == length, "the walk must be as long as the tour it realizes"
    return walk, length


def _stops(layout: GridLayout, stands: dict[str, Stand], walk: Sequence[Point]) -> tuple[str, ...]:
    waiting: dict[Point, list[str]] = defaultdict(list)
    for code in stands:
        waiting[layout.access_point(code)].append(code)
    stops = tuple(code for at in walk for code in waiting.pop(at, ()))
    assert not waiting, "the walk must pass every bin"
    return stops


def _unless_empty(layout: GridLayout, visits: Sequence[Point]) -> int:
    return visiting_length(layout, visits) if visits else 0
