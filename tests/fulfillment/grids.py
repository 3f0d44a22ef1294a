"""Small floors as plain numbers, and an independent way to walk them."""

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from hypothesis import strategies as st
from shapely import Polygon

from fulfillment.domain.layout import Depot, GridLayout, Point, Stand, WarehousePlan


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
    row = draw(st.integers(0, len(rows) - 1))
    outward = {0: -1, len(rows) - 1: 1}.get(row, 0)
    x = draw(st.one_of(st.sampled_from(columns), st.integers(columns[0] - 3, columns[-1] + 3)))
    stub = abs(outward) * draw(st.integers(0, 3))
    return grid(columns, rows, stands, Depot((x, rows[row] + outward * stub), x, row, stub))


def scattered(codes: Iterable[str], count: int, seed: int) -> list[str]:
    """Return `count` of `codes`, the same for the same seed on every machine."""
    return sorted(codes, key=lambda code: hashlib.sha256(f"{seed}/{code}".encode()).digest())[:count]


def _ascending(draw: st.DrawFn, count: int, least: int, most: int) -> tuple[int, ...]:
    places = [0]
    for step in draw(st.lists(st.integers(least, most), min_size=count - 1, max_size=count - 1)):
        places.append(places[-1] + step)
    return tuple(places)


def all_distances(layout: GridLayout) -> dict[Point, dict[Point, int]]:
    """Return walking distances between the depot and all picks by Dijkstra over the walkways drawn as a graph."""
    graph: dict[Point, dict[Point, int]] = defaultdict(dict)
    depot = layout.depot
    gate = (depot.x_mm, layout.rows[depot.row])
    for number, x in enumerate(layout.columns):
        ys = {stand.y_mm for stand in layout.stands.values() if stand.column == number} | set(layout.rows)
        _chain(graph, [(x, y) for y in sorted(ys)])
    for y in layout.rows:
        xs = {*layout.columns} | ({depot.x_mm} if y == gate[1] else set())
        _chain(graph, [(x, y) for x in sorted(xs)])
    graph[gate][depot.at] = graph[depot.at][gate] = depot.stub_mm
    targets = {depot.at} | {layout.access_point(code) for code in layout.stands}
    return {start: _dijkstra(graph, start) for start in targets}


def _chain(graph: dict[Point, dict[Point, int]], points: list[Point]) -> None:
    for one, other in pairwise(points):
        graph[one][other] = graph[other][one] = abs(one[0] - other[0]) + abs(one[1] - other[1])


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
