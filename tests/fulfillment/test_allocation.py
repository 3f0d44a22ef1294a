from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment.domain.allocation import choose_places
from fulfillment.domain.layout import GridLayout, UnknownBinsError
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.routes import find_route, tour_length
from fulfillment.domain.sample_layout import sample_warehouse
from tests.fulfillment.grids import scattered
from tests.plugin.examples import examples


@pytest.fixture(scope="module")
def layout() -> GridLayout:
    return compile_layout(sample_warehouse(aisles=6, bays=8, levels=1, blocks=2))


@settings(max_examples=examples(30))
@given(seed=st.integers(0, 9999), counts=st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_places_are_as_near_as_the_best_of_all_choices(layout: GridLayout, seed: int, counts: list[int]) -> None:
    codes = iter(scattered(layout.stands, sum(counts), seed))
    articles = {f"SKU-{number}": [next(codes) for _ in range(count)] for number, count in enumerate(counts)}

    found = choose_places(layout, articles)

    assert all(found.places[name] in articles[name] for name in articles)
    assert found.length_mm == find_route(layout, found.places.values()).length_mm
    walks = (tour_length(layout, [layout.stands[code] for code in choice]) for choice in product(*articles.values()))
    assert found.length_mm == min(walks)


def test_a_place_on_the_way_is_taken_for_nothing(layout: GridLayout) -> None:
    shared, near = "A-02-15-1", min(layout.stands)
    found = choose_places(layout, {"one": [shared], "other": [near, shared]})
    assert found.places == {"one": shared, "other": shared}


def test_nothing_to_pick_is_no_walk_and_no_place_is_refused(layout: GridLayout) -> None:
    assert choose_places(layout, {}).length_mm == 0
    with pytest.raises(ValueError, match="location"):
        choose_places(layout, {"one": []})
    with pytest.raises(UnknownBinsError):
        choose_places(layout, {"one": ["NOWHERE"]})
