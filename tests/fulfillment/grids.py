"""Small floors as plain numbers, and an independent way to walk them."""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from hypothesis import strategies as st
from shapely import Polygon

from fulfillment.domain.layout import Depot, GridLayout, Obstruction, Point, Stand, WarehousePlan


def grid(columns: tuple[int, ...], rows: tuple[int, ...], stands: dict[str, Stand], depot: Depot) -> GridLayout:
    plan = WarehousePlan("numbers only", Polygon(), (), (), (), (), (), depot.at)
    return GridLayout(plan, columns, rows, stands, depot)


@st.composite
def grids(draw: st.DrawFn, most_picks: int = 6, most_blocks: int = 4) -> GridLayout:
    columns = _ascending(draw, draw(st.integers(1, 5)), 1, 9)
    rows = _ascending(draw, draw(st.integers(1, most_blocks)) + 1, 2, 12)
    picks = draw(
        st.lists(st.tuples(st.integers(0, len(columns) - 1), st.integers(rows[0], rows[-1])), max_size=most_picks)
    )
    stands = {f"B{number}": Stand(*pick) for number, pick in enumerate(picks)}
    return grid(columns, rows, stands, _depot(draw, columns, rows))


def _depot(draw: st.DrawFn, columns: tuple[int, ...], rows: tuple[int, ...]) -> Depot:
    row = draw(st.integers(0, len(rows) - 1))
    outward = {0: -1, len(rows) - 1: 1}.get(row, 0)
    x = draw(st.one_of(st.sampled_from(columns), st.integers(columns[0] - 3, columns[-1] + 3)))
    stub = abs(outward) * draw(st.integers(0, 3))
    return Depot((x, rows[row] + outward * stub), x, row, stub)


@st.composite
def obstructed_grids(draw: st.DrawFn, most_picks: int = 8, most_blocks: int = 4) -> GridLayout:
    """Draw a floor with up to two drop points, blocked bays and missing pieces of cross-aisles."""
    layout = draw(grids(most_picks, most_blocks))
    drops = tuple(_depot(draw, layout.columns, layout.rows) for _ in range(draw(st.integers(0, 2))))
    aisles = _obstructions(draw, len(layout.columns), layout.rows)
    taken = {(stand.column, stand.y_mm) for stand in layout.stands.values()}
    aisles = tuple(o for o in aisles if not any(o.from_mm < y < o.to_mm for column, y in taken if column == o.line))
    return replace(
        layout,
        drops=drops,
        blocked_aisles=aisles,
        blocked_cross_aisles=_obstructions(draw, len(layout.rows), layout.columns),
    )


def _obstructions(draw: st.DrawFn, lines: int, places: tuple[int, ...]) -> tuple[Obstruction, ...]:
    stretch = st.tuples(st.integers(0, lines - 1), st.integers(places[0] - 1, places[-1]), st.integers(1, 4))
    found = draw(st.lists(stretch, max_size=4))
    return tuple(Obstruction(line, start, start + long) for line, start, long in found)


def scattered(codes: Iterable[str], count: int, seed: int) -> list[str]:
    """Return `count` of `codes`, the same for the same seed on every machine."""
    return sorted(codes, key=lambda code: hashlib.sha256(f"{seed}/{code}".encode()).digest())[:count]


def _ascending(draw: st.DrawFn, count: int, least: int, most: int) -> tuple[int, ...]:
    places = [0]
    for step in draw(st.lists(st.integers(least, most), min_size=count - 1, max_size=count - 1)):
        places.append(places[-1] + step)
    return tuple(places)


def all_distances(layout: GridLayout) -> dict[Point, dict[Point, int]]:
    """Return walking distances between the depots and all picks by Dijkstra over the walkways drawn as a graph.

    What cannot be reached is left out.
    """
    graph: dict[Point, dict[Point, int]] = defaultdict(dict)
    depots = (layout.depot, *layout.drops)
    gates = [(depot.x_mm, layout.rows[depot.row]) for depot in depots]
    for number, x in enumerate(layout.columns):
        ys = {stand.y_mm for stand in layout.stands.values() if stand.column == number} | set(layout.rows)
        _chain(graph, [(x, y) for y in sorted(ys)], _stretches(layout.blocked_aisles, number))
    for number, y in enumerate(layout.rows):
        xs = {*layout.columns} | {gate[0] for gate in gates if gate[1] == y}
        _chain(graph, [(x, y) for x in sorted(xs)], _stretches(layout.blocked_cross_aisles, number))
    targets = {layout.access_point(code) for code in layout.stands}
    found = {start: _dijkstra(graph, start) for start in targets}
    for depot, gate in zip(depots, gates, strict=True):
        found[depot.at] = {at: length + depot.stub_mm for at, length in _dijkstra(graph, gate).items()}
    for start in targets:
        for depot, gate in zip(depots, gates, strict=True):
            if gate in found[start]:
                found[start][depot.at] = found[start][gate] + depot.stub_mm
    return found


def _stretches(obstructions: Iterable[Obstruction], line: int) -> list[tuple[int, int]]:
    return [(each.from_mm, each.to_mm) for each in obstructions if each.line == line]


def _chain(graph: dict[Point, dict[Point, int]], points: list[Point], blocked: list[tuple[int, int]]) -> None:
    along = 1 if len({x for x, _ in points}) == 1 else 0
    for one, other in pairwise(points):
        if not any(start < other[along] and one[along] < end for start, end in blocked):
            graph[one][other] = graph[other][one] = abs(one[0] - other[0]) + abs(one[1] - other[1])


def shortest_visiting(layout: GridLayout) -> int | None:
    """Return the shortest walk from the depot over all picks to the best end; None if there is none.

    Bellman, Held & Karp (1962) over subsets of the picks, on the distances of the walkways.
    """
    distance = all_distances(layout)
    picks = sorted({layout.access_point(code) for code in layout.stands})
    if not picks:
        return 0
    far = 10**9
    best = {(1 << i, i): distance[layout.depot.at].get(at, far) for i, at in enumerate(picks)}
    for subset in range(1, 1 << len(picks)):
        inside = [i for i in range(len(picks)) if subset >> i & 1]
        for last in inside if len(inside) > 1 else ():
            rest = subset & ~(1 << last)
            best[subset, last] = min(
                best[rest, i] + distance[picks[i]].get(picks[last], far) for i in inside if i != last
            )
    ends = [end.at for end in layout.drops or (layout.depot,)]
    everything = (1 << len(picks)) - 1
    found = min(best[everything, i] + distance[at].get(end, far) for i, at in enumerate(picks) for end in ends)
    return found if found < far else None


def _dijkstra(graph: dict[Point, dict[Point, int]], start: Point) -> dict[Point, int]:
    found: dict[Point, int] = {}
    heap = [(0, start)]
    while heap:
        length, at = heapq.heappop(heap)
        if at not in found:
            found[at] = length
            for beside, step in graph[at].items():
                heapq.heappush(heap, (length + step, beside))
    return found
