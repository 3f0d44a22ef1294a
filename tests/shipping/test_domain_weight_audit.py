import random

import pytest

from shipping.domain.weight_audit import (
    AuditOutcome,
    AuditThresholds,
    Expectation,
    ExpectedItem,
    audit,
    expect_weight,
    expected_item,
    expected_item_from_master,
)
from shipping.domain.weight_belief import ItemWeight
from shipping.domain.weight_learning import learn_parcel
from shipping.domain.weight_limits import fit_thresholds
from shipping.domain.weight_packaging import Guess, Noise, Packaging, ScaleSpec, tare_of
from shipping.domain.weight_refit import WeighedParcel, refit

BENCH = ScaleSpec(2.5, 5)
LIMITS = AuditThresholds()


def expectation(*items: ExpectedItem, tare_g: float = 100) -> Expectation:
    return expect_weight(items, tare=Guess(tare_g, 3), scale=BENCH)


def known(ref: str, quantity: int, mean_g: float) -> ExpectedItem:
    return ExpectedItem(ref, quantity, mean_g, unit_sd_g=mean_g * 0.01, mean_sd_g=mean_g * 0.003, is_learned=True)


def test_mean_and_variance_follow_the_documented_sum() -> None:
    item = ExpectedItem("a", 3, 200, unit_sd_g=2, mean_sd_g=4)

    result = expect_weight(
        [item], tare=Guess(100, 3), scale=BENCH, void_ml=2_000, dunnage=Guess(6, 1), label=Guess(8, 1),
        noise=Noise(scale=2, tare=3, dunnage=1, units=0.5),
    )  # fmt: skip

    assert result.mean_g == pytest.approx(3 * 200 + 100 + 12 + 8)
    assert result.variance_g2 == pytest.approx(
        2 * (2.5**2 + 25 / 12 + 2**2) + 3 * 2.5**2 + 3**2 + (0.5 * 3 * 4 + 9 * 16) + 3**2 + (1 * 2) ** 2 + 1
    )


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
    assert "pounds typed as grams" in decision.explanations[0].sentence


def test_light_item_is_stated_as_unseen_instead_of_passed_silently() -> None:
    decision = audit(616, expectation(known("book", 1, 500), known("sticker", 3, 3)), LIMITS)

    assert decision.outcome is AuditOutcome.PASS
    assert decision.unseen_refs == ("sticker",)
    assert decision.caution == "Weight cannot see one piece more or less of: sticker."


def test_doubtful_reading_is_repeated_once_then_held() -> None:
    parcel = expectation(known("a", 1, 400))
    reading = round(parcel.mean_g + 3.2 * parcel.sigma_g)
    score = audit(reading, parcel, LIMITS).score
    limits = AuditThresholds(recheck=score - 0.1, hold=score + 0.1)

    assert audit(reading, parcel, limits).outcome is AuditOutcome.RECHECK
    assert audit(reading, parcel, limits, readings_taken=2).outcome is AuditOutcome.HOLD


def test_a_new_item_whose_entry_may_be_ten_times_too_small_is_counted_once() -> None:
    new = expectation(expected_item_from_master("a", 1, 100))
    sure = expectation(known("a", 1, 100))
    counted = expectation(expected_item(learn_parcel((ItemWeight("a", 100),), new, 1_108)[0], 1))

    assert audit(1_108, new, LIMITS).outcome is AuditOutcome.RECHECK
    assert audit(1_108, new, LIMITS, readings_taken=2).outcome is AuditOutcome.HOLD
    assert audit(1_108, new, LIMITS).explanations[0].kind == "master_unit"
    assert audit(1_108, counted, LIMITS).outcome is AuditOutcome.PASS
    assert audit(1_108, sure, LIMITS).outcome is AuditOutcome.HOLD
    assert audit(108, new, LIMITS).outcome is AuditOutcome.HOLD


def test_unlearned_quantity_widens_with_the_square() -> None:
    one = expectation(expected_item_from_master("a", 1, 300))
    ten = expectation(expected_item_from_master("a", 10, 300))

    assert ten.variance_g2 - 16 > 50 * (one.variance_g2 - 16)


def house() -> Packaging:
    return Packaging({"S": tare_of(100)}, {"B": BENCH})


def teach(weight: ItemWeight, quantity: int, reading_g: float) -> ItemWeight:
    parcel = expectation(expected_item(weight, quantity))
    return learn_parcel([weight], parcel, reading_g)[0]


@pytest.mark.parametrize(
    ("true_g", "master_g", "what"),
    [
        (250, 240, ""),
        (250, 113, "kilograms typed as pounds"),
        (250, 551, "pounds typed as kilograms"),
        (1_000, 100, "a digit missing"),
        (454, 1, "pounds typed as grams"),
        (400, 0, "no weight"),
        (730, 200, "another weight"),
    ],
)
def test_learning_finds_the_true_weight_even_from_a_gross_slip(true_g: float, master_g: int, what: str) -> None:
    dice = random.Random(3)  # noqa: S311 - reproducible sample
    weight = ItemWeight("a", master_g)
    for _ in range(12):
        quantity = dice.randint(1, 3)
        reading = sum(dice.gauss(true_g, true_g * 0.01) for _ in range(quantity)) + dice.gauss(108, 4)
        weight = teach(weight, quantity, 5 * round(reading / 5))
    assert weight.mean_g == pytest.approx(true_g, rel=0.015)
    assert weight.suspicion == what


def test_one_odd_parcel_moves_a_learned_weight_little() -> None:
    weight = ItemWeight("a", 250)
    for _ in range(10):
        weight = teach(weight, 1, 358)

    odd = teach(weight, 1, 608)

    assert odd.mean_g == pytest.approx(250, abs=2)
    assert not odd.suspicion


def test_a_parcel_of_two_unknown_items_names_nobody_until_another_settles_it() -> None:
    beliefs = [ItemWeight("a", 100), ItemWeight("b", 100)]
    odd = expectation(*(expected_item(belief, 1) for belief in beliefs))
    assert learn_parcel(beliefs, odd, 108 + 220 + 100) == tuple(beliefs)

    parcels = [
        WeighedParcel("B", "S", 0, 428, (("a", 1), ("b", 1))),
        WeighedParcel("B", "S", 0, 328, (("a", 1),)),
    ]
    found = refit(parcels, {"a": 100, "b": 100}, house()).items

    assert found["a"].mean_g == pytest.approx(220, rel=0.03)
    assert found["b"].mean_g == pytest.approx(100, rel=0.05)


def test_a_fit_finds_items_and_tares_from_mixed_parcels() -> None:
    dice = random.Random(5)  # noqa: S311 - reproducible sample
    true = {f"i{n}": dice.uniform(60, 900) for n in range(30)}
    master = {ref: round(weight * (10 if ref == "i7" else dice.gauss(1, 0.03))) for ref, weight in true.items()}
    parcels = []
    for _ in range(600):
        lines = tuple((ref, dice.randint(1, 2)) for ref in dice.sample(sorted(true), dice.randint(1, 4)))
        goods = sum(dice.gauss(true[ref], 0.01 * true[ref]) for ref, q in lines for _ in range(q))
        reading = goods + dice.gauss(106, 2.5) + dice.gauss(8, 2) + dice.gauss(0, 2.5)
        parcels.append(WeighedParcel("B", "S", 0, 5 * round(reading / 5), lines))

    fit = refit(parcels, master, house())

    errors = sorted(abs(fit.items[ref].mean_g / weight - 1) for ref, weight in true.items())
    assert errors[-1] < 0.03
    assert errors[15] < 0.006
    assert fit.packaging.tares["S"].mean + fit.packaging.offset("B").mean == pytest.approx(114, abs=2.5)
    assert [item.ref for item in fit.items.values() if item.suspicion] == ["i7"]


def test_nothing_weighed_leaves_the_data_sheets() -> None:
    sheet = house()
    assert refit([], {}, sheet).packaging == sheet


def test_limits_are_quantiles_of_what_right_parcels_scored() -> None:
    assert fit_thresholds([0.0] * 100) == AuditThresholds()
    few_odd = fit_thresholds([-9.0] * 3_960 + [-1.0] * 40)
    assert (few_odd.recheck, few_odd.hold) == (-1.0, -1.0)
    assert fit_thresholds([-9.0] * 4_000).hold == -5.0
    assert fit_thresholds([9.0] * 4_000).hold == 0.0
