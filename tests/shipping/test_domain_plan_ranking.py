import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from shipping.domain.carton_plans import CartonType, PackItem, PackPlan
from shipping.domain.carton_splits import cheaper_split
from shipping.domain.cartons import choose_carton
from shipping.domain.pack_pieces import fitting_no_carton
from shipping.domain.packing_check import validate_plan
from shipping.domain.packing_words import level_of, orientation_of, place_of
from shipping.domain.piece_sizes import find_slip
from shipping.domain.plan_costs import Tariff, carton_price, plan_cost
from shipping.domain.plan_ranking import MOST_PLANS, RankedPlan, rank_plans

SMALL = CartonType("S", (200, 150, 100), (206, 156, 106), 80, 3.0, 5_000, 30)
MEDIUM = CartonType("M", (400, 300, 200), (408, 308, 208), 250, 8.0, 22_000, 80)
LARGE = CartonType("L", (600, 400, 400), (610, 410, 410), 700, 15.0, 25_000, 150)
CARTONS = (SMALL, MEDIUM, LARGE)
NOTHING_ELSE = Tariff(None, 0)


def codes(ranked: RankedPlan) -> list[str]:
    return [parcel.carton.code for parcel in ranked.plan.parcels]


def test_plans_are_ranked_by_what_they_cost_and_the_cheapest_has_no_constraint() -> None:
    found = rank_plans([PackItem("mug", 90, 90, 100, 400, 1)], CARTONS, NOTHING_ELSE)

    assert [codes(each) for each in found] == [["S"], ["M"], ["L"]]
    assert [each.total_minor for each in found] == [30, 80, 150]
    assert (found[0].constraint, found[0].passed_over, found[0].plan.proof) == ("none", (), "proven")


@pytest.mark.parametrize(
    ("item", "constraint"),
    [
        (PackItem("rod", 300, 40, 40, 300, 1), "side"),
        (PackItem("iron", 100, 100, 50, 4_950, 1), "weight"),
        (PackItem("cube", 100, 100, 100, 100, 4), "room"),
        (PackItem("lamp", 100, 90, 190, 300, 1, keep_upright=True), "keep_upright"),
        (PackItem("disk", 110, 110, 60, 300, 2), "arrangement"),
    ],
)
def test_a_plan_says_which_constraint_kept_it_out_of_the_cheaper_carton(item: PackItem, constraint: str) -> None:
    found = rank_plans([item], CARTONS, Tariff(lambda *_: 300, 0))[0]

    assert codes(found) == ["M"]
    assert found.constraint == constraint
    assert [each.carton_code for each in found.passed_over] == ["S"]


def test_two_small_parcels_go_where_one_large_one_is_dearer_to_send() -> None:
    def freight(outer: tuple[int, int, int], gross_g: int) -> int | None:
        return 300 if max(outer) < 300 else 5_000

    found = rank_plans([PackItem("cube", 100, 100, 100, 100, 4)], CARTONS, Tariff(freight, 0))

    assert set(codes(found[0])) == {"S"}
    assert found[0].total_minor < found[1].total_minor
    assert found[0].constraint == "room"


def test_the_bench_splits_where_that_costs_less_and_does_not_search_where_it_cannot() -> None:
    items = [PackItem("cube", 100, 100, 100, 100, 4)]
    searched: list[int] = []

    def choose(cartons: Sequence[CartonType]) -> PackPlan:
        searched.append(len(cartons))
        return choose_carton(items, cartons)

    def split(small: int, large: int, tiny: int) -> PackPlan | None:
        tariff = Tariff(lambda outer, _gross_g: tiny if max(outer) < 100 else small if max(outer) < 300 else large, 0)
        searched.clear()
        return cheaper_split(items, CARTONS, tariff, one, choose)

    one = choose_carton(items, [carton for carton in CARTONS if carton.code != "S"])
    assert len(one.parcels) == 1
    found = split(300, 5_000, 300)
    assert found is not None
    assert len(found.parcels) > 1
    assert found.statements == (f"{len(found.parcels)} parcels cost less than one on this way.",)
    validate_plan(found, items)
    assert split(4_900, 5_000, 4_900) is None
    assert searched == []
    assert split(2_600, 5_000, 100) is None
    assert len(searched) == 1


def test_a_split_is_never_dearer_and_is_found_where_the_ranking_finds_one() -> None:
    dice = random.Random(11)  # noqa: S311 - reproducible examples, not cryptography
    splits = 0
    for _ in range(60):
        items = [
            PackItem(
                f"i{n}", dice.randint(20, 250), dice.randint(20, 150), dice.randint(10, 100), dice.randint(10, 2_000),
                dice.randint(1, 3), dice.random() < 0.2, dice.random() < 0.2,
            )
            for n in range(dice.randint(1, 4))
        ]  # fmt: skip
        step, base = dice.randint(0, 40), dice.randint(0, 400)
        tariff = Tariff(lambda outer, gross_g, s=step, b=base: b + s * max(outer) // 10 + gross_g // 50, 2)
        choose = partial(choose_carton, items, price=carton_price(items, tariff))
        plan = choose(CARTONS)
        found = cheaper_split(items, CARTONS, tariff, plan, choose)
        best = rank_plans(items, CARTONS, tariff)
        if found is not None:
            splits += 1
            validate_plan(found, items)
        several = [each.total_minor for each in best if len(each.plan.parcels) > 1]
        one = plan_cost(plan, tariff)
        assert one is not None
        if len(plan.parcels) == 1:
            assert (found is not None) == bool(several and several[0] < one)
            assert found is None or plan_cost(found, tariff) == several[0]
    assert splits > 3


def test_empty_room_costs_and_what_nobody_takes_is_no_plan() -> None:
    mug = [PackItem("mug", 90, 90, 100, 400, 1)]

    filled = rank_plans(mug, CARTONS, Tariff(None, 10))[0]
    assert filled.costs[0].dunnage_minor == 22
    assert rank_plans(mug, CARTONS, Tariff(lambda *_: None, 0)) == []
    only_small = rank_plans(mug, CARTONS, Tariff(lambda outer, _: 500 if max(outer) < 300 else None, 0))
    assert [codes(each) for each in only_small] == [["S"]]


def test_goods_kept_apart_are_told_as_the_constraint() -> None:
    apart = [PackItem("mug", 90, 90, 100, 400, 1), PackItem("acid", 90, 90, 100, 400, 1, kept_apart="hazmat")]

    assert rank_plans(apart, CARTONS, NOTHING_ELSE)[0].constraint == "kept_apart"


def test_a_piece_larger_than_every_carton_is_found() -> None:
    items = [PackItem("mug", 90, 90, 100, 400, 1), PackItem("pole", 2_000, 30, 30, 900, 1)]

    assert [item.ref for item in fitting_no_carton(items, CARTONS)] == ["pole"]


def test_every_ranked_plan_is_sound_and_the_same_on_every_run() -> None:
    dice = random.Random(7)  # noqa: S311 - reproducible examples, not cryptography
    for _ in range(25):
        items = [
            PackItem(
                f"i{n}", dice.randint(20, 200), dice.randint(20, 150), dice.randint(10, 100), dice.randint(10, 900),
                dice.randint(1, 3), dice.random() < 0.2, dice.random() < 0.2,
            )
            for n in range(dice.randint(1, 4))
        ]  # fmt: skip
        found = rank_plans(items, CARTONS, Tariff(None, 3))
        assert 1 <= len(found) <= MOST_PLANS
        for each in found:
            validate_plan(each.plan, items)
        totals = [each.total_minor for each in found]
        assert totals == sorted(totals)
        assert found == rank_plans(items, CARTONS, Tariff(None, 3))


@pytest.mark.parametrize(
    ("piece", "slip"),
    [
        ((120, 90, 100, 350), ""),
        ((1, 1, 1, 1), ""),
        ((2, 2, 2, 1), ""),
        ((30, 30, 2, 40), ""),
        ((600, 600, 600, 300), ""),
        ((0, 90, 100, 350), "no size"),
        ((120, 90, 100, 0), "nothing weighs"),
        ((12, 9, 10, 350), "denser than any metal"),
        ((120, 90, 100, 1), "lighter than air"),
        ((120_000, 90, 100, 350), "millimeters"),
        ((1_200, 900, 1_000, 3_500_000), "grams"),
    ],
)
def test_slips_of_units_are_found(piece: tuple[int, int, int, int], slip: str) -> None:
    assert (slip in find_slip(*piece)) if slip else find_slip(*piece) == ""


def test_words_say_how_and_where_a_piece_lies() -> None:
    assert [orientation_of((120, 80, 200), placed) for placed in ((120, 80, 200), (200, 120, 80), (80, 200, 120))] == [
        "upright", "flat", "on its side",
    ]  # fmt: skip
    assert orientation_of((200, 80, 120), (80, 120, 200)) == "on end"
    assert orientation_of((50, 50, 50), (50, 50, 50)) == ""
    room = (300, 300, 300)
    assert place_of((0, 0, 0), (90, 90, 90), room) == "in the left rear corner"
    assert place_of((210, 210, 0), (90, 90, 90), room) == "in the right front corner"
    assert place_of((0, 0, 0), (90, 300, 90), room) == "at the left side"
    assert place_of((0, 0, 0), (300, 90, 90), room) == "at the rear"
    assert place_of((0, 0, 0), (300, 300, 90), room) == "in the middle"
    assert level_of(0, []) == "on the bottom"
    assert level_of(90, ["MUG", "MUG", "BOX"]) == "on top of MUG and BOX"


def test_a_piece_that_needs_care_and_fits_a_carton_is_not_told_to_fit_none() -> None:
    lamp = PackItem("lamp", 100, 90, 80, 300, 1, keep_upright=True, fragile=True, max_load_g=0)
    box = CartonType("box", (200, 100, 100), (206, 106, 106), 50, 1.0, 5_000, 30)

    assert fitting_no_carton([lamp], [box]) == []
    assert fitting_no_carton([replace(lamp, h_mm=110)], [box]) == [replace(lamp, h_mm=110)]
    assert fitting_no_carton([replace(lamp, h_mm=110, own_container=True)], [box]) == []
