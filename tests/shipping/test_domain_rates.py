from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from shipping.domain.billed_weight import (
    G_PER_POUND,
    MM_PER_INCH,
    DimRule,
    billed_weight,
    pounds_to_g,
    rule_in_force,
)
from shipping.domain.rates import (
    Parcel,
    Quote,
    QuoteRefusal,
    cards_in_force,
    choose_quote,
    freight_minor,
    rate_parcel,
    shop_rates,
)
from shipping.domain.sample_rates import CARGO_LINE, sample_rate_cards, sample_zone_charts
from shipping.domain.zones import Place, ZoneChart, find_zone, great_circle_km

UP = DimRule(Fraction(139), MM_PER_INCH, G_PER_POUND, "up", Fraction(1), date(2025, 8, 18))
NEAREST = replace(UP, side_rounding="nearest", effective_from=date(2000, 1, 1))
POSTAL = replace(UP, divisor=Fraction(166), applies_above=Fraction(1728))
SAO_PAULO = Place("BR", "01310-100")
RIO = Place("BR", "22021-001")
CARDS = sample_rate_cards("BRL")
CHARTS = sample_zone_charts("BR")
FRIDAY = date(2026, 11, 20)
SHOEBOX = Parcel((330, 220, 130), 1_200)


@pytest.mark.parametrize(
    ("mm", "rule", "units"),
    [
        # 11 inches are exactly 279.4 mm: eleven cubed over 139 is 9.58, billed as 10 lb; twelve would be 13 lb.
        (Fraction(2794, 10), UP, 10),
        (Fraction(2795, 10), UP, 13),
        # Both sides of the date on which halves began to round up everywhere.
        (285, NEAREST, 10),
        (285, UP, 13),
        (Fraction(2921, 10), NEAREST, 13),
    ],
)
def test_sides_are_rounded_once_and_exactly(mm: int | Fraction, rule: DimRule, units: int) -> None:
    assert billed_weight((mm, mm, mm), 100, rule).billed_units == units


def test_small_postal_parcel_is_billed_by_actual_weight() -> None:
    twelve = Fraction(3048, 10)

    assert billed_weight((twelve, twelve, twelve), 500, POSTAL).billed_units == 2
    above = billed_weight((twelve, twelve, 305), 500, POSTAL)
    assert (above.billed_units, above.basis) == (12, "dimensional")


def test_whole_pound_is_not_rounded_to_the_next() -> None:
    assert billed_weight((10, 10, 10), 453, UP).billed_units == 1
    assert billed_weight((10, 10, 10), 454, UP).billed_units == 2
    assert billed_weight((10, 10, 10), 453, UP).billed_g == pounds_to_g(1) == 454


def test_rule_changes_on_its_day() -> None:
    assert rule_in_force((NEAREST, UP), date(2025, 8, 17)) == NEAREST
    assert rule_in_force((UP, NEAREST), date(2025, 8, 18)) == UP
    assert rule_in_force((UP,), date(2025, 8, 17)) is None


def test_longest_prefix_wins_and_formula_is_flagged() -> None:
    chart = ZoneChart("x", FRIDAY, {("US890", "US1"): "8", ("US890", "US10001"): "7"})
    reno = Place("US", "89011", 39.53, -119.81)

    assert find_zone(reno, Place("US", "10001"), chart).zone == "7"
    assert not find_zone(reno, Place("US", "10002"), chart).is_estimated
    estimated = find_zone(reno, Place("US", "94105", 37.77, -122.42), chart)
    assert (estimated.zone, estimated.is_estimated) == ("3", True)
    assert find_zone(reno, Place("MX", "01000"), chart).zone == "9"
    assert find_zone(reno, Place("US", "60601"), None).zone == "5"


def test_great_circle_distance_of_a_known_pair() -> None:
    # Paris to London, 343.6 km between the usual city coordinates.
    assert great_circle_km((48.8566, 2.3522), (51.5074, -0.1278)) == pytest.approx(343.6, abs=0.5)


def test_break_is_inclusive_and_heavier_parcels_pay_per_started_kilogram() -> None:
    zone = CARDS[0].zones["1"]
    last_g, last_minor = zone.breaks[-1]

    assert freight_minor(zone, 250) == zone.breaks[0][1]
    assert freight_minor(zone, 251) == zone.breaks[1][1]
    assert freight_minor(zone, last_g) == last_minor
    assert freight_minor(zone, last_g + 1) == last_minor + zone.per_extra_kg_minor


def test_all_quotes_come_back_cheapest_first() -> None:
    quotes = shop_rates(SHOEBOX, SAO_PAULO, RIO, CARDS, charts=CHARTS, ship_on=FRIDAY)

    assert len(quotes) == len(CARDS)
    assert [q.cost_minor for q in quotes] == sorted(q.cost_minor for q in quotes)
    assert {q.currency for q in quotes} == {"BRL"}
    for quote in quotes:
        assert quote.cost_minor == quote.freight_minor + sum(amount for _, amount in quote.surcharges)


def test_promise_is_a_hard_constraint() -> None:
    quotes = shop_rates(SHOEBOX, SAO_PAULO, RIO, CARDS, charts=CHARTS, ship_on=FRIDAY, promised_on=date(2026, 11, 23))

    choice = choose_quote(quotes)

    assert choice.chosen is not None
    assert choice.chosen.service == "express"
    assert choice.chosen.delivery_on == date(2026, 11, 23)
    assert len(choice.losing) == len(quotes) - 1
    assert min(q.cost_minor for q in choice.losing) < choice.chosen.cost_minor


def test_promise_that_none_can_keep_chooses_nothing_but_names_the_fastest() -> None:
    quotes = shop_rates(SHOEBOX, SAO_PAULO, RIO, CARDS, charts=CHARTS, ship_on=FRIDAY, promised_on=FRIDAY)

    choice = choose_quote(quotes)

    assert choice.chosen is None
    assert choice.fastest is not None
    assert choice.fastest.service == "express"
    assert len(choice.losing) == len(quotes)


def test_refusal_says_why() -> None:
    northpost = next(card for card in CARDS if card.carrier == "northpost")

    answer = rate_parcel(
        Parcel((300, 300, 300), 30_001), SAO_PAULO, RIO, northpost, chart=CHARTS["northpost"], ship_on=FRIDAY
    )

    assert answer == QuoteRefusal("northpost", "economy", "The parcel weighs 30001 g; the service takes up to 30000 g.")


def test_freight_line_takes_the_heavy_and_stays_at_home() -> None:
    heavy = Parcel((1_200, 1_000, 900), 250_000)

    quotes = shop_rates(heavy, SAO_PAULO, RIO, CARDS, charts=CHARTS, ship_on=FRIDAY)

    assert {q.carrier for q in quotes} == {CARGO_LINE}
    assert dict(quotes[0].surcharges)["tail_lift"] == 2_500
    assert shop_rates(heavy, SAO_PAULO, Place("PT", "1000"), CARDS, charts=CHARTS, ship_on=FRIDAY) == ()


def test_fuel_is_taken_of_freight_and_earlier_surcharges() -> None:
    ground = next(card for card in CARDS if card.service == "ground")

    quote = rate_parcel(SHOEBOX, SAO_PAULO, RIO, ground, chart=CHARTS["swift_parcel"], ship_on=FRIDAY)

    assert isinstance(quote, Quote)
    assert dict(quote.surcharges)["fuel"] == (6 * (quote.freight_minor + 120) + 50) // 100


def test_later_card_replaces_the_earlier_one_on_its_day() -> None:
    old = CARDS[0]
    new = replace(old, effective_from=date(2026, 12, 1))

    assert cards_in_force((new, old), date(2026, 11, 30)) == (old,)
    assert cards_in_force((new, old), date(2026, 12, 1)) == (new,)
    assert cards_in_force((new,), date(2026, 11, 30)) == ()


def test_currencies_are_never_compared() -> None:
    with pytest.raises(ValueError, match="several currencies"):
        shop_rates(SHOEBOX, SAO_PAULO, RIO, (*CARDS, *sample_rate_cards("USD")), charts=CHARTS, ship_on=FRIDAY)
