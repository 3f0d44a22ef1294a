import random
from dataclasses import replace

import pytest

from shipping.domain.weight_audit import (
    AuditOutcome,
    AuditThresholds,
    Expectation,
    ExpectedItem,
    ScaleSpec,
    audit,
    expect_weight,
    expected_item_from_master,
)
from shipping.domain.weight_learning import CleanParcel, item_weight_from_master, update_item_weight

BENCH = ScaleSpec(2.5, 5)
LIMITS = AuditThresholds()


def expectation(*items: ExpectedItem, tare_g: float = 100) -> Expectation:
    return expect_weight(items, tare_g=tare_g, tare_sd_g=3, scale=BENCH)


def known(ref: str, quantity: int, mean_g: float) -> ExpectedItem:
    return ExpectedItem(ref, quantity, mean_g, unit_sd_g=mean_g * 0.01, mean_sd_g=mean_g * 0.003, is_learned=True)


def test_mean_and_variance_follow_the_documented_sum() -> None:
    item = ExpectedItem("a", 3, 200, unit_sd_g=2, mean_sd_g=4)

    result = expect_weight([item], tare_g=100, tare_sd_g=3, scale=BENCH, void_ml=2_000)

    assert result.mean_g == pytest.approx(3 * 200 + 100 + 12 + 8)
    assert result.variance_g2 == pytest.approx((2.5**2 + 25 / 12) + (3 * 4 + 9 * 16) + 9 + 9 + 4)


def test_right_parcel_passes_and_vouches_for_its_items() -> None:
    decision = audit(520, expectation(known("a", 2, 205)), LIMITS)

    assert decision.outcome is AuditOutcome.PASS
    assert decision.is_fully_auditable
    assert decision.explanations == ()
    assert decision.caution is None


def test_missing_piece_is_held_and_named_first() -> None:
    decision = audit(403, expectation(known("a", 2, 205), known("b", 1, 90)), LIMITS)

    assert decision.outcome is AuditOutcome.HOLD
    assert decision.residual_g == pytest.approx(-205)
    assert decision.explanations[0].sentence == "1 x a is missing."


@pytest.mark.parametrize(
    ("reading_g", "sentence"),
    [
        (808 - 500, "1 x shoe is missing."),
        (808 + 200, "1 x belt too many."),
        (808 - 300, "1 x belt was packed instead of shoe."),
        (808 + 90, "Carton L was taken instead of the planned one."),
    ],
)
def test_cause_is_explained(reading_g: int, sentence: str) -> None:
    items = (known("shoe", 1, 500), known("belt", 1, 200))

    decision = audit(reading_g, expectation(*items), LIMITS, other_tares_g=[("S", 60), ("L", 190)])

    assert decision.explanations[0].sentence == sentence
    assert sum(e.probability for e in decision.explanations) <= 1.000001


def test_weight_typed_in_pounds_is_recognized() -> None:
    item = expected_item_from_master("dumbbell", 1, 5)

    decision = audit(2_268 + 108, expectation(item), LIMITS)

    assert decision.explanations[0].kind == "master_unit"
    assert "pounds taken for grams" in decision.explanations[0].sentence


def test_light_item_is_stated_as_unseen_instead_of_passed_silently() -> None:
    decision = audit(616, expectation(known("book", 1, 500), known("sticker", 3, 3)), LIMITS)

    assert decision.outcome is AuditOutcome.PASS
    assert decision.unseen_refs == ("sticker",)
    assert decision.caution == "Weight cannot see one piece more or less of: sticker."


def test_floor_never_hides_a_missing_piece() -> None:
    wide = replace(LIMITS, floor_g=50)
    item = ExpectedItem("ring", 1, 60, unit_sd_g=0.3, mean_sd_g=0.3, is_learned=True)

    assert audit(108, expectation(item), wide).outcome is AuditOutcome.HOLD


def test_doubtful_reading_is_repeated_once_then_held() -> None:
    parcel = expectation(known("a", 1, 400))
    reading = round(parcel.mean_g + 3.2 * parcel.sigma_g)

    assert audit(reading, parcel, LIMITS).outcome is AuditOutcome.RECHECK
    assert audit(reading, parcel, LIMITS, readings_taken=2).outcome is AuditOutcome.HOLD


def test_unlearned_quantity_widens_with_the_square() -> None:
    one = expectation(expected_item_from_master("a", 1, 300))
    ten = expectation(expected_item_from_master("a", 10, 300))

    assert ten.variance_g2 - 16 > 50 * (one.variance_g2 - 16)


def teach(true_g: float, master_g: int, parcels: int, seed: int) -> float:
    dice = random.Random(seed)  # noqa: S311 - reproducible sample
    weight = item_weight_from_master("a", master_g)
    for _ in range(parcels):
        quantity = dice.randint(1, 3)
        reading = sum(dice.gauss(true_g, true_g * 0.01) for _ in range(quantity)) + dice.gauss(108, 4)
        rounded = 5 * round((reading + dice.gauss(0, 2.5)) / 5)
        weight = update_item_weight(weight, CleanParcel(quantity, rounded, 108, 4, BENCH))
    return weight.mean_g


@pytest.mark.parametrize(("true_g", "master_g"), [(250, 240), (250, 113), (250, 551), (1_000, 100)])
def test_learning_finds_the_true_weight_even_from_a_gross_slip(true_g: float, master_g: int) -> None:
    assert teach(true_g, master_g, 30, seed=3) == pytest.approx(true_g, rel=0.015)


def test_one_odd_parcel_moves_a_learned_weight_little() -> None:
    weight = item_weight_from_master("a", 250)
    for _ in range(10):
        weight = update_item_weight(weight, CleanParcel(1, 358, 108, 4, BENCH))

    odd = update_item_weight(weight, CleanParcel(1, 608, 108, 4, BENCH))

    assert abs(odd.mean_g - 250) < 5
    assert not odd.is_master_suspect


def test_gross_slip_is_reported_to_the_catalogue() -> None:
    weight = update_item_weight(item_weight_from_master("a", 100), CleanParcel(2, 600, 108, 4, BENCH))

    assert weight.is_master_suspect
    assert weight.expected(2).is_learned
