from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Invalid, NotFound
from shipping.chart_files import read_zone_chart
from shipping.commands.lay_down_prices import lay_down_rate_card, lay_down_zone_chart
from shipping.domain.rates import RateCard
from shipping.domain.sample_rates import sample_rate_cards
from shipping.domain.surcharges import SurchargeRule
from shipping.queries import prices_of
from shipping.quoting import quote_parcel
from shipping.rate_cards import charts_of, decode_card, encode_card
from shipping.site_terms import terms_of
from tests.shipping.house import NOON, TODAY, House, as_manager, build_house

pytestmark = pytest.mark.usefixtures("database")
GROUND = replace(next(c for c in sample_rate_cards("EUR") if c.service == "ground"), effective_from=TODAY)
PEAK = replace(GROUND, surcharges=(SurchargeRule("peak", "always", 50_000),))
CHART = "origin_zip,dest_zip,zone,specific_to_priority_mail\n101,041,8,False\n101,04109,3,False\n101,04109,1,False\n"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def lay_down(house: House, card: RateCard) -> str:
    return as_manager(house, lambda uow: lay_down_rate_card(uow, site_id=house.site, card=card))


def ground(house: House) -> Any:
    def ask(uow: UnitOfWork) -> Any:
        found, _, _ = quote_parcel(
            uow, site_id=house.site, length_mm=300, width_mm=200, height_mm=100, weight_g=900, country="DE",
            postal_code="04109", residential=True, currency="EUR", service_level="standard", promised_on=None,
        )  # fmt: skip
        return next(quote for quote in found if quote.service == "ground")

    return as_manager(house, ask)


def test_a_card_prices_parcels_from_its_day_on_and_can_be_corrected_until_it_is_over() -> None:
    house = build_house()
    before = ground(house).price_minor
    lay_down(house, replace(PEAK, effective_from=TODAY + timedelta(days=1)))
    assert ground(house).price_minor == before

    lay_down(house, PEAK)
    assert ground(house).price_minor > 50_000
    lay_down(house, GROUND)
    assert ground(house).price_minor == before
    documents = as_manager(house, lambda uow: prices_of(uow, site_id=house.site))
    kept = [card for card in map(decode_card, documents) if (card.service, card.currency) == ("ground", "EUR")]
    assert [card.effective_from.isoformat() for card in kept] == ["2016-01-01", "2026-11-24", "2026-11-25"]
    assert kept[1] == GROUND
    with pytest.raises(Invalid, match="This day is over"):
        lay_down(house, replace(PEAK, effective_from=TODAY - timedelta(days=1)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"zones": {}},
        {"dim_rules": ()},
        {"dim_rules": (replace(GROUND.dim_rules[0], effective_from=TODAY + timedelta(days=1)),)},
        {"dim_rules": (replace(GROUND.dim_rules[0], divisor=0),)},
        {"zones": {"1": replace(GROUND.zones["1"], breaks=((500, 1), (250, 2)))}},
        {"zones": {"1": replace(GROUND.zones["1"], breaks=((500, -1),))}},
        {"zones": {"1": replace(GROUND.zones["1"], transit_days=100_000)}},
        {"zones": {"2": GROUND.zones["1"]}},
        {"surcharges": (SurchargeRule("rebate", "always", -5),)},
        {"surcharges": (SurchargeRule("nul\0", "always", 5),)},
        {"max_side_mm": 0},
        {"currency": "eur"},
    ],
)
def test_a_card_that_could_not_price_is_refused_and_changes_nothing(wrong: dict[str, Any]) -> None:
    house = build_house()
    with pytest.raises(Invalid):
        lay_down(house, replace(GROUND, **wrong))
    assert (
        run(
            system(),
            lambda uow: uow.session.scalar(text("select count(*) from rate_card where valid_from > '2016-01-01'")),
        )
        == 0
    )


def test_only_services_and_carriers_of_the_site_get_prices_and_zones() -> None:
    house = build_house()
    with pytest.raises(NotFound):
        lay_down(house, replace(GROUND, service="teleport"))
    chart, _ = read_zone_chart(CHART.splitlines(), carrier="nobody", effective_from=TODAY, country="DE")
    with pytest.raises(NotFound):
        as_manager(house, lambda uow: lay_down_zone_chart(uow, site_id=house.site, chart=chart))


def test_a_chart_gives_zones_from_its_day_on_with_its_exceptions() -> None:
    house = build_house()
    assert ground(house).price_minor != 0
    chart, conflicts = read_zone_chart(
        CHART.splitlines(), carrier="swift_parcel", effective_from=TODAY, country="DE", priority_service="express"
    )
    as_manager(house, lambda uow: lay_down_zone_chart(uow, site_id=house.site, chart=chart))

    stored = as_manager(house, lambda uow: charts_of(uow, terms_of(uow, house.site), TODAY))["swift_parcel"]
    assert (stored, conflicts) == (chart, 1)
    eighth = replace(GROUND, zones={"3": GROUND.zones["3"]})
    lay_down(house, eighth)
    # Leipzig's own code is in zone 3, so that a card with zone 3 only still takes the parcel there.
    assert ground(house).price_minor > 0


def test_a_document_is_read_back_as_the_card_it_was_and_a_monstrous_number_is_not_read_at_all() -> None:
    document, _ = encode_card(PEAK)
    assert decode_card(document) == PEAK
    for number in ("1e999999999", "1/0", "one", "9" * 41):
        wrong = msgspec.json.decode(document)
        wrong["dim_rules"][0]["divisor"] = number
        with pytest.raises((msgspec.ValidationError, ValueError, ArithmeticError)):
            decode_card(msgspec.json.encode(wrong).decode())
