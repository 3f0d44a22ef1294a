import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.domain.carton_plans import CartonType, InvalidPackPlan, PackItem
from shipping.domain.carton_space import Unit
from shipping.domain.cartons import choose_carton
from shipping.domain.packing import is_impossible
from shipping.domain.packing_check import validate_plan
from tests.plugin.examples import examples

SMALL = CartonType("S", (200, 150, 100), (206, 156, 106), 80, 3.0, 20_000, 30)
MEDIUM = CartonType("M", (400, 300, 200), (408, 308, 208), 250, 8.0, 22_000, 80)
LARGE = CartonType("L", (600, 400, 400), (610, 410, 410), 700, 15.0, 25_000, 150)
CARTONS = (SMALL, MEDIUM, LARGE)


def test_single_small_item_takes_the_cheapest_carton() -> None:
    plan = choose_carton([PackItem("mug", 90, 90, 100, 400, 1)], CARTONS)

    [parcel] = plan.parcels
    assert parcel.carton == SMALL
    assert parcel.gross_weight_g == 480
    assert parcel.price_minor == 30
    assert parcel.void_mm3 == 200 * 150 * 100 - 90 * 90 * 100
    assert plan.proof == "proven"
    assert plan.statements == ()


def test_price_of_the_journey_outranks_the_cost_of_the_carton() -> None:
    plan = choose_carton(
        [PackItem("mug", 90, 90, 100, 400, 1)], CARTONS, price=lambda carton, _: 10 if carton.code == "M" else 500
    )

    assert plan.parcels[0].carton == MEDIUM
    assert plan.price_minor == 10


def test_item_is_turned_to_fit_but_an_upright_one_is_not() -> None:
    tall = PackItem("lamp", 100, 90, 190, 300, 1)

    assert choose_carton([tall], CARTONS).parcels[0].carton == SMALL
    upright = choose_carton([replace(tall, keep_upright=True)], CARTONS)
    assert upright.parcels[0].carton == MEDIUM
    assert upright.parcels[0].placements[0].h_mm == 190


def test_weight_including_tare_forces_a_split() -> None:
    bricks = PackItem("brick", 100, 100, 100, 9_000, 5)

    plan = choose_carton([bricks], CARTONS)

    assert sum(quantity for p in plan.parcels for _, quantity in p.contents) == 5
    assert len(plan.parcels) == 3
    assert all(p.carton and p.gross_weight_g <= p.carton.max_weight_g for p in plan.parcels)
    assert plan.statements == ("One carton is not enough: the order ships in 3 cartons.",)


def test_oversized_item_ships_in_its_own_container_beside_the_boxed_ones() -> None:
    plan = choose_carton([PackItem("rug", 1800, 200, 200, 9_000, 2), PackItem("mug", 90, 90, 90, 400, 1)], CARTONS)

    own = [p for p in plan.parcels if p.ships_in_own_container]
    assert [p.outer_mm for p in own] == [(1800, 200, 200)] * 2
    assert plan.statements == ("Item rug fits no carton: 2 pieces ship in their own containers.",)
    assert [p.carton.code for p in plan.parcels if p.carton] == ["S"]


def test_no_cartons_at_all_means_own_containers() -> None:
    plan = choose_carton([PackItem("mug", 90, 90, 90, 400, 1)], ())

    assert plan.parcels[0].ships_in_own_container


def test_exact_fit_of_eight_cubes_and_of_a_mixed_block() -> None:
    cube = CartonType("C", (200, 200, 200), (205, 205, 205), 50, 1.0, 30_000, 10)

    assert len(choose_carton([PackItem("c", 100, 100, 100, 1, 8)], [cube]).parcels) == 1
    mixed = [
        PackItem("slab", 200, 200, 100, 1, 1),
        PackItem("c", 100, 100, 100, 1, 2),
        PackItem("b", 200, 100, 100, 1, 1),
    ]
    assert len(choose_carton(mixed, [cube]).parcels) == 1


def test_same_answer_on_every_run() -> None:
    dice = random.Random(5)  # noqa: S311 - reproducible sample
    items = [
        PackItem(f"i{n}", dice.randint(30, 250), dice.randint(30, 200), dice.randint(10, 120), 300, dice.randint(1, 3))
        for n in range(9)
    ]

    assert choose_carton(items, CARTONS) == choose_carton(items, CARTONS)


def test_bulk_order_is_planned_and_valid() -> None:
    plan = choose_carton([PackItem("a", 100, 50, 20, 100, 1_000)], CARTONS)

    assert sum(q for p in plan.parcels for _, q in p.contents) == 1_000
    # 242 pieces are the most that the largest carton may weigh.
    assert len(plan.parcels) == 5


@pytest.mark.parametrize("sides", [(0, 10, 10), (10, -1, 10)])
def test_impossible_sides_are_refused(sides: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1 mm"):
        PackItem("x", *sides, 10, 1)


def test_empty_order_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to pack"):
        choose_carton([], CARTONS)


def test_validation_finds_each_kind_of_violation() -> None:
    items = [PackItem("a", 100, 100, 100, 500, 2)]
    plan = choose_carton(items, [MEDIUM])
    [parcel] = plan.parcels
    first, second = parcel.placements

    def tampered(**changes: Any) -> None:
        validate_plan(replace(plan, parcels=(replace(parcel, **changes),)), items)

    with pytest.raises(InvalidPackPlan, match="overlap"):
        tampered(placements=(first, replace(first, ref="a")))
    with pytest.raises(InvalidPackPlan, match="exactly"):
        tampered(placements=(first,))
    with pytest.raises(InvalidPackPlan, match="out of its carton"):
        tampered(placements=(first, replace(second, x_mm=350)))
    with pytest.raises(InvalidPackPlan, match="turned"):
        tampered(placements=(first, replace(second, l_mm=90)))
    with pytest.raises(InvalidPackPlan, match="heavier"):
        tampered(gross_weight_g=23_000)


def test_conflicting_pair_is_proven_impossible() -> None:
    # Each alone fits and the volume would do, but along no axis do two of them stand beside each other.
    units = [Unit(0, (60, 60, 60), 1), Unit(1, (60, 60, 60), 1)]

    assert is_impossible(units, (100, 100, 100), 10)
    assert not is_impossible(units, (120, 100, 100), 10)


SIDE = st.integers(1, 420)
ITEMS = st.lists(
    st.builds(
        PackItem,
        ref=st.sampled_from(["a", "b", "c", "d", "e"]),
        l_mm=SIDE,
        w_mm=SIDE,
        h_mm=SIDE,
        weight_g=st.integers(0, 9_000),
        quantity=st.integers(1, 4),
        keep_upright=st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=examples(60))
@given(ITEMS)
def test_every_plan_is_valid_and_complete(items: list[PackItem]) -> None:
    plan = choose_carton(items, CARTONS)

    validate_plan(plan, items)
    assert sum(len(p.placements) for p in plan.parcels) == sum(i.quantity for i in items)
