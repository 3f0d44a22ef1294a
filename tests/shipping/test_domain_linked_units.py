"""What belongs together shares one carton wherever one holds it; judged by a checker that shares nothing with it."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.domain.carton_plans import InvalidPackPlan, PackItem, PackPlan
from shipping.domain.cartons import choose_carton
from shipping.domain.packing_check import validate_plan
from shipping.domain.plan_costs import Tariff
from shipping.domain.plan_ranking import rank_plans
from tests.plugin.examples import examples
from tests.shipping.test_domain_packing import carton

CARTONS = [carton(f"c{n}", (n, n, n)) for n in (120, 200, 260)]
LARGEST = 260
SIDE = st.integers(20, 200)
LINKED = st.lists(
    st.builds(
        PackItem, ref=st.uuids().map(str), l_mm=SIDE, w_mm=SIDE, h_mm=SIDE, weight_g=st.integers(0, 3_000),
        quantity=st.integers(1, 3), keep_upright=st.booleans(), fragile=st.booleans(),
        kept_apart=st.sampled_from(["", "", "", "hazmat"]), max_load_g=st.one_of(st.none(), st.integers(0, 4_000)),
        own_container=st.sampled_from([False] * 6 + [True]), pack_with=st.sampled_from(["", "red", "blue"]),
    ),
    min_size=2, max_size=8,
)  # fmt: skip


def cube(ref: str, side: int, quantity: int = 1, *, pack_with: str = "") -> PackItem:
    return PackItem(ref, side, side, side, 100, quantity, pack_with=pack_with)


def carton_count(plan: PackPlan, refs: set[str]) -> int:
    return sum(1 for parcel in plan.parcels if parcel.carton and refs & {place.ref for place in parcel.placements})


@settings(max_examples=examples(60), deadline=None)
@given(LINKED)
def test_no_group_is_torn_that_a_carton_holds(items: list[PackItem]) -> None:
    plan = choose_carton(items, CARTONS)

    validate_plan(plan, items)
    groups: defaultdict[tuple[str, str], list[PackItem]] = defaultdict(list)
    for item in items:
        if item.pack_with and not item.own_container:
            groups[item.pack_with, item.kept_apart].append(item)
    excused = {(each.name, each.kept_apart) for each in plan.apart}
    for key, members in groups.items():
        if key not in excused:
            assert carton_count(plan, {item.ref for item in members}) <= 1
            continue
        # In a row they need no search: where that fits, no plan may tear them.
        row = sum(max(item.l_mm, item.w_mm) * item.quantity for item in members)
        weight = sum(item.weight_g * item.quantity for item in members)
        assert row > LARGEST or weight + CARTONS[-1].tare_g > CARTONS[-1].max_weight_g
        alone = choose_carton([replace(item, pack_with="") for item in members], CARTONS)
        assert len(alone.parcels) > 1


@settings(max_examples=examples(60), deadline=None)
@given(LINKED)
def test_whoever_is_packed_apart_is_told_so(items: list[PackItem]) -> None:
    plan = choose_carton(items, CARTONS)

    for name in {item.pack_with for item in items} - {""}:
        refs = {item.ref for item in items if item.pack_with == name}
        parcels = [parcel for parcel in plan.parcels if refs & {place.ref for place in parcel.placements}]
        told = [sentence for sentence in plan.statements if sentence.startswith(f"{name} belongs together, but ")]
        assert [sentence.endswith(f"in {len(parcels)} parcels.") for sentence in told] == [True] * (len(parcels) > 1)


@settings(max_examples=examples(60), deadline=None)
@given(LINKED)
def test_without_groups_nothing_changes(items: list[PackItem]) -> None:
    free = [replace(item, pack_with="") for item in items]
    single = [replace(item, pack_with=item.ref, quantity=1) for item in items]

    assert choose_carton(single, CARTONS) == choose_carton([replace(item, quantity=1) for item in free], CARTONS)
    assert choose_carton(free, CARTONS).apart == ()


def test_a_pair_moves_together_where_the_order_takes_two_cartons() -> None:
    items = [cube("a", 190), cube("b", 60, pack_with="set"), cube("c", 190, pack_with="set"), cube("d", 60)]

    plan = choose_carton(items, [carton("c260", (260, 260, 260))])

    assert len(plan.parcels) == 2
    assert carton_count(plan, {"b", "c"}) == 1
    assert plan.apart == ()
    assert not any("belongs together" in sentence for sentence in plan.statements)


def test_a_set_that_no_carton_holds_is_packed_apart_and_the_plan_says_so() -> None:
    items = [cube("a", 190, pack_with="set"), cube("b", 190, pack_with="set"), cube("c", 50)]

    plan = choose_carton(items, CARTONS)

    [apart] = plan.apart
    assert (apart.name, apart.is_certain) == ("set", True)
    assert "set belongs together, but no carton holds all of it: it travels in 2 parcels." in plan.statements


def test_goods_that_are_kept_apart_stay_so_and_the_rest_of_the_set_is_whole() -> None:
    acid = replace(cube("acid", 50, pack_with="set"), kept_apart="hazmat")
    items = [acid, cube("a", 50, pack_with="set"), cube("b", 50, pack_with="set")]

    plan = choose_carton(items, CARTONS)

    assert carton_count(plan, {"a", "b"}) == 1
    told = "set belongs together, but some of it is kept apart from the rest: it travels in 2 parcels."
    assert told in plan.statements


def test_the_validator_refuses_a_torn_set() -> None:
    items = [cube("a", 190), cube("b", 190)]
    plan = choose_carton(items, CARTONS)

    with pytest.raises(InvalidPackPlan, match="set belongs together and lies in 2 cartons"):
        validate_plan(plan, [replace(item, pack_with="set") for item in items])


def test_no_cheaper_plan_tears_a_set_that_a_carton_holds() -> None:
    dear = replace(carton("c260", (260, 260, 260)), cost_minor=10_000)
    cartons = [carton("c120", (120, 120, 120)), dear]
    free = [cube("a", 110), cube("b", 110)]

    torn = rank_plans(free, cartons, Tariff(None, 0))
    whole = rank_plans([replace(item, pack_with="set") for item in free], cartons, Tariff(None, 0))

    assert {len(ranked.plan.parcels) for ranked in torn} == {1, 2}
    assert {len(ranked.plan.parcels) for ranked in whole} == {1}
