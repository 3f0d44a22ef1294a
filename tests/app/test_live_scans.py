"""The live crew's scans at the bench and at the dock, and a real user who works in the middle of them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import pytest
from live_days import CALM, let, open_shops, states
from sqlalchemy import text

from app.lanes import run_lane
from app.rooms import SUBSCRIPTIONS
from app.simulators.chance import Chance
from app.simulators.live_bench import TYPED_BECAUSE, LiveBench
from app.simulators.live_crew import Steps
from app.simulators.live_dock import collect
from app.simulators.live_floor import pick
from app.simulators.live_house import LiveHouse
from app.simulators.live_labels import stick_labels
from app.simulators.weights import SCALE
from app.verification import verify_house
from fulfillment.api import board, cancel_order, pack_queue
from kernel.actors import Actor, Role, system
from kernel.db.relay import relay
from kernel.db.transactions import run
from kernel.states import IllegalTransition
from shipping.api import (
    TYPED_REASONS,
    DockUnit,
    LaneDraft,
    LaneView,
    ParcelView,
    audits_of,
    change_lane,
    check_weight,
    close_manifest,
    dock,
    find_parcels,
    load_unit,
    open_container,
    parcel_by_id,
    parcels_to_label,
    sort_lanes,
    stage_parcel,
    unstage_parcel,
    verify_label,
)
from tests.plugin.databases import FreshDatabase

pytestmark = pytest.mark.thorough
T = TypeVar("T")
ORDERS = 6
LEANING_G = 300.0
HOURS = 90
"""Acts enough for the dock to go around more than once."""


class LeaningHand(Chance):
    """Dice by which a hand leans on the scale with `LEANING_G`, which leaves some parcels in doubt."""

    def draws(self, *what: object) -> random.Random:
        return _Leaning(repr(what)) if what[0] == "weight" else super().draws(*what)


class _Leaning(random.Random):
    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 - a hand that always leans alike
        return LEANING_G

    def choice(self, seq: Sequence[T]) -> T:  # type: ignore[override]  # the dice need no other
        return seq[-1]


@pytest.fixture
def picked(fresh_database: FreshDatabase) -> Iterator[LiveHouse]:
    """The house with some orders in totes."""
    with open_shops() as shops:
        let(shops.sell(), ORDERS + 1)
        run_lane("floor")
        let(pick(shops.house, 0), 80)
        yield shops.house


@pytest.fixture
def house(picked: LiveHouse) -> LiveHouse:
    """The house with parcels that weigh right and wait with their labels at the bench of the first packer."""
    pack_all(picked)
    return picked


def pack_all(house: LiveHouse) -> None:
    """Pack and weigh all orders as the first packer; their labels stay at the printer."""
    let(packing(LiveBench(house)), HOURS)
    relay(SUBSCRIPTIONS)
    run_lane("labels")
    relay(SUBSCRIPTIONS)


def packing(bench: LiveBench) -> Steps:
    """Pack and weigh one order after the other as the first packer."""
    house = bench.house
    for order_id in house.see(partial(pack_queue, site_id=house.site_id)):
        yield from bench._pack(packer(house), order_id, {})


def is_in_doubt(parcel: ParcelView) -> bool:
    return parcel.state == "packed" and parcel.weight_g is not None


def packer(house: LiveHouse, number: int = 0) -> Actor:
    return house.person(Role.PACKER, number)


def bare(house: LiveHouse) -> list[ParcelView]:
    return house.see(partial(parcels_to_label, site_id=house.site_id, packer=packer(house).id))


def parcels(house: LiveHouse) -> list[ParcelView]:
    return list(house.see(partial(find_parcels, site_id=house.site_id, limit=200)).items)


def load_by_scan(house: LiveHouse) -> None:
    """Let every lane ask for its scans, onto the lane and onto the truck."""
    for lane in house.see(partial(sort_lanes, site_id=house.site_id)):
        draft = LaneDraft(lane.carrier, requires_staging=True, loads_by_scan=True)
        house.do(house.person(Role.MANAGER), partial(change_lane, lane_id=lane.id, draft=draft))


def count(question: str) -> int:
    return run(system(), lambda uow: uow.session.scalar(text(question)) or 0)


def assert_sound() -> None:
    assert [f.invariant.statement for f in verify_house() if f.violated] == []


def test_each_label_is_scanned_back_on_its_box_by_the_packer(house: LiveHouse) -> None:
    mine = bare(house)
    assert len(mine) == ORDERS
    a_colleague = house.person(Role.MANAGER)
    house.do(
        a_colleague,
        partial(verify_label, tenant_id=mine[1].tenant_id, parcel_id=mine[1].id, scanned=mine[1].tracking_number),
    )
    steps = stick_labels(house, packer(house))
    next(steps)
    first = mine[2]
    house.do(
        a_colleague, partial(verify_label, tenant_id=first.tenant_id, parcel_id=first.id, scanned=first.sscc)
    )  # fmt: skip
    let(steps, 2 * ORDERS)
    assert bare(house) == []
    assert house.refused == {}
    assert count("select count(*) from event where type = 'shipping.label_verified.v1'") == ORDERS
    assert count("select count(distinct verified_by) from label") == 2


def test_who_has_two_labels_in_hand_takes_the_wrong_one_first_and_is_stopped(house: LiveHouse) -> None:
    house.mistakes = replace(CALM, wrong_labels=1.0)
    let(LiveBench(house).pack(0), 3 * ORDERS)
    assert house.refused == {"wrong_label": ORDERS - 1}, "with the last one there is no other in hand"
    assert bare(house) == []


def test_everything_is_scanned_onto_its_truck_before_the_driver_signs(house: LiveHouse) -> None:
    load_by_scan(house)
    house.mistakes = replace(CALM, wrong_trucks=1.0)
    trucks = {parcel.carrier for parcel in parcels(house)}
    assert len(trucks) > 1
    let(collect(house), HOURS)
    relay(SUBSCRIPTIONS)
    assert states(house) == ["SHIPPED"] * ORDERS
    astray = house.refused["wrong_truck"]
    assert 0 < astray < ORDERS, "the last truck of the round has no other beside it"
    assert run(system(), partial(board, site_id=house.site_id)).near_misses_last_hour == astray
    assert count("select count(*) from parcel_stage where loaded_at is not null") == ORDERS
    assert count("select count(*) from label where verified_at is not null") == ORDERS, "the bench is cleared first"
    assert_sound()


def test_a_label_that_came_while_the_driver_waits_is_scanned_before_its_parcel_is_loaded(house: LiveHouse) -> None:
    together = most_of_a_carrier(house)
    carrier, day = together[0].carrier, max(parcel.ship_date for parcel in together if parcel.ship_date)
    closing = partial(close_manifest, site_id=house.site_id, carrier=carrier, ship_date=day)
    house.do(house.person(Role.MANAGER), closing)
    assert len(bare(house)) == ORDERS - len(together), "what is on a manifest is no more the bench's"
    let(collect(house), HOURS)
    assert count("select count(*) from label where verified_at is not null") == ORDERS
    assert count("select count(*) from parcel_stage where loaded_at is not null") == ORDERS


def test_lanes_that_ask_for_no_scan_are_loaded_by_scan_too(house: LiveHouse) -> None:
    let(collect(house), HOURS)
    assert count("select count(*) from parcel_stage where loaded_at is not null") == ORDERS
    assert house.refused == {}


def test_a_user_who_loads_unstages_and_closes_in_the_middle_upsets_nobody(house: LiveHouse) -> None:
    load_by_scan(house)
    mine = parcels(house)
    steps = collect(house)
    let(steps, 2)
    user, manager = packer(house, 1), house.person(Role.MANAGER)
    together = most_of_a_carrier(house)
    carrier = together[0].carrier
    lane = lane_of(house, together[0])
    box = house.do(user, partial(open_container, lane_id=lane.id, kind="pallet"))
    for parcel, target in zip(together, (lane.code, *(box.sscc,) * ORDERS), strict=False):
        house.do(user, partial(stage_parcel, site_id=house.site_id, parcel=parcel.sscc, target=target))
    day = max(parcel.ship_date for parcel in together if parcel.ship_date)
    house.do(manager, partial(close_manifest, site_id=house.site_id, carrier=carrier, ship_date=day))
    house.do(user, partial(load_unit, site_id=house.site_id, unit=together[0].sscc))
    other = next(parcel for parcel in mine if parcel.carrier != carrier)
    its_lane = lane_of(house, other).code
    house.do(user, partial(stage_parcel, site_id=house.site_id, parcel=other.sscc, target=its_lane))
    house.do(user, partial(unstage_parcel, site_id=house.site_id, parcel=other.sscc))
    let(steps, HOURS)
    relay(SUBSCRIPTIONS)
    assert states(house) == ["SHIPPED"] * ORDERS
    assert_sound()


def test_what_a_second_weighing_stopped_stays_behind_and_the_rest_goes(house: LiveHouse) -> None:
    load_by_scan(house)
    most = most_of_a_carrier(house)
    steps = collect(house)
    while not run(system(), lambda uow: parcel_by_id(uow, parcel_id=most[0].id)).manifest_id:
        next(steps)
    house.do(
        packer(house, 1),
        partial(
            check_weight, site_id=house.site_id, parcel=most[0].sscc, reading_g=most[0].expected_g + 5_000,
            scale_code=SCALE, reading_id="R-1",
        ),
    )  # fmt: skip
    let(steps, HOURS)
    relay(SUBSCRIPTIONS)
    left = run(system(), lambda uow: parcel_by_id(uow, parcel_id=most[0].id))
    assert (left.state, left.manifest_id) == ("labelled", None)
    assert states(house) == ["READY_TO_MANIFEST"] + ["SHIPPED"] * (ORDERS - 1)
    assert_sound()


def test_what_was_given_up_on_its_lane_is_taken_off_it(house: LiveHouse) -> None:
    mine = parcels(house)
    sorted_onto = partial(stage_parcel, site_id=house.site_id, parcel=mine[0].sscc, target=lane_of(house, mine[0]).code)
    house.do(packer(house, 1), sorted_onto)
    house.do(
        house.person(Role.SERVICE),
        partial(cancel_order, tenant_id=mine[0].tenant_id, order_id=mine[0].reference, reason="Changed their mind."),
    )
    assert [unit.problem for unit in units(house)].count("voided") == 1
    let(collect(house), HOURS)
    assert units(house) == []
    relay(SUBSCRIPTIONS)
    assert states(house) == ["CANCELLED"] + ["SHIPPED"] * (ORDERS - 1)


def test_what_weighs_doubtful_is_weighed_again(picked: LiveHouse) -> None:
    picked.mistakes = replace(CALM, wrong_weights=1.0, typed_weights=1.0)
    picked.chance = LeaningHand(1)
    pack_all(picked)
    read = [audits_of_parcel(parcel) for parcel in parcels(picked)]
    assert ["RECHECK", "PASS"] in [decisions for decisions, _ in read]
    assert {typed for _, each in read for typed in each} == {TYPED_REASONS[TYPED_BECAUSE]}


def test_who_was_called_away_from_the_scale_is_followed_by_one_more_weighing(picked: LiveHouse) -> None:
    picked.mistakes = replace(CALM, wrong_weights=1.0)
    picked.chance = LeaningHand(1)
    bench = LiveBench(picked)
    for order_id in picked.see(partial(pack_queue, site_id=picked.site_id)):
        steps = bench._pack(packer(picked), order_id, {})
        for _ in steps:
            again = [
                parcel for parcel in parcels(picked) if (parcel.state, parcel.weight_g is None) == ("packed", False)
            ]
            if again:
                break
        else:
            continue
        break
    assert [audits_of_parcel(parcel)[0] for parcel in again] == [["RECHECK"]]
    let(bench._weigh(packer(picked, 1), again[0]), HOURS)
    assert audits_of_parcel(again[0])[0] == ["RECHECK", "PASS"]
    let(bench._weigh(packer(picked, 1), again[0]), HOURS)
    assert audits_of_parcel(again[0])[0] == ["RECHECK", "PASS"], "whoever comes too late is told so"
    assert picked.refused == {IllegalTransition.code: 1}


def audits_of_parcel(parcel: ParcelView) -> tuple[list[str], list[str]]:
    found = run(system(), partial(audits_of, tenant_id=parcel.tenant_id, parcel_id=parcel.id))
    return [each.decision for each in found], [each.typed for each in found]


def most_of_a_carrier(house: LiveHouse) -> list[ParcelView]:
    """Return the parcels of the carrier that takes most of them."""
    by_carrier: dict[str, list[ParcelView]] = {}
    for parcel in parcels(house):
        by_carrier.setdefault(parcel.carrier, []).append(parcel)
    most = max(by_carrier.values(), key=len)
    assert len(most) > 1
    return most


def lane_of(house: LiveHouse, parcel: ParcelView) -> LaneView:
    lanes = house.see(partial(sort_lanes, site_id=house.site_id))
    return next(lane for lane in lanes if lane.carrier == parcel.carrier)


def units(house: LiveHouse) -> list[DockUnit]:
    return list(house.see(partial(dock, site_id=house.site_id)).units)
