from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

import pytest

from kernel.errors import Invalid
from shipping.chart_files import read_zone_chart
from shipping.domain.batch_rates import REFUSED, TooLarge, rate_parcels
from shipping.domain.billed_weight import G_PER_POUND, MM_PER_INCH, DimRule
from shipping.domain.rates import Parcel, Quote, RateCard, rate_parcel
from shipping.domain.sample_rates import sample_rate_cards, sample_zone_charts
from shipping.domain.surcharges import SurchargeRule
from shipping.domain.zones import Place, ZoneChart, find_zone
from shipping.rate_cards import encode_chart

TODAY = date(2026, 11, 24)
BERLIN = Place("DE", "10115", is_residential=False)
CARDS = sample_rate_cards("EUR")
CHARTS = sample_zone_charts("DE")
GROUND = next(card for card in CARDS if card.service == "ground")
LARGE = SurchargeRule("large", "length_plus_girth_over_mm", 2_000, 2_400, group="size", minimum_billed_g=40_000)
BULKY = SurchargeRule("bulky", "volume_over_mm3", 1_500, 60_000_000, group="size")
AREA = SurchargeRule("area", "remote", 310, prefixes=("DE04", "DE21033"), customers="residential")
PEAK = SurchargeRule("peak", "always", 99, effective_from=date(2026, 11, 24), effective_until=date(2026, 12, 24))
SHOP_FUEL = SurchargeRule("shop_fuel", "percent_of_freight", 333, customers="business")
POUNDS = DimRule(Fraction(139), MM_PER_INCH, G_PER_POUND, "nearest", Fraction(1), date(2000, 1, 1))
CLOSE = replace(POUNDS, side_rounding="exact", weight_step=Fraction(1, 2), applies_above=Fraction(1728))


def priced(card: RateCard, parcel: Parcel, place: Place, on: date = TODAY) -> Quote:
    answer = rate_parcel(parcel, BERLIN, place, card, chart=CHARTS[card.carrier], ship_on=on)
    assert isinstance(answer, Quote)
    return answer


def with_rules(*rules: SurchargeRule, card: RateCard = GROUND) -> RateCard:
    return replace(card, surcharges=(*rules, *card.surcharges))


def draw_cases(seed: int, count: int) -> tuple[list[Parcel], list[Place]]:
    draw = Random(seed)  # noqa: S311 - a repeatable draw, no secret
    parcels = [
        Parcel((draw.randint(1, 1_600), draw.randint(1, 700), draw.randint(1, 500)), draw.randint(0, 34_000))
        for _ in range(count)
    ]
    places = [
        Place(draw.choice(("DE", "DE", "PT")), f"{draw.randint(0, 99_999):05d}", is_residential=draw.random() < 0.5)
        for _ in parcels
    ]
    return parcels, places


def test_many_at_once_cost_what_each_costs_alone() -> None:
    rules = (LARGE, BULKY, AREA, PEAK, SHOP_FUEL)
    dims = (None, (POUNDS,), (CLOSE,), ())
    cards = [
        replace(with_rules(*rules[n % 5 :], card=card), service=f"s{n}", dim_rules=card.dim_rules if d is None else d)
        for n, (card, d) in enumerate((card, d) for card in CARDS for d in dims)
    ]
    charts = {carrier: chart for carrier, chart in CHARTS.items() if carrier != "northpost"}
    parcels, places = draw_cases(7, 60)

    quotes = rate_parcels(parcels, BERLIN, places, cards, charts=charts, ship_on=TODAY)

    assert quotes.cost_minor.shape == (60, 24)
    for row, (parcel, place) in enumerate(zip(parcels, places, strict=True)):
        for column, card in enumerate(quotes.cards):
            one = rate_parcel(parcel, BERLIN, place, card, chart=charts.get(card.carrier), ship_on=TODAY)
            told = [quotes.cost_minor, quotes.freight_minor, quotes.billed_g, quotes.transit_days]
            got = [int(values[row, column]) for values in told]
            if isinstance(one, Quote):
                assert got == [one.cost_minor, one.freight_minor, one.billed.billed_g, one.transit_days]
                assert bool(quotes.is_estimated[row, column]) is one.zone.is_estimated
            else:
                assert got == [REFUSED] * 4
    assert {True, False} == set((quotes.cost_minor == REFUSED).ravel().tolist())
    best = quotes.cheapest()
    assert all(quotes.cost_minor[row, best[row]] <= quotes.cost_minor[row].max() for row in range(60) if best[row] >= 0)


def test_what_does_not_fit_whole_numbers_is_refused_and_not_wrong() -> None:
    with pytest.raises(TooLarge):
        rate_parcels([Parcel((3_000_000,) * 3, 1)], BERLIN, [BERLIN], CARDS, charts=CHARTS, ship_on=TODAY)
    with pytest.raises(ValueError, match="one destination"):
        rate_parcels([Parcel((1, 1, 1), 1)], BERLIN, [], CARDS, charts=CHARTS, ship_on=TODAY)
    assert rate_parcels([], BERLIN, [], CARDS, charts=CHARTS, ship_on=TODAY).cost_minor.shape == (0, 6)


def test_oversize_is_billed_at_its_least_weight_and_only_the_dearest_of_a_group_is_charged() -> None:
    long_box, leipzig = Parcel((1_000, 500, 300), 4_000), Place("DE", "04109")
    quote = priced(with_rules(BULKY, LARGE), long_box, leipzig)

    assert (quote.billed.billed_g, quote.billed.basis) == (40_000, "minimum")
    assert dict(quote.surcharges)["large"] == 2_000
    assert "bulky" not in dict(quote.surcharges)
    assert quote.freight_minor > priced(GROUND, long_box, leipzig).freight_minor


def test_a_surcharge_holds_on_its_days_and_for_its_customers_only() -> None:
    small, leipzig = Parcel((300, 200, 100), 900), Place("DE", "04109")
    card = with_rules(AREA, PEAK)

    assert [code for code, _ in priced(card, small, leipzig).surcharges][:2] == ["area", "peak"]
    before = priced(card, small, leipzig, date(2026, 11, 23)).surcharges
    after = priced(card, small, leipzig, date(2026, 12, 25)).surcharges
    assert "peak" not in dict(before) | dict(after)
    assert "area" not in dict(priced(card, small, replace(leipzig, is_residential=False)).surcharges)
    assert "area" not in dict(priced(card, small, Place("DE", "21035")).surcharges)
    assert dict(priced(card, small, Place("DE", "21033")).surcharges)["area"] == 310


CHART = """origin_zip,dest_zip,zone,specific_to_priority_mail
895,100,8,False
895,10001,7,False
895,9002,5,True
895,090,9,False
895,27007,4,False
895,27007,5,False
"""


def test_a_published_chart_is_read_with_its_exceptions_and_rows_of_one_service() -> None:
    chart, conflicts = read_zone_chart(CHART.splitlines(), carrier="post", effective_from=TODAY)
    reno = Place("US", "89501")

    def zone(code: str, service: str = "ground") -> str:
        return find_zone(reno, Place("US", code), chart, service).zone

    assert (zone("10002"), zone("10001")) == ("8", "7")
    assert (zone("09002", "priority"), zone("09002")) == ("5", "9")
    # The chart names two zones for this pair; the farther one is taken, and the row is counted.
    assert (zone("27007"), conflicts) == ("5", 1)
    assert find_zone(reno, Place("US", "30301"), chart).is_estimated
    for code in ("10002", "10001", "09002", "27007", "30301"):
        for service in ("ground", "priority"):
            place = Place("US", code)
            assert chart.seen_from(reno, service).find(place.key) == chart.find(reno, place, service)


def test_a_chart_with_rows_of_one_service_is_stored_with_them() -> None:
    chart, _ = read_zone_chart(CHART.splitlines(), carrier="post", effective_from=TODAY)
    plain = ZoneChart("post", TODAY, chart.zones)

    assert '"of_service":{"priority":[["US895","US09002","5"]]}' in encode_chart(chart)[0]
    assert encode_chart(chart)[1] != encode_chart(plain)[1]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("origin_zip,dest_zip\n895,100\n", "The file has no column zone."),
        ("origin_zip,dest_zip,zone\n895,1OO,8\n", "Line 2: '1OO' is not a postal code."),
        ("origin_zip,dest_zip,zone\n895,100,\n", "Line 2 has no zone."),
        ("origin_zip,dest_zip,zone\n895,100," + 1_001 * "8", "Line 2 is too long."),
        ('origin_zip,"dest_zip",zone\n895,"100,8\n895,', "Line 3: '' is not a postal code."),
    ],
)
def test_a_wrong_chart_is_refused_with_its_line(text: str, detail: str) -> None:
    with pytest.raises(Invalid, match=detail):
        read_zone_chart(text.splitlines(), carrier="post", effective_from=TODAY)
