from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from fulfillment.domain.layout import GridLayout
from fulfillment.domain.routing import speed
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
@given(layout=grids(most_picks=40, most_blocks=5))
def test_compiled_sweeps_find_the_same_walk(compiled: None, layout: GridLayout) -> None:
    fast = find_route(layout, layout.stands)
    speed.cool_down()
    slow = find_route(layout, layout.stands)
    speed.warm_up()

    assert fast == slow
