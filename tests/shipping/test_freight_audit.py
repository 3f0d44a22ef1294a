"""What a line should have cost and why it differs: each part of a difference has its cause, and they add up."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping.domain.freight_audit import Bought, Charge, judge_charge, service_key, zone_key
from shipping.domain.rates import Parcel, Quote, rate_parcel
from shipping.domain.sample_rates import sample_rate_cards, sample_zone_charts
from shipping.domain.zones import Place, ZoneChart

ON = date(2026, 11, 24)
CARDS = {card.service: card for card in sample_rate_cards("EUR")}
CHARTS = sample_zone_charts("DE")
HERE, THERE = Place("DE", "10115", is_residential=False), Place("DE", "80331")


def bought(
    service: str = "ground", sides: tuple[int, int, int] = (300, 200, 150), weight_g: int = 2_600,
    chart: ZoneChart | None = CHARTS["swift_parcel"],
) -> Bought:  # fmt: skip
    card, box = CARDS[service], Parcel(sides, weight_g)
    quote = rate_parcel(box, HERE, THERE, card, chart=chart, ship_on=ON)
    assert isinstance(quote, Quote)
    names = frozenset({service_key(service), service_key(f"{card.carrier} {service}")})
    return Bought(quote, card, box, THERE, ON, names, frozenset({"express"}))


def charge(of: Bought, total: int | None = None, **more: object) -> Charge:
    quote = of.quote
    known = {"service": "Ground", "weight_g": Fraction(quote.billed.billed_g), "zone": f"Zone {quote.zone.zone}",
             "surcharges": quote.surcharges}  # fmt: skip
    return Charge(quote.cost_minor if total is None else total, "EUR", **(known | more))  # type: ignore[arg-type]  # values of the fields


def price(of: Bought, *, weight_g: int | None = None, zone: str = "") -> int:
    """What the card gives for another weight or zone, worked out by the ordinary way of prices."""
    card = of.card
    chart = ZoneChart(card.carrier, ON, {("DE", "DE"): zone or of.quote.zone.zone})
    box = Parcel((10, 10, 10), weight_g or of.quote.billed.billed_g)
    quote = rate_parcel(box, HERE, THERE, card, chart=chart, ship_on=ON)
    assert isinstance(quote, Quote)
    return quote.cost_minor


def test_the_price_of_the_card_is_agreed_and_less_is_not_disputed() -> None:
    ours = bought()
    same = judge_charge(charge(ours), ours)
    assert (same.cause, same.expected_minor, same.findings) == ("agreed", ours.quote.cost_minor, ())
    less = judge_charge(charge(ours, ours.quote.cost_minor - 30), ours)
    assert (less.cause, less.disputed_minor(ours.quote.cost_minor - 30)) == ("below", 0)


def test_a_weight_above_ours_is_priced_by_the_card_and_told_in_grams() -> None:
    ours = bought()
    total = price(ours, weight_g=9_000)
    found = judge_charge(charge(ours, total, weight_g=Fraction(8_700), surcharges=()), ours)
    (finding,) = found.findings
    assert (found.cause, finding.amount_minor) == ("weight", total - ours.quote.cost_minor)
    assert "Billed as 9,000 g, 6,000 g more than our 3,000 g (actual); 2,600 g were weighed." in finding.words


def test_a_weight_that_another_divisor_gives_is_dimensional() -> None:
    ours = bought(sides=(400, 300, 200), weight_g=2_600)
    assert ours.quote.billed.basis == "dimensional"
    by_size = bought(sides=(300, 300, 160), weight_g=3_000)
    total = price(by_size, weight_g=4_000)
    found = judge_charge(charge(by_size, total, weight_g=Fraction(4_000), surcharges=()), by_size)
    assert found.cause == "dimensional"
    assert "a divisor of 4,000" in found.findings[0].words


def test_a_wrong_zone_is_told_but_not_where_no_chart_knows_ours() -> None:
    ours = bought()
    far = max((zone for zone in ours.card.zones if zone != "9"), key=lambda zone: price(ours, zone=zone))
    far = far if far != ours.quote.zone.zone else "9"
    total = price(ours, zone=far)
    found = judge_charge(charge(ours, total, zone=f"0{far}"), ours)
    assert (found.cause, found.expected_minor) == ("zone", ours.quote.cost_minor)
    estimated = bought(chart=None)
    assert judge_charge(charge(estimated, total, zone=far), estimated).cause == "agreed"


def test_surcharges_that_the_card_does_not_have_are_named_and_the_rest_is_an_amount() -> None:
    ours = bought()
    strange = (*ours.quote.surcharges, ("PEAK", 350))
    found = judge_charge(charge(ours, ours.quote.cost_minor + 360, surcharges=strange), ours)
    assert [(each.cause, each.amount_minor) for each in found.findings] == [("surcharge", 350), ("amount", 10)]
    assert found.cause == "surcharge"
    assert "PEAK 3.50 EUR" in found.findings[0].words
    plain = judge_charge(charge(ours, ours.quote.cost_minor + 10), ours)
    assert plain.cause == "amount"


def test_another_service_than_was_bought_explains_all_of_it() -> None:
    ours = bought()
    found = judge_charge(charge(ours, 9_999, service="Express"), ours)
    assert (found.cause, found.findings[0].amount_minor) == ("service", 9_999 - ours.quote.cost_minor)
    assert judge_charge(charge(ours, service="SWIFT-PARCEL ground"), ours).cause == "agreed"
    assert judge_charge(charge(ours, service="Premium Gold"), ours).cause == "agreed"


@pytest.mark.parametrize(("told", "key"), [("Zone 05", "5"), ("5", "5"), ("Z5", "5"), ("0", "0"), ("EU-1", "eu1")])
def test_zones_are_recognized_however_they_are_written(told: str, key: str) -> None:
    assert zone_key(told) == key


@given(
    st.integers(1, 100_000), st.integers(0, 40_000), st.sampled_from(["", "1", "4", "8", "9", "X"]),
    st.lists(st.tuples(st.sampled_from(["", "fuel", "PEAK"]), st.integers(0, 2_000)), max_size=2),
)  # fmt: skip
def test_the_parts_of_a_difference_add_up_to_it(
    total: int, weight_g: int, zone: str, extras: list[tuple[str, int]]
) -> None:
    ours = bought()
    told = Charge(total, "EUR", "ground", Fraction(weight_g) if weight_g else None, zone, tuple(extras))
    found = judge_charge(told, ours)
    assert found.expected_minor == ours.quote.cost_minor
    assert sum(each.amount_minor for each in found.findings) == total - ours.quote.cost_minor
    assert found.disputed_minor(total) == max(0, total - ours.quote.cost_minor)
