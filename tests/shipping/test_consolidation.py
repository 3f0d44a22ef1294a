"""A site keeps hubs, somebody asks for a plan, a worker answers it, and no parcel is changed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kernel.errors import Invalid, NotFound
from shipping import api as shipping
from shipping.consolidation import consolidating
from shipping.consolidation.lane_prices import LaneTerms, PricedLanes
from tests.plugin.databases import FreshDatabase
from tests.shipping.house import TODAY, House, as_manager, build_house, everything, ready

MUNICH = shipping.InjectionHub(
    "MUC-1", "Munich depot", "DE", "85356", "EUR", 500, 1_000, 1_800_000_000, 590_000, 1, "swift_parcel", "ground"
)


@pytest.fixture
def house(fresh_database: FreshDatabase) -> House:
    return build_house()


def keep(house: House, hub: shipping.InjectionHub = MUNICH) -> None:
    as_manager(house, lambda uow: shipping.keep_hub(uow, hub, site_id=house.site))


def loose(number: int, **changes: object) -> shipping.LooseParcel:
    parcel = shipping.LooseParcel(
        f"p{number}", "AT", "1010", 300, 200, 150, 1_500, "standard", TODAY + timedelta(days=30)
    )  # fmt: skip
    return replace(parcel, **changes)  # type: ignore[arg-type]


def ask(house: House, parcels: list[shipping.LooseParcel] | None = None, ship_on: date = TODAY) -> str:
    return as_manager(
        house,
        lambda uow: shipping.ask_for_consolidation(
            uow, site_id=house.site, ship_on=ship_on, currency="EUR", parcels=parcels
        ),
    )


def plan_of(house: House, plan_id: str) -> shipping.ConsolidationPlan:
    return as_manager(house, lambda uow: shipping.get_consolidation(uow, plan_id, site_id=house.site))


def test_parcels_of_a_file_ride_to_the_hub_near_them(house: House) -> None:
    keep(house, replace(MUNICH, code="VIE", name="Vienna", country="AT", postal_code="1230"))
    keep(house, replace(MUNICH, code="FAR", transit_days=60))
    keep(house, replace(MUNICH, code="DEAR", country="AT", postal_code="1230", pallet_minor=9_000_000))
    parcels = [loose(n) for n in range(40)] + [loose(99, promised_on=TODAY + timedelta(days=1))]
    plan_id = ask(house, parcels)
    with pytest.raises(shipping.ConsolidationUnderWay):
        ask(house, parcels)

    assert shipping.answer_consolidation() == 41

    plan = plan_of(house, plan_id)
    assert (plan.state, plan.progress, plan.parcels, plan.source) == ("ready", 100, 41, "file")
    by_code = {hub.code: hub for hub in plan.hubs}
    assert (by_code["VIE"].parcels, by_code["VIE"].pallets, plan.direct_parcels) == (40, 1, 1)
    assert by_code["FAR"].why == "Every parcel would arrive too late."
    assert "a single pallet costs" in by_code["DEAR"].why
    assert 0 < plan.saved_minor == sum(hub.saved_minor for hub in plan.hubs) <= plan.bound_minor
    lines = as_manager(house, lambda uow: shipping.planned_parcels(uow, plan_id, site_id=house.site))
    assert [line.hub for line in lines] == ["VIE"] * 40 + [""]
    assert sum(line.direct_minor for line in lines) == plan.baseline_minor
    last_miles = sum(line.direct_minor - (line.via_minor or line.direct_minor) for line in lines)
    assert plan.saved_minor == last_miles - by_code["VIE"].linehaul_minor


def test_a_plan_of_what_stands_in_the_house_changes_no_parcel(house: House) -> None:
    days = [bought.ship_date for _, bought in ready(house, 2)]
    keep(house)
    before = everything("parcel", "label")

    plan_id = ask(house, ship_on=days[0])
    assert shipping.answer_consolidation() == 2

    assert everything("parcel", "label") == before
    plan = plan_of(house, plan_id)
    assert (plan.state, plan.source, plan.parcels, plan.direct_parcels) == ("ready", "site", 2, 2)
    assert plan.hubs[0].why


def test_nothing_to_plan_says_so_and_a_cancelled_plan_stays_cancelled(house: House) -> None:
    keep(house)
    empty = ask(house)
    assert shipping.answer_consolidation() == 0
    assert "No parcel is ready" in plan_of(house, empty).note

    plan_id = ask(house, [loose(1)])
    as_manager(house, lambda uow: shipping.cancel_consolidation(uow, plan_id, site_id=house.site))
    assert shipping.answer_consolidation() == 0
    assert plan_of(house, plan_id).state == "cancelled"
    with pytest.raises(shipping.ConsolidationOver):
        as_manager(house, lambda uow: shipping.cancel_consolidation(uow, plan_id, site_id=house.site))


def test_whoever_cancels_while_it_is_priced_gets_no_plan(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(house)
    plan_id = ask(house, [loose(1)])
    price = consolidating.price_lanes

    def cancelled(terms: LaneTerms, parcels: tuple[shipping.LooseParcel, ...]) -> PricedLanes:
        as_manager(house, lambda uow: shipping.cancel_consolidation(uow, plan_id, site_id=house.site))
        return price(terms, parcels)

    monkeypatch.setattr(consolidating, "price_lanes", cancelled)
    shipping.answer_consolidation()

    plan = plan_of(house, plan_id)
    assert (plan.state, plan.parcels, plan.is_under_way) == ("cancelled", 0, False)


def test_what_cannot_be_is_refused_and_changes_nothing(house: House) -> None:
    with pytest.raises(Invalid, match="No hub"):
        ask(house, [loose(1)])
    for wrong in (
        replace(MUNICH, code="no"), replace(MUNICH, name=" "), replace(MUNICH, country="Germany"),
        replace(MUNICH, pallet_minor=-1), replace(MUNICH, service="none"), replace(MUNICH, postal_code=""),
        replace(MUNICH, currency="euro"), replace(MUNICH, max_weight_g=0),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            keep(house, wrong)
    keep(house)
    keep(house, replace(MUNICH, name="Munich"))
    for parcel in (loose(1, weight_g=0), loose(1, width_mm=0), loose(1, country="de"), loose(1, service_level="fast")):
        with pytest.raises(Invalid, match="Parcel 1"):
            ask(house, [parcel])
    with pytest.raises(Invalid):
        ask(house, [])
    with pytest.raises(NotFound):
        plan_of(house, "csl_none")
    assert [hub.name for hub in as_manager(house, lambda uow: shipping.injection_hubs(uow, site_id=house.site))] == [
        "Munich"
    ]
    as_manager(house, lambda uow: shipping.drop_hub(uow, "MUC-1", site_id=house.site))
    with pytest.raises(NotFound):
        as_manager(house, lambda uow: shipping.drop_hub(uow, "MUC-1", site_id=house.site))
