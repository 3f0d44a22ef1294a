from itertools import pairwise

import pytest

from fulfillment.domain.layout import GridLayout, UnreachableBinsError
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.routes import find_route, walked_length
from fulfillment.domain.routing.wishes import Price, Wishes, find_route_with
from fulfillment.domain.sample_layout import sample_warehouse
from tests.fulfillment.grids import scattered


@pytest.fixture(scope="module")
def layout() -> GridLayout:
    return compile_layout(sample_warehouse(aisles=6, bays=12, levels=3, blocks=2))


@pytest.mark.parametrize("count", [9, 30])
def test_heavy_goods_come_first_and_crushable_ones_last(layout: GridLayout, count: int) -> None:
    bins = scattered(layout.stands, count, seed=3)
    ranks = {code: number % 3 for number, code in enumerate(bins)}

    found = find_route_with(layout, bins, Wishes(ranks=ranks))

    assert [ranks[code] for code in found.route.stops] == sorted(ranks.values())
    assert sorted(found.route.stops) == sorted(bins)
    assert walked_length(found.route.walk) == found.route.length_mm
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(found.route.walk))
    assert found.shortest_mm == find_route(layout, bins).length_mm <= found.route.lower_bound_mm
    assert found.prices == (Price("ranks", found.route.length_mm - found.shortest_mm),)
    assert found.prices[0].mm > 0
    assert found.route.optimal == (count <= 12)


def test_one_heavy_item_at_the_far_end_costs_the_way_back(layout: GridLayout) -> None:
    near, far = "A-01-01-1", "A-01-23-1"
    found = find_route_with(layout, [near, far], Wishes(ranks={near: 1}))

    assert found.route.stops == (far, near)
    assert found.prices == (Price("ranks", 0),)


def test_closed_aisle_has_its_price_and_keeps_its_bins(layout: GridLayout) -> None:
    bins = [code for code in scattered(layout.stands, 20, seed=4) if code[2:4] != "03"]

    found = find_route_with(layout, bins, Wishes(closed_aisles=frozenset({"03"})))

    assert found.prices == (Price("closed_aisles", found.route.length_mm - found.shortest_mm),)
    assert found.route.optimal
    closed = layout.columns[2]
    assert not any(
        a[0] == b[0] == closed and abs(a[1] - b[1]) > layout.depot.stub_mm for a, b in pairwise(found.route.walk)
    )
    with pytest.raises(UnreachableBinsError) as refusal:
        find_route_with(layout, ["B-03-01-1", "A-01-01-1", *bins], Wishes(closed_aisles=frozenset({"03"})))
    assert [code[2:4] for code in refusal.value.bins] == ["03"]


def test_reaching_is_priced_by_level(layout: GridLayout) -> None:
    bins = ["A-01-01-1", "A-01-01-3", "A-01-03-2", "A-01-05-1"]

    found = find_route_with(layout, bins, Wishes(reach_mm={1: 4000, 3: 2500}))

    assert found.prices == (Price("reach", 2 * 4000 + 2500),)
    assert found.route == find_route(layout, bins)
