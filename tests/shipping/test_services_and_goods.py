"""Dangerous goods go by services that take them, and by no other: the rule, the choice, and the refusal."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, product

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Invalid, NotFound
from shipping.api import (
    ACCEPTANCES,
    MODES,
    NOT_STATED,
    Content,
    DangerousGoodsRefused,
    GoodsTerms,
    InjectionHub,
    LooseParcel,
    SavingsFilter,
    carrier_services,
    create_return_label,
    expect_delivery,
    find_savings,
    quotes_of,
    request_label,
    retell_dangerous_goods,
    set_service_goods,
)
from shipping.consolidation.lane_prices import lane_terms, price_lanes
from shipping.domain.dangerous_goods import KINDS, named_goods, refusal_of
from shipping.domain.rates import Parcel
from shipping.domain.zones import Place
from shipping.quoting import quote_many, quote_parcel, soonest_delivery
from tests.shipping.house import ANN, NOON, TODAY, House, assert_sound, build_house, content, everything, pack, weigh

database = pytest.mark.usefixtures("database")
# What each kind needs at least, on the ground and by air.
NEEDS = {
    "excepted": ("excepted", "excepted"),
    "excepted_on_ground": ("excepted", "fully_regulated"),
    "limited_quantities": ("limited_quantities", "limited_quantities"),
    "fully_regulated": ("fully_regulated", "fully_regulated"),
}
EVERY_MIX = list(chain.from_iterable(combinations(KINDS, count) for count in range(len(KINDS) + 1)))


@pytest.fixture
def house() -> Iterator[House]:
    with clock.at(NOON):
        yield build_house()


def goods(kind: str, **changes: int) -> list[Content]:
    return [replace(content(1, **changes), dangerous_goods=kind)]


def state(house: House, accepts: str, mode: str = "ground", *, services: Sequence[str] = ()) -> None:
    def work(uow: UnitOfWork) -> None:
        for each in carrier_services(uow, site_id=house.site):
            if not services or f"{each.carrier}/{each.service}" in services:
                set_service_goods(
                    uow, site_id=house.site, carrier=each.carrier, service=each.service,
                    goods=GoodsTerms(accepts, mode),
                )  # fmt: skip

    run(system(), work)


@pytest.mark.parametrize(("mix", "accepts", "mode"), list(product(EVERY_MIX, ACCEPTANCES, MODES)))
def test_a_service_takes_a_mix_when_it_takes_each_kind_in_it(mix: tuple[str, ...], accepts: str, mode: str) -> None:
    by_air = mode == "air"
    takes = all(ACCEPTANCES.index(NEEDS[kind][by_air]) <= ACCEPTANCES.index(accepts) for kind in mix)
    told = refusal_of(mix, GoodsTerms(accepts, mode))
    assert (told == "") is takes
    if not takes:
        assert told.startswith("It takes by air " if by_air else "It takes ")
        assert "inside: " in told


@pytest.mark.parametrize("mix", EVERY_MIX)
def test_a_service_of_which_nothing_was_stated_goes_on_to_take_everything(mix: tuple[str, ...]) -> None:
    assert refusal_of(mix, GoodsTerms()) == ""


def test_goods_are_named_by_kind() -> None:
    assert named_goods({"limited_quantities": ("B", "A"), "excepted": ()}) == (
        "batteries of special provision 188 (Section II); A, B: limited quantities"
    )


@database
def test_the_choice_passes_over_services_that_do_not_take_the_goods_and_keeps_why(house: House) -> None:
    state(house, "excepted", services=["northpost/economy", "northpost/tracked"])
    state(house, "none", "air", services=["swift_parcel/ground", "swift_parcel/express"])
    plain, limited = pack(house), pack(house, goods("limited_quantities"), "ord_2")
    labels = {}
    for parcel in (plain, limited):
        weigh(house, parcel)
        labels[parcel.id] = run(
            system(), lambda uow, parcel=parcel: request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id)
        )
    assert labels[plain.id].carrier != "cargo_line"
    bought = labels[limited.id]
    assert bought.carrier == "cargo_line"
    assert bought.why.endswith("Cheaper services do not take the dangerous goods inside.")

    quotes = run(system(), lambda uow: quotes_of(uow, tenant_id=house.tenant, parcel_id=limited.id))
    assert [quote.chosen for quote in quotes].count(True) == 1
    refused = {f"{quote.carrier}/{quote.service}": quote.refused for quote in quotes if quote.refused}
    assert set(refused) == {"northpost/economy", "northpost/tracked", "swift_parcel/ground", "swift_parcel/express"}
    assert refused["swift_parcel/express"] == "It takes by air no dangerous goods; inside: limited quantities."
    taken = run(system(), lambda uow: quotes_of(uow, tenant_id=house.tenant, parcel_id=plain.id))
    assert not any(quote.refused for quote in taken)

    [entry] = [row for row in _ledger(house) if row.parcel_id == limited.id]
    assert (entry.baseline, entry.baseline_minor, entry.saved_minor) == ("swift_parcel/ground", None, 0)
    assert entry.baseline_refused == refused["swift_parcel/ground"]
    assert_sound()


def _ledger(house: House) -> Sequence[object]:
    wanted = SavingsFilter(TODAY, TODAY.replace(day=30))
    run(system(), lambda uow: uow.session.execute(text("update label set state = 'purchased'")))
    return run(system(), lambda uow: find_savings(uow, wanted)).items


@database
def test_when_nobody_takes_the_goods_nothing_is_packed_and_the_refusal_names_them(house: House) -> None:
    state(house, "limited_quantities")
    before = everything("parcel", "label")
    with pytest.raises(DangerousGoodsRefused) as refused:
        pack(house, goods("fully_regulated"))
    assert refused.value.detail == "No service of this site takes them (SKU-1: fully regulated dangerous goods)."
    assert "/carrier-services" in refused.value.remedy
    assert refused.value.facts["goods"] == {"fully_regulated": ["SKU-1"]}
    assert len(refused.value.facts["services"]) == 6
    assert everything("parcel", "label") == before


@database
def test_what_becomes_known_after_packing_stops_the_label_before_it_is_bought(house: House) -> None:
    parcel = pack(house)
    weigh(house, parcel)
    state(house, "excepted")
    told = {"tenant_id": house.tenant, "item_id": "itm_1"}
    assert run(system(), lambda uow: retell_dangerous_goods(uow, kind="limited_quantities", **told)) == [parcel.id]
    assert run(system(), lambda uow: retell_dangerous_goods(uow, kind="limited_quantities", **told)) == []
    with pytest.raises(DangerousGoodsRefused):
        run(system(), lambda uow: request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert everything("label")["label"] == []

    state(house, "limited_quantities", services=["northpost/economy"])
    bought = run(system(), lambda uow: request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert (bought.carrier, bought.service) == ("northpost", "economy")
    assert run(system(), lambda uow: retell_dangerous_goods(uow, kind="", **told)) == [], "it has its label"


@database
def test_a_return_label_obeys_the_same_rule(house: House) -> None:
    state(house, "excepted", "air")
    back = {"tenant_id": house.tenant, "site_id": house.site, "reference": "ord_1", "party": "cus_1", "ship_from": ANN}
    with pytest.raises(DangerousGoodsRefused):
        run(system(), lambda uow: create_return_label(uow, contents=goods("excepted_on_ground"), **back))
    assert everything("parcel")["parcel"] == []
    state(house, "excepted", "ground", services=["swift_parcel/ground"])
    parcel = run(system(), lambda uow: create_return_label(uow, contents=goods("excepted_on_ground"), **back))
    label = run(system(), lambda uow: request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert (label.carrier, label.service) == ("swift_parcel", "ground")


@database
def test_prices_and_days_that_are_asked_before_name_only_services_that_take_the_goods(house: House) -> None:
    state(house, "none", "air", services=["swift_parcel/express"])
    box = {"site_id": house.site, "country": "DE", "postal_code": "04109", "currency": "EUR"}
    sides = {"length_mm": 300, "width_mm": 200, "height_mm": 100, "weight_g": 900, "residential": True}
    asked = {"service_level": "express", "promised_on": None, **sides, **box}
    found, _, _ = run(system(), lambda uow: quote_parcel(uow, goods={"excepted": ()}, **asked))
    assert [f"{q.carrier}/{q.service}" for q in found if q.refused] == ["swift_parcel/express"]
    assert found[-1].refused
    ready = {"service_level": "express", "ready_at": NOON, **box}
    plain = run(system(), lambda uow: soonest_delivery(uow, **ready))
    slower = run(system(), lambda uow: soonest_delivery(uow, goods={"excepted": ()}, **ready))
    assert str(slower) > str(plain)
    journey = ready | {"sides_mm": (300, 200, 100), "weight_g": 900, "promised_on": plain}
    assert run(system(), lambda uow: expect_delivery(uow, **journey)).service == "express"
    assert run(system(), lambda uow: expect_delivery(uow, goods={"excepted": ()}, **journey)).service != "express"


@database
def test_many_prices_and_hubs_leave_out_services_that_do_not_take_the_goods(house: House) -> None:
    state(house, "none", services=["northpost/economy"])
    place = Place("DE", "04109", is_residential=True)
    many = run(
        system(),
        lambda uow: quote_many(
            uow, site_id=house.site, currency="EUR", parcels=[(Parcel((300, 200, 100), 900), place)] * 2,
            ship_on=TODAY, goods=[(), ("excepted",)],
        ),
    )  # fmt: skip
    column = [f"{card.carrier}/{card.service}" for card in many.cards].index("northpost/economy")
    assert many.cost_minor[0, column] > 0
    assert many.cost_minor[1, column] == -1

    hub = InjectionHub("LEJ", "Leipzig", "DE", "04109", "EUR", 0, 1, 10**9, 10**6, 0, "northpost", "economy")
    loose = LooseParcel("one", "DE", "04109", 300, 200, 100, 900, "economy")
    terms = run(
        system(), lambda uow: lane_terms(uow, site_id=house.site, hubs=[hub], ship_on=TODAY, currency="EUR")
    )  # fmt: skip
    priced = price_lanes(terms, [loose, replace(loose, reference="two", dangerous_goods=("excepted",))])
    assert priced.taken == (1,)


@database
def test_a_statement_names_one_of_the_choices_and_a_service_of_the_site(house: House) -> None:
    known = {"site_id": house.site, "carrier": "northpost", "service": "economy"}
    with pytest.raises(Invalid) as wrong:
        run(system(), lambda uow: set_service_goods(uow, goods=GoodsTerms(NOT_STATED, ""), **known))
    assert [error.pointer for error in wrong.value.errors] == ["/dangerous_goods", "/mode"]
    with pytest.raises(NotFound):
        run(system(), lambda uow: set_service_goods(
            uow, goods=GoodsTerms("none", "air"), **(known | {"service": "balloon"})
        ))  # fmt: skip
