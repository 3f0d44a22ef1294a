from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment.domain.batching import Batch, CartCapacity, PickLine, PickOrder, plan_batches
from fulfillment.domain.layout import GridLayout, UnknownBinsError
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.routes import find_route
from fulfillment.domain.sample_layout import sample_warehouse
from tests.fulfillment.grids import scattered
from tests.plugin.examples import examples

LAYOUT = compile_layout(sample_warehouse(aisles=4, bays=6, levels=1, blocks=2))
BINS = sorted(LAYOUT.stands)
CART = CartCapacity(totes=4, weight_g=10_000, volume_mm3=400)


@st.composite
def pick_orders(draw: st.DrawFn) -> PickOrder:
    bins = draw(st.lists(st.sampled_from(BINS), min_size=1, max_size=4, unique=True))
    return PickOrder(
        order_id="",
        lines=tuple(PickLine(code, draw(st.integers(1, 3))) for code in bins),
        volume_mm3=draw(st.integers(0, 500)),
        weight_g=draw(st.integers(0, 12_000)),
        due_rank=draw(st.integers(0, 2)),
        service_class=draw(st.sampled_from(["express", "standard"])),
    )


def numbered(orders: list[PickOrder]) -> list[PickOrder]:
    return [
        PickOrder(f"O{n:03d}", o.lines, o.volume_mm3, o.weight_g, o.due_rank, o.service_class)
        for n, o in enumerate(orders)
    ]


def order(order_id: str, *bins: str, due: int = 0, volume: int = 10) -> PickOrder:
    return PickOrder(order_id, tuple(PickLine(code, 1) for code in bins), volume, 100, due, "standard")


@settings(max_examples=examples(150))
@given(orders=st.lists(pick_orders(), max_size=25).map(numbered))
def test_every_order_rides_once_on_a_cart_that_takes_it(orders: list[PickOrder]) -> None:
    batches = plan_batches(orders, capacity=CART, layout=LAYOUT)

    by_id = {each.order_id: each for each in orders}
    assert Counter(order_id for batch in batches for order_id in batch.order_ids) == Counter(by_id.keys())
    for batch in batches:
        members = [by_id[order_id] for order_id in batch.order_ids]
        assert {(each.due_rank, each.service_class) for each in members} == {(batch.due_rank, batch.service_class)}
        assert batch.bins == tuple(sorted({line.bin for each in members for line in each.lines}))
        assert batch.length_mm == find_route(LAYOUT, batch.bins).length_mm
        assert_fits(batch, members)
    assert [batch.due_rank for batch in batches] == sorted(batch.due_rank for batch in batches)
    assert plan_batches(orders[::-1], capacity=CART, layout=LAYOUT) == batches


def assert_fits(batch: Batch, members: list[PickOrder]) -> None:
    assert batch.weight_g == sum(each.weight_g for each in members)
    assert batch.volume_mm3 == sum(each.volume_mm3 for each in members)
    assert [tote.slot for tote in batch.totes] == list(range(1, len(batch.totes) + 1))
    totes = Counter(tote.order_id for tote in batch.totes)
    assert all(totes[each.order_id] * CART.volume_mm3 >= each.volume_mm3 * CART.totes for each in members)
    assert set(totes) == {each.order_id for each in members}
    fits = len(batch.totes) <= CART.totes and batch.weight_g <= CART.weight_g
    assert fits if len(members) > 1 else fits == (batch.loads == 1)


@settings(max_examples=examples(50))
@given(orders=st.lists(pick_orders(), min_size=1, max_size=15).map(numbered))
def test_batches_are_never_longer_than_one_walk_per_order(orders: list[PickOrder]) -> None:
    batches = plan_batches(orders, capacity=CART, layout=LAYOUT)
    alone = sum(find_route(LAYOUT, [line.bin for line in each.lines]).length_mm for each in orders)

    assert sum(batch.length_mm for batch in batches) <= alone


def test_orders_for_the_same_aisle_ride_together() -> None:
    orders = [
        order(f"{side}{n}", code, BINS[-1] if side == "far" else BINS[1])
        for n, code in enumerate(BINS[2:6])
        for side in ("far", "near")
    ]

    batches = plan_batches(orders, capacity=CART, layout=LAYOUT)

    assert [{order_id[:3] for order_id in batch.order_ids} for batch in batches] == [{"far"}, {"nea"}]


def test_an_earlier_cut_off_comes_first_and_takes_no_later_order_along() -> None:
    batches = plan_batches([order("late", BINS[0], due=2), order("soon", BINS[0], due=1)], capacity=CART, layout=LAYOUT)

    assert [batch.order_ids for batch in batches] == [("soon",), ("late",)]


def test_single_line_orders_that_fill_a_cart_get_their_own() -> None:
    singles = [order(f"single{n}", BINS[n % 2 * 20]) for n in range(8)]
    doubles = [order(f"double{n}", BINS[0], BINS[20]) for n in range(2)]

    batches = plan_batches(singles + doubles, capacity=CART, layout=LAYOUT)

    assert sorted((batch.single_line, batch.bins) for batch in batches) == [
        (False, (BINS[0], BINS[20])),
        (True, (BINS[0],)),
        (True, (BINS[20],)),
    ]


def test_an_order_too_big_for_a_cart_goes_alone_and_says_how_many_loads_it_is() -> None:
    batches = plan_batches([order("big", BINS[0], volume=900), order("small", BINS[0])], capacity=CART, layout=LAYOUT)

    assert [(batch.order_ids, batch.loads, len(batch.totes)) for batch in batches] == [
        (("big",), 3, 9),
        (("small",), 1, 1),
    ]


def test_unknown_location_is_refused() -> None:
    with pytest.raises(UnknownBinsError, match="Q-00-00-0"):
        plan_batches([order("O1", "Q-00-00-0")], capacity=CART, layout=LAYOUT)


def test_nothing_to_pick_and_doubled_orders_are_errors() -> None:
    with pytest.raises(ValueError, match="nothing to pick"):
        order("O1")
    with pytest.raises(ValueError, match="given once"):
        plan_batches([order("O1", BINS[0]), order("O1", BINS[1])], capacity=CART, layout=LAYOUT)
    with pytest.raises(ValueError, match="at least one tote"):
        CartCapacity(0, 1, 1)


@pytest.mark.thorough
@pytest.mark.parametrize("blocks", [2, *(pytest.param(blocks, marks=pytest.mark.thorough) for blocks in (1, 3, 4))])
def test_the_plan_for_three_hundred_orders_beats_first_come(blocks: int) -> None:
    layout = compile_layout(sample_warehouse(aisles=12, bays=24, levels=3, blocks=blocks))
    orders = wave(layout, 300)
    cart = CartCapacity(totes=12, weight_g=10**9, volume_mm3=10**9)

    batches = plan_batches(orders, capacity=cart, layout=layout)

    first_come = [orders[i : i + 12] for i in range(0, 300, 12)]
    walked = sum(
        find_route(layout, {line.bin for o in cart_load for line in o.lines}).length_mm for cart_load in first_come
    )
    assert sum(batch.length_mm for batch in batches) < 0.8 * walked


def wave(layout: GridLayout, count: int) -> list[PickOrder]:
    """Return orders of 1 to 8 lines, most of them short, over the whole floor."""
    return [
        order(f"O{n:04d}", *scattered(layout.stands, (1, 1, 1, 2, 2, 3, 4, 8)[n % 8], seed=n)) for n in range(count)
    ]
