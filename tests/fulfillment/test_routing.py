from itertools import pairwise

import pytest
from hypothesis import given, settings

from fulfillment.domain.layout import Depot, GridLayout, Stand, UnknownBinsError, UnreachableBinsError
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.routes import find_route, tour_length, walked_length
from fulfillment.domain.routing.rules import s_shape_order, walking_distance
from fulfillment.domain.sample_layout import sample_warehouse
from tests.fulfillment.grids import all_distances, grid, grids, obstructed_grids, scattered, shortest_visiting
from tests.plugin.examples import examples


def stays_on_walkways(layout: GridLayout, walk: tuple[tuple[int, int], ...]) -> bool:
    gate = (layout.depot.x_mm, layout.rows[layout.depot.row])
    legs = [leg for leg in pairwise(walk) if set(leg) != {layout.depot.at, gate}]
    return all(
        (
            a[0] == b[0]
            and a[0] in layout.columns
            and layout.rows[0] <= min(a[1], b[1]) <= max(a[1], b[1]) <= layout.rows[-1]
        )
        or (a[1] == b[1] and a[1] in layout.rows)
        for a, b in legs
    )


@settings(max_examples=examples(250))
@given(layout=grids())
def test_route_is_as_short_as_the_best_of_all_orders(layout: GridLayout) -> None:
    route = find_route(layout, layout.stands)

    assert route.length_mm == shortest_visiting(layout)
    assert route.optimal


@settings(max_examples=examples(200))
@given(layout=obstructed_grids())
def test_blocked_walkways_and_other_ends_change_the_shortest_walk(layout: GridLayout) -> None:
    shortest = shortest_visiting(layout)

    if shortest is None:
        with pytest.raises(UnreachableBinsError) as refusal:
            find_route(layout, layout.stands)
        assert refusal.value.bins
    else:
        route = find_route(layout, layout.stands)
        assert route.length_mm == walked_length(route.walk) == shortest
        assert tour_length(layout, layout.stands.values()) == shortest
        assert sorted(route.stops) == sorted(layout.stands)
        assert clear_of_obstructions(layout, route.walk)
        if layout.stands:
            assert route.length_mm <= min(route.length_by_name_order_mm, route.length_s_shape_mm)
            assert route.walk[0] == layout.depot.at
            assert route.walk[-1] in {end.at for end in layout.ends}


def clear_of_obstructions(layout: GridLayout, walk: tuple[tuple[int, int], ...]) -> bool:
    free = walk[1:] if layout.depot.stub_mm else walk
    free = (
        free[:-1]
        if walk[-1] not in free[-1:] or any(end.stub_mm for end in layout.ends if end.at == walk[-1])
        else free
    )
    for (x, y), (to_x, to_y) in pairwise(free):
        across = x != to_x
        line = layout.rows.index(y) if across else layout.columns.index(x)
        low, high = sorted((x, to_x) if across else (y, to_y))
        blocked = layout.blocked_cross_aisles if across else layout.blocked_aisles
        if any(each.line == line and each.from_mm < high and low < each.to_mm for each in blocked):
            return False
    return True


@settings(max_examples=examples(150))
@given(layout=grids(most_picks=30, most_blocks=5))
def test_walk_visits_every_bin_once_and_is_as_long_as_it_says(layout: GridLayout) -> None:
    route = find_route(layout, layout.stands)

    assert sorted(route.stops) == sorted(layout.stands)
    assert route.walk[0] == route.walk[-1] == layout.depot.at
    assert walked_length(route.walk) == route.length_mm == tour_length(layout, layout.stands.values())
    assert stays_on_walkways(layout, route.walk)
    places = iter(route.walk)
    assert all(layout.access_point(code) in places for code in _first_of_each_place(layout, route.stops))
    if layout.stands:
        assert route.length_mm <= min(route.length_by_name_order_mm, route.length_s_shape_mm)


def _first_of_each_place(layout: GridLayout, stops: tuple[str, ...]) -> list[str]:
    return list({layout.access_point(code): code for code in stops}.values())


@settings(max_examples=examples(100))
@given(layout=grids())
def test_walking_distance_is_the_shortest_path_over_the_walkways(layout: GridLayout) -> None:
    points = {layout.access_point(code) for code in layout.stands}
    distance = all_distances(layout)

    assert all(walking_distance(layout, a, b) == distance[a][b] for a in points for b in points)


def test_the_same_bins_give_the_same_route_in_any_order() -> None:
    layout = compile_layout(sample_warehouse())
    bins = scattered(layout.stands, 40, seed=7)

    assert find_route(layout, bins) == find_route(layout, [*reversed(bins), bins[0]])


def test_s_shape_goes_up_one_aisle_and_down_the_next() -> None:
    stands = {f"{column}-{y}": Stand(column, y) for column in range(3) for y in (10, 40)}
    layout = grid((0, 5, 10), (0, 50), stands, Depot((0, 0), 0, 0, 0))

    order = s_shape_order(layout, stands.values())

    assert order == [(0, 10), (0, 40), (5, 40), (5, 10), (10, 10), (10, 40)]
    assert find_route(layout, stands).length_s_shape_mm == 50 + 5 + 50 + 5 + 40 + 40 + 10


def test_a_gap_between_picks_is_left_out_when_that_is_shorter() -> None:
    stands = {"low": Stand(1, 10), "high": Stand(1, 90), "left": Stand(0, 50), "right": Stand(2, 50)}
    layout = grid((0, 5, 10), (0, 100), stands, Depot((0, 0), 0, 0, 0))

    route = find_route(layout, stands)

    assert route.length_mm == 100 + 10 + 20 + 100 + 10 + 20
    assert route.stops in {("left", "high", "right", "low"), ("low", "right", "high", "left")}


def test_no_bins_is_no_walk() -> None:
    layout = compile_layout(sample_warehouse())
    route = find_route(layout, [])

    assert (route.stops, route.walk, route.length_mm) == ((), (layout.depot.at,), 0)
    assert (route.length_by_name_order_mm, route.length_s_shape_mm) == (0, 0)


def test_unknown_bin_is_refused() -> None:
    with pytest.raises(UnknownBinsError, match="NOWHERE"):
        find_route(compile_layout(sample_warehouse()), ["NOWHERE"])
