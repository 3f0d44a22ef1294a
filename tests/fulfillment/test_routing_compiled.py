from collections.abc import Iterator
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fulfillment.domain.layout import Depot, GridLayout, Stand
from fulfillment.domain.routing import order_search, speed
from fulfillment.domain.routing.routes import find_route
from tests.fulfillment.grids import grids, obstructed_grids
from tests.plugin.examples import examples

pytestmark = pytest.mark.thorough  # compiling takes some ten seconds on a new machine


@pytest.fixture
def compiled() -> Iterator[None]:
    was_compiled = speed.is_compiled()
    assert speed.warm_up()
    yield
    if not was_compiled:
        speed.cool_down()


def test_expected_code_is_loaded_by_the_first_tour(compiled: None) -> None:
    speed.cool_down()
    layout = GridLayout(speed._NOWHERE, (0, 1), (0, 2), {}, Depot((0, 0), 0, 0, 0))
    assert speed.shortest_length(layout, [Stand(1, 1)]) == 4
    assert not speed.is_compiled()
    speed.expect()
    assert speed.shortest_length(layout, [Stand(1, 1)]) == 4
    assert speed.is_compiled()


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layout=obstructed_grids(most_picks=20))
def test_compiled_sweeps_measure_what_plain_python_does(compiled: None, layout: GridLayout) -> None:
    stands = list(layout.stands.values())
    meter = speed.TourMeter(layout, stands)
    tours = [meter.numbers_of(stands[first:]) for first in range(len(stands) + 1)]

    fast = meter.lengths(tours)
    one_by_one = [speed.shortest_length(layout, stands[first:]) for first in range(len(stands) + 1)]
    speed.cool_down()
    slow = meter.lengths(tours)
    speed.warm_up()

    assert fast == one_by_one == slow


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layout=obstructed_grids(), data=st.data())
def test_stands_behind_and_inside_obstructions_are_as_unreachable(
    compiled: None, layout: GridLayout, data: st.DataObject
) -> None:
    columns, ys = st.integers(0, len(layout.columns) - 1), st.integers(layout.rows[0], layout.rows[-1])
    stands = [Stand(*place) for place in data.draw(st.lists(st.tuples(columns, ys), min_size=1, max_size=4))]

    fast = speed.shortest_length(layout, stands)
    speed.cool_down()
    slow = speed.shortest_length(layout, stands)
    speed.warm_up()

    assert fast == slow


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layout=grids(most_picks=40, most_blocks=5))
def test_compiled_sweeps_find_the_same_walk(compiled: None, layout: GridLayout) -> None:
    fast = find_route(layout, layout.stands)
    speed.cool_down()
    slow = find_route(layout, layout.stands)
    speed.warm_up()

    assert fast == slow


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layout=st.one_of(obstructed_grids(most_picks=20), grids(most_picks=20, most_blocks=4)),
    counts=st.lists(st.integers(1, 4), min_size=1, max_size=5),
)
def test_compiled_choice_of_places_takes_the_same_steps(compiled: None, layout: GridLayout, counts: list[int]) -> None:
    meter = speed.TourMeter(layout, layout.stands.values())
    alone = meter.lengths([[number] for number in range(len(meter.stands))])
    near = sorted((length, number) for number, length in enumerate(alone) if length is not None)
    assume(near)
    starts = [0, *accumulate(min(count, len(near)) for count in counts)]
    offered = [sorted((near * 2)[at % len(near) :][: to - at]) for at, to in pairwise(starts)]
    offers = [number for of in offered for _, number in of], starts, [length for of in offered for length, _ in of]

    fast = speed.choose(meter, offers, 40)
    speed.cool_down()
    slow = speed.choose(meter, offers, 40 * speed.PLAIN_SHARE)
    speed.warm_up()

    assert fast == slow


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 9999), count=st.integers(3, 40), slope=st.floats(1, 2))
def test_compiled_search_takes_the_same_steps(compiled: None, seed: int, count: int, slope: float) -> None:
    points = np.random.default_rng(seed).integers(0, 1000, (count, 2))
    distances = np.abs(points[:, None] - points[None]).sum(axis=2).astype(np.float64)
    distances[points[:, 0][:, None] > points[:, 0][None]] *= slope
    near = np.argsort(np.where(np.eye(count, dtype=bool), np.inf, distances), axis=1, kind="stable")[:, :-1].copy()
    order = speed.compiled_order()
    assert order
    fast, slow = np.arange(count), list(range(count))

    length = order.search(distances, near, fast, np.zeros((3, count), dtype=np.int64), 20)
    plain = order_search.search(distances.tolist(), near.tolist(), slow, [[0] * count for _ in range(3)], 20)

    assert fast.tolist() == slow
    assert length == pytest.approx(plain)
