"""Goods in mailers: what the bag goes around, what needs a box, and what a filled bag is billed as."""

import random
from collections.abc import Sequence
from dataclasses import replace
from math import ceil, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.domain.carton_plans import CartonType, InvalidPackPlan, PackItem, Placement
from shipping.domain.carton_space import Dims
from shipping.domain.cartons import choose_carton
from shipping.domain.mailers import filled_mm, shapes_of
from shipping.domain.packing_check import validate_plan
from shipping.domain.packing_proof import decide_fit
from shipping.domain.packing_verdicts import shapes_of as shapes_to_prove
from shipping.domain.plan_costs import Tariff
from shipping.domain.plan_ranking import rank_plans

BOX = CartonType("S", (400, 300, 100), (406, 306, 106), 130, 4.0, 10_000, 50)
LARGE = CartonType("L", (600, 400, 400), (606, 406, 406), 700, 15.0, 25_000, 150)


def mailer(code: str, flat: Dims, cost: int = 9, most_g: int = 3_000) -> CartonType:
    outer = flat[0] + 6, flat[1] + 12, flat[2] + 1
    return CartonType(code, flat, outer, 15, 0.5, most_g, cost, flat)


BAG = mailer("BAG", (350, 260, 60))
TEE = PackItem("tee", 300, 220, 20, 180, 1, mailer_ok=True)


def test_a_shirt_goes_into_the_cheaper_bag_and_is_billed_as_the_bag_lies() -> None:
    plan = choose_carton([TEE], [BOX, BAG])
    (parcel,) = plan.parcels
    assert parcel.carton
    assert (parcel.carton.code, parcel.gross_weight_g, parcel.void_mm3) == ("BAG", 195, 0)
    # Beside the shirt film is left of 25 mm along and 20 mm across on each side, which rises 10 mm to the seam.
    spread = 300 + 2 * sqrt(25**2 - 10**2), 220 + 2 * sqrt(20**2 - 10**2)
    assert parcel.outer_mm == (ceil(spread[0]) + 6, ceil(spread[1]) + 12, 21)
    assert plan.proof == "proven"


@pytest.mark.parametrize(
    ("count", "code"),
    [(2, "BAG"), (3, "S")],
    ids=["260 - 40 leaves the width of a shirt", "with three it is 200 mm wide inside"],
)
def test_what_a_bag_goes_around_gets_less_the_thicker_it_is_filled(count: int, code: str) -> None:
    (parcel,) = choose_carton([replace(TEE, quantity=count)], [BOX, BAG]).parcels
    assert parcel.carton
    assert parcel.carton.code == code


@pytest.mark.parametrize(
    "care",
    [
        {"mailer_ok": False}, {"fragile": True}, {"keep_upright": True}, {"max_load_g": 5_000},
        {"kept_apart": "hazmat"},
    ],
)  # fmt: skip
def test_what_nobody_allowed_or_needs_care_goes_into_a_box(care: dict[str, bool | int | str]) -> None:
    item = replace(TEE, **care)  # type: ignore[arg-type]
    (parcel,) = choose_carton([item], [BOX, BAG]).parcels
    assert parcel.carton == BOX
    (best, *_) = rank_plans([item], [BOX, BAG], Tariff(None, 0))
    assert best.constraint == "needs_box"


def test_one_piece_that_needs_a_box_takes_all_into_the_box() -> None:
    items = [TEE, PackItem("mug", 90, 90, 90, 300, 1)]
    (parcel,) = choose_carton(items, [BOX, BAG]).parcels
    assert parcel.carton == BOX


def test_a_piece_that_only_a_mailer_holds_does_not_share_with_what_needs_a_box() -> None:
    long = PackItem("banner", 640, 40, 30, 200, 1, mailer_ok=True, pack_with="set")
    mug = PackItem("mug", 90, 90, 90, 300, 1, pack_with="set")
    tube = mailer("TUBE", (720, 120, 50))
    plan = choose_carton([long, mug], [BOX, tube])
    assert sorted(parcel.carton.code for parcel in plan.parcels if parcel.carton) == ["S", "TUBE"]
    assert [each.name for each in plan.apart] == ["set"]
    (alone,) = choose_carton([mug], [tube]).parcels
    assert alone.ships_in_own_container


def test_many_go_into_several_mailers_where_there_is_nothing_else() -> None:
    plan = choose_carton([replace(TEE, quantity=9)], [BAG])
    assert [parcel.carton.code for parcel in plan.parcels if parcel.carton] == ["BAG"] * 5
    assert "One carton is not enough: the order ships in 5 parcels." in plan.statements


def test_a_bag_ranks_by_what_it_costs_to_send_as_it_lies() -> None:
    def freight(outer: Dims, _gross_g: int) -> int:
        return outer[0] * outer[1] * outer[2] // 10_000

    ranked = rank_plans([TEE], [BOX, BAG], Tariff(freight, 2))
    assert [each.plan.parcels[0].carton.code for each in ranked if each.plan.parcels[0].carton] == ["BAG", "S"]
    best = ranked[0]
    assert best.costs[0].dunnage_minor == 0
    assert best.costs[0].freight_minor == freight(best.plan.parcels[0].outer_mm, 0)
    dear = [replace(BAG, cost_minor=2_000), BOX]
    assert rank_plans([TEE], dear, Tariff(freight, 2))[0].plan.parcels[0].carton == BOX


def test_a_bag_that_is_passed_over_says_why() -> None:
    thick = PackItem("boot", 330, 250, 90, 900, 1, mailer_ok=True)
    (best, *_) = rank_plans([thick], [BOX, BAG], Tariff(None, 0))
    assert [(each.carton_code, each.constraint) for each in best.passed_over] == [("BAG", "side")]
    heavy = replace(TEE, weight_g=4_000)
    (best, *_) = rank_plans([heavy], [BOX, BAG], Tariff(None, 0))
    assert [(each.carton_code, each.constraint) for each in best.passed_over] == [("BAG", "weight")]


def pieces(*, soft: bool) -> st.SearchStrategy[PackItem]:
    side = st.integers(5, 320)
    return st.builds(
        PackItem, ref=st.sampled_from("abcdef"), l_mm=side, w_mm=side, h_mm=st.integers(2, 60),
        weight_g=st.integers(0, 900), quantity=st.integers(1, 3),
        mailer_ok=st.just(soft) if soft else st.booleans(), fragile=st.booleans() if not soft else st.just(False),
    )  # fmt: skip


def bags() -> st.SearchStrategy[CartonType]:
    flat = st.tuples(st.integers(150, 500), st.integers(150, 400), st.integers(10, 75))
    return flat.map(lambda sides: mailer(f"M{sides[0]}-{sides[1]}-{sides[2]}", sides))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(pieces(soft=False), min_size=1, max_size=5, unique_by=lambda p: p.ref),
    st.lists(bags(), min_size=1, max_size=3, unique_by=lambda c: c.code),
)
def test_every_plan_with_mailers_is_valid_and_the_same_on_every_run(
    items: list[PackItem], mailers: list[CartonType]
) -> None:
    plan = choose_carton(items, [BOX, LARGE, *mailers])
    validate_plan(plan, items)
    assert plan == choose_carton(items, [BOX, LARGE, *mailers])
    needs_box = {item.ref for item in items if item.needs_box}
    for parcel in plan.parcels:
        if parcel.carton and parcel.carton.flat_mm:
            assert not needs_box & {place.ref for place in parcel.placements}
            assert all(outer <= flat + 12 for outer, flat in zip(parcel.outer_mm, parcel.carton.flat_mm, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(pieces(soft=False), min_size=1, max_size=5, unique_by=lambda p: p.ref))
def test_mailers_for_goods_that_need_boxes_change_nothing(items: list[PackItem]) -> None:
    boxed = [replace(item, mailer_ok=False) for item in items]
    assert choose_carton(boxed, [BOX, LARGE]) == choose_carton(boxed, [BOX, LARGE, BAG])


@settings(max_examples=80, deadline=None)
@given(st.integers(20, 300), st.integers(20, 200), st.integers(5, 60))
def test_a_single_piece_goes_in_exactly_when_the_bag_goes_around_it(length: int, width: int, height: int) -> None:
    item = PackItem("a", length, width, height, 100, 1, mailer_ok=True)
    assert BAG.flat_mm
    flat = BAG.flat_mm
    turns = {(a, b, c) for a in (0, 1, 2) for b in (0, 1, 2) for c in (0, 1, 2) if {a, b, c} == {0, 1, 2}}
    sides = (length, width, height)
    goes = any(
        sides[a] + sides[c] <= flat[0] and sides[b] + sides[c] <= flat[1] and sides[c] <= flat[2] for a, b, c in turns
    )
    assert choose_carton([item], [BAG]).parcels[0].ships_in_own_container != goes


@settings(max_examples=80, deadline=None)
@given(st.tuples(st.integers(1, 340), st.integers(1, 250), st.integers(1, 60)))
def test_the_filled_shape_lies_between_the_block_and_the_flat_bag(block: Dims) -> None:
    assert BAG.flat_mm
    length, width, bulge = BAG.flat_mm
    if block[0] + block[2] > length or block[1] + block[2] > width:
        with pytest.raises(ValueError, match="does not go into"):
            filled_mm(BAG, block)
        return
    filled = filled_mm(BAG, block)
    assert block[0] + 6 <= filled[0] <= length + 6
    assert block[1] + 12 <= filled[1] <= width + 12
    assert filled[2] == block[2] + 1 <= bulge + 1
    # The film is not longer than the bag: from seam to block, over it, and to the other seam.
    for side, flat, seams in ((0, length, 6), (1, width, 12)):
        beside = (filled[side] - seams - block[side]) / 2
        assert block[side] + 2 * sqrt(beside**2 + (block[2] / 2) ** 2) >= flat - 1e-9


def test_a_carton_keeps_its_shape() -> None:
    assert filled_mm(BOX, (10, 10, 10)) == BOX.outer_mm
    assert shapes_of(BOX, []) == [BOX]


def wrong_plans() -> Sequence[tuple[str, dict[str, object]]]:
    return (
        ("go around", {"placements": (Placement("tee", 0, 0, 0, 331, 220, 20),)}),
        ("go around", {"placements": (Placement("tee", 0, 0, 0, 300, 241, 20),)}),
        ("bulges", {"placements": (Placement("tee", 0, 0, 0, 200, 100, 61),)}),
        ("room to fill", {"void_mm3": 1}),
        ("told smaller", {"outer_mm": (300, 220, 19)}),
        ("told smaller", {"outer_mm": (300, 232, 21)}),
        ("told smaller", {"outer_mm": (356, 220, 21)}),
    )


@pytest.mark.parametrize(("words", "changes"), wrong_plans())
def test_the_check_refuses_what_the_bag_does_not_hold(words: str, changes: dict[str, object]) -> None:
    plan = choose_carton([TEE], [BAG])
    (parcel,) = plan.parcels
    assert parcel.carton
    # A carton that claims to open wider than the flat bag allows: only the flat sides count.
    roomy = replace(parcel.carton, inner_mm=(900, 900, 900))
    wrong = replace(parcel, carton=roomy, **changes)  # type: ignore[arg-type]
    (place,) = wrong.placements
    item = replace(TEE, l_mm=place.l_mm, w_mm=place.w_mm, h_mm=place.h_mm)
    with pytest.raises(InvalidPackPlan, match=words):
        validate_plan(replace(plan, parcels=(wrong,)), [item])


@pytest.mark.parametrize(
    "care", [{"mailer_ok": False}, {"fragile": True}, {"max_load_g": 1}, {"kept_apart": "chilled"}]
)
def test_the_check_refuses_goods_that_need_a_box(care: dict[str, bool]) -> None:
    plan = choose_carton([TEE], [BAG])
    with pytest.raises(InvalidPackPlan, match="needs a box"):
        validate_plan(plan, [replace(TEE, **care)])  # type: ignore[arg-type]


def test_pieces_beside_each_other_make_one_block_wherever_it_lies() -> None:
    cards = PackItem("card", 150, 100, 10, 50, 4, mailer_ok=True)
    plan = choose_carton([cards], [BAG])
    (parcel,) = plan.parcels
    moved = replace(
        parcel,
        placements=tuple(replace(place, x_mm=place.x_mm + 5, y_mm=place.y_mm + 5) for place in parcel.placements),
    )
    validate_plan(replace(plan, parcels=(moved,)), [cards])


def thin_goods() -> list[PackItem]:
    dice = random.Random(0)  # noqa: S311 - reproducible goods, not cryptography
    return [
        PackItem(
            f"i{n}", dice.randint(60, 150), dice.randint(40, 120), dice.randint(8, 25), 50, 2, mailer_ok=True
        )
        for n in range(6)
    ]  # fmt: skip


def test_many_thin_goods_find_their_way_into_the_bag() -> None:
    roomy = replace(BAG, max_weight_g=9_000)
    plan = choose_carton(thin_goods(), [roomy, LARGE])
    assert [parcel.carton.code for parcel in plan.parcels if parcel.carton] == ["BAG"]


@pytest.mark.thorough
def test_what_is_proven_of_a_bag_makes_it_flatter_and_the_plan_proven() -> None:
    roomy, goods = replace(BAG, max_weight_g=9_000), thin_goods()
    before = choose_carton(goods, [roomy, LARGE])
    assert before.proof == "none"
    assert before.doubts
    verdicts = {inner: decide_fit(shapes_to_prove(units), inner, effort=10) for units, inner in before.doubts}
    after = choose_carton(goods, [roomy, LARGE], recall=lambda _: verdicts)
    validate_plan(after, goods)
    assert after.proof == "proven"
    assert after.parcels[0].outer_mm[2] <= before.parcels[0].outer_mm[2]
