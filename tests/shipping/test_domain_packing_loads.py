"""No piece bears more than it may, whatever the search; judged by a checker that shares nothing with it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.domain.carton_plans import InvalidPackPlan, PackedCarton, PackItem
from shipping.domain.carton_space import Unit, WorkBudget
from shipping.domain.cartons import choose_carton
from shipping.domain.packing import pack_all
from shipping.domain.packing_check import validate_plan
from shipping.domain.packing_exact import arrange
from shipping.domain.packing_verdicts import Verdict
from shipping.domain.plan_costs import Tariff
from shipping.domain.plan_ranking import rank_plans
from tests.plugin.examples import examples
from tests.shipping.test_domain_packing import PLENTY, carton, codes

SIDE = st.integers(20, 200)
LIMITED = st.lists(
    st.builds(
        PackItem, ref=st.uuids().map(str), l_mm=SIDE, w_mm=SIDE, h_mm=SIDE, weight_g=st.integers(0, 3_000),
        quantity=st.integers(1, 3), keep_upright=st.booleans(), fragile=st.booleans(),
        max_load_g=st.one_of(st.none(), st.just(0), st.integers(0, 4_000)),
        own_container=st.sampled_from([False] * 4 + [True]),
    ),
    min_size=1, max_size=5,
)  # fmt: skip
CARTONS = [carton(f"c{n}", (n, n, n)) for n in (120, 200, 260, 400)]


def loads(parcel: PackedCarton, items: list[PackItem]) -> dict[int, int]:
    """Return the weight on each piece, by taking away all pieces that would stay if it were taken away."""
    weights = {item.ref: item.weight_g for item in items}
    pieces = parcel.placements
    found = {}
    for n in range(len(pieces)):
        falling = {n}
        # From below upwards each piece is met after all that it may lie on.
        for m in sorted(range(len(pieces)), key=lambda k: pieces[k].z_mm):
            upper = pieces[m]
            for k in tuple(falling):
                under = pieces[k]
                over_x = range(max(upper.x_mm, under.x_mm), min(upper.x_mm + upper.l_mm, under.x_mm + under.l_mm))
                over_y = range(max(upper.y_mm, under.y_mm), min(upper.y_mm + upper.w_mm, under.y_mm + under.w_mm))
                if over_x and over_y and upper.z_mm >= under.z_mm + under.h_mm:
                    falling.add(m)
        found[n] = sum(weights[pieces[m].ref] for m in falling - {n})
    return found


@settings(max_examples=examples(60), deadline=None)
@given(LIMITED)
def test_no_plan_puts_more_on_a_piece_than_it_bears(items: list[PackItem]) -> None:
    plan = choose_carton(items, CARTONS)

    validate_plan(plan, items)
    limits = {item.ref: item.max_load_g for item in items}
    alone = {item.ref for item in items if item.own_container}
    for parcel in plan.parcels:
        for n, load in loads(parcel, items).items():
            limit = limits[parcel.placements[n].ref]
            assert limit is None or load <= limit
        if any(place.ref in alone for place in parcel.placements):
            assert parcel.carton is None
            assert len(parcel.placements) == 1


@settings(max_examples=examples(25), deadline=None)
@given(LIMITED)
def test_what_is_impossible_with_limits_stays_so_and_what_fits_without_needs_no_more(items: list[PackItem]) -> None:
    free = [replace(item, max_load_g=None) for item in items]

    bound, unbound = choose_carton(items, CARTONS), choose_carton(free, CARTONS)

    if bound.proof == unbound.proof == "proven":
        assert bound.price_minor >= unbound.price_minor
    assert choose_carton(items, CARTONS) == bound


def test_weight_goes_through_what_lies_between() -> None:
    # In a shaft as wide as the pieces they can only stand upon each other.
    box = PackItem("box", 100, 100, 50, 200, 1, max_load_g=1_500)
    bricks = PackItem("brick", 100, 100, 50, 1_000, 2)

    plan = choose_carton([box, bricks], [carton("shaft", (100, 100, 150))])
    [parcel] = plan.parcels

    assert max(p.z_mm for p in parcel.placements if p.ref == "box") >= 50
    below = sorted(parcel.placements, key=lambda p: p.ref != "box")
    stacked = tuple(replace(place, z_mm=50 * level) for level, place in enumerate(below))
    with pytest.raises(InvalidPackPlan, match="2000 g lie on item box"):
        validate_plan(replace(plan, parcels=(replace(parcel, placements=stacked),)), [box, bricks])


def test_pieces_that_bear_nothing_are_not_stacked_but_lie_beside_each_other() -> None:
    eggs = PackItem("eggs", 90, 90, 90, 60, 2, max_load_g=0)
    shaft, tray = carton("shaft", (90, 90, 180)), carton("tray", (180, 90, 90), cost=2_000_000)

    plan = choose_carton([eggs], [shaft, tray])

    assert codes(plan) == ["tray"]
    [ranked, *_] = rank_plans([eggs], [shaft, tray], Tariff(None, 0))
    assert [(each.carton_code, each.constraint) for each in ranked.passed_over] == [("shaft", "load")]


def test_a_search_that_passed_over_an_overloaded_arrangement_proves_nothing() -> None:
    crate = Unit(0, (100, 100, 40), 300, keep_upright=True, max_load_g=100)
    slab = Unit(1, (100, 100, 40), 80, keep_upright=True, max_load_g=100)
    shaft = (100, 100, 120)

    # Each bears any other one, and no one bears two.
    trio = [replace(slab, key=key) for key in range(3)]
    assert arrange(trio, shaft, WorkBudget(PLENTY)) == "unknown"
    assert pack_all(trio, shaft, WorkBudget(2_000)) is None
    # No order of two is left where neither bears the other: that is certain.
    pair = [crate, replace(crate, key=1)]
    assert arrange(pair, (100, 100, 80), WorkBudget(PLENTY)) == "impossible"


def test_what_was_proven_of_shapes_alone_is_taken_over_only_if_each_piece_bears_it() -> None:
    items = [PackItem(f"p{n}", 41, 37 + n, 52, 10, 1, max_load_g=0) for n in range(11)]
    places = tuple(((0, 0, 60 * n), (52, 41, 37)) for n in range(11))

    plan = choose_carton(
        items, [carton("shaft", (60, 60, 660)), carton("large", (400, 400, 60), cost=10**8)],
        recall=lambda _: {(60, 60, 660): Verdict("fits", places)},
    )  # fmt: skip

    assert codes(plan) == ["large"]


def test_a_piece_that_takes_no_carton_is_a_parcel_by_itself() -> None:
    drum = PackItem("drum", 90, 90, 90, 500, 2, own_container=True)
    mug = PackItem("mug", 50, 50, 50, 100, 1)
    box = carton("c", (200, 200, 200))

    plan = choose_carton([drum, mug], [box])

    assert sorted(codes(plan)) == ["c", "own", "own"]
    assert "Item drum takes no carton: 2 pieces ship in their own containers." in plan.statements
    boxed = replace(plan.parcels[0], carton=box)
    with pytest.raises(InvalidPackPlan, match="own container"):
        validate_plan(replace(plan, parcels=(boxed, *plan.parcels[1:])), [drum, mug])
    ranked = rank_plans([drum, mug], [box, carton("d", (300, 300, 300))], Tariff(None, 0))
    assert [codes(each.plan) for each in ranked] == [["c", "own", "own"], ["d", "own", "own"]]
    assert [codes(each.plan) for each in rank_plans([drum], [box], Tariff(None, 0))] == [["own", "own"]]
