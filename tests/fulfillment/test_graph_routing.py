import heapq
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from fulfillment.domain.floor_document import plan_from_document, plan_to_document
from fulfillment.domain.layout import (
    LayoutError,
    Obstacle,
    UnknownBinsError,
    Walkway,
    WarehousePlan,
)
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.graph_compiler import compile_graph
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_routes import find_graph_route
from fulfillment.domain.routing.network import Place, length_of
from fulfillment.domain.routing.routes import find_route
from fulfillment.domain.routing.stop_order import assignment_bound, best_order
from fulfillment.domain.sample_layout import sample_warehouse
from tests.fulfillment.grids import scattered
from tests.plugin.examples import examples


def alternating(plan: WarehousePlan) -> WarehousePlan:
    """Return the plan with every other aisle leading away from the docks, and the rest back."""
    aisles = tuple(replace(aisle, one_way=1 if n % 2 == 0 else -1) for n, aisle in enumerate(plan.aisles))
    return replace(plan, aisles=aisles)


def blocking(plan: WarehousePlan, aisle: int, y: int) -> WarehousePlan:
    x = plan.aisles[aisle].x_mm
    return replace(plan, obstacles=(*plan.obstacles, Obstacle(f"P{aisle}", box(x - 400, y, x + 400, y + 300))))


@pytest.fixture(scope="module")
def plan() -> WarehousePlan:
    return sample_warehouse(aisles=4, bays=8, levels=1, blocks=2)


@pytest.fixture(scope="module")
def layout(plan: WarehousePlan) -> GraphLayout:
    return compile_graph(plan)


Node: TypeAlias = tuple[float, float]


def node_of(layout: GraphLayout, place: Place) -> Node:
    edge, length = layout.network.edges[place.edge], layout.network.lengths[place.edge]
    ends = {0.0: edge.tail, length: edge.head}
    return (-1.0, float(ends[place.offset_mm])) if place.offset_mm in ends else (place.edge, place.offset_mm)


def steps_between(layout: GraphLayout, marked: list[Place]) -> dict[Node, list[tuple[Node, float]]]:
    """Return the network with the marked places as nodes of their own."""
    steps: dict[Node, list[tuple[Node, float]]] = defaultdict(list)
    for number, edge in enumerate(layout.network.edges):
        offsets = sorted({0.0, layout.network.lengths[number], *(p.offset_mm for p in marked if p.edge == number)})
        for at, to in pairwise(offsets):
            one, other = node_of(layout, Place(number, at)), node_of(layout, Place(number, to))
            steps[one].append((other, to - at))
            if not edge.one_way:
                steps[other].append((one, to - at))
    return steps


def shortest_by_dijkstra(layout: GraphLayout, bins: list[str]) -> float:
    """Return the shortest tour over few bins: Dijkstra over pairs of a place and the set of bins seen so far."""
    steps = steps_between(layout, [layout.start, *layout.ends, *(layout.places[code] for code in bins)])
    bit: dict[Node, int] = defaultdict(int)
    for number, code in enumerate(bins):
        bit[node_of(layout, layout.places[code])] |= 1 << number
    ends = {node_of(layout, end) for end in layout.ends}
    heap = [(0.0, node_of(layout, layout.start), 0)]
    seen = set()
    while True:
        length, at, visited = heapq.heappop(heap)
        visited |= bit[at]
        if visited == (1 << len(bins)) - 1 and at in ends:
            return length
        if (at, visited) not in seen:
            seen.add((at, visited))
            for beside, step in steps[at]:
                heapq.heappush(heap, (length + step, beside, visited))


@settings(max_examples=examples(40))
@given(bins=st.sets(st.integers(0, 63), min_size=1, max_size=5), blocked=st.none() | st.integers(0, 3))
def test_graph_route_is_as_short_as_any_walk(plan: WarehousePlan, bins: set[int], blocked: int | None) -> None:
    drawn = alternating(plan) if blocked is None else blocking(plan, blocked, plan.aisles[0].y_from_mm + 3000)
    drawn = replace(drawn, drops=((plan.depot[0] + 3000, plan.depot[1]),))
    layout = compile_graph(drawn)
    codes = [plan.bins[number].code for number in bins]

    route = find_graph_route(layout, codes)

    assert route.length_mm == round(shortest_by_dijkstra(layout, codes))
    assert route.optimal
    assert sorted(route.stops) == sorted(codes)
    assert round(length_of(route.walk)) == route.length_mm
    assert route.walk[-1] == drawn.drops[0]


@settings(max_examples=examples(60))
@given(seed=st.integers(0, 999), blocked=st.sets(st.integers(0, 3), max_size=2))
def test_graph_and_grid_agree_on_what_both_can_walk(plan: WarehousePlan, seed: int, blocked: set[int]) -> None:
    drawn = plan
    for aisle in sorted(blocked):
        drawn = blocking(drawn, aisle, plan.aisles[0].y_from_mm + 3000 + 4800 * (aisle % 2))
    bins = scattered((place.code for place in plan.bins), 10, seed)

    grid, graph = find_route(compile_layout(drawn), bins), find_graph_route(compile_graph(drawn), bins)

    assert (graph.length_mm, graph.optimal) == (grid.length_mm, True)
    assert graph.length_by_name_order_mm == grid.length_by_name_order_mm


def test_one_way_aisles_are_never_walked_against_their_direction(plan: WarehousePlan) -> None:
    layout = compile_graph(alternating(plan))
    route = find_graph_route(layout, scattered(layout.places, 30, seed=1))
    one_way = {aisle.x_mm: aisle.one_way for aisle in layout.plan.aisles}

    legs = [(one, other) for one, other in pairwise(route.walk) if one[0] == other[0] and one[0] in one_way]
    assert all((other[1] - one[1]) * one_way[one[0]] >= 0 for one, other in legs)
    assert route.lower_bound_mm <= route.length_mm < min(route.length_by_name_order_mm, route.length_s_shape_mm)


def test_slanted_walkway_shortens_the_way(plan: WarehousePlan) -> None:
    start = (plan.cross_aisles[0].x_from_mm + 1000, plan.cross_aisles[0].y_mm)
    lane = Walkway("S", (start, (start[0] - 1000, start[1] - 3000), (start[0], start[1] - 7000)), width_mm=1500)
    far = replace(plan, walkways=(lane,), depot=(start[0], start[1] - 7000))
    layout = compile_graph(far)

    route = find_graph_route(layout, [plan.bins[0].code])

    bent = LineString([*lane.points]).length
    assert route.length_mm > 2 * bent
    assert lane.points[1] in route.walk
    assert find_graph_route(
        compile_graph(replace(far, walkways=(replace(lane, one_way=True),), depot=plan.depot)), []
    ).walk


def test_bins_behind_two_obstacles_are_named(plan: WarehousePlan) -> None:
    low = plan.aisles[1].y_from_mm
    drawn = blocking(blocking(plan, 1, low + 2500), 1, low + 4700)
    drawn = replace(drawn, obstacles=tuple(replace(o, code=f"P{n}") for n, o in enumerate(drawn.obstacles)))

    for compiled in (compile_layout, compile_graph):
        with pytest.raises(LayoutError) as caught:
            compiled(drawn)
        assert {fault.code: fault.names for fault in caught.value.faults} == {
            "bin_cut_off": tuple(f"A-02-0{n}-1" for n in range(3, 7))
        }


def test_unknown_bin_is_refused(layout: GraphLayout) -> None:
    with pytest.raises(UnknownBinsError):
        find_graph_route(layout, ["NOWHERE"])


def test_no_bins_is_no_walk(layout: GraphLayout) -> None:
    route = find_graph_route(layout, [])
    assert (route.stops, route.length_mm, route.optimal) == ((), 0, True)


def test_floor_with_obstacles_survives_being_stored(plan: WarehousePlan) -> None:
    lane = Walkway("S", ((1000, 1000), (2000, 3000)), width_mm=1500, one_way=True)
    drawn = replace(blocking(alternating(plan), 2, 20_000), walkways=(lane,), drops=((100, 7000),))
    assert plan_from_document(plan_to_document(drawn)) == drawn


def test_search_is_never_longer_than_its_first_tour_nor_shorter_than_the_bound() -> None:
    points = np.random.default_rng(5).uniform(0, 1000, (25, 2))
    distances = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    distances[points[:, 0][:, None] > points[:, 0][None]] *= 1.5

    found = best_order(distances)

    assert sorted(found.order) == list(range(1, 25))
    tour = [0, *found.order, 0]
    assert sum(distances[a, b] for a, b in pairwise(tour)) == pytest.approx(found.length_mm)
    assert assignment_bound(distances) <= found.lower_bound_mm <= found.length_mm
