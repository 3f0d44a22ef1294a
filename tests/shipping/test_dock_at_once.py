"""Many people at the lanes at the same moment, on real PostgreSQL: no parcel is lost, and nobody waits for ever."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import Actor, system
from kernel.db.transactions import transaction
from kernel.errors import Refusal
from shipping.api import (
    ContainerView,
    LaneDraft,
    ParcelView,
    check_weight,
    close_container,
    close_manifest,
    hand_over_manifest,
    load_unit,
    open_container,
    open_lane,
    open_weight_checks,
    set_scale,
    stage_parcel,
    void_parcel,
)
from tests.shipping.house import NOON, TODAY, House, as_manager, as_packer, assert_sound, build_house, ready

pytestmark = [pytest.mark.usefixtures("fresh_database"), pytest.mark.thorough]
LANE = "LANE-1"
Act = Callable[[], None]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def dock(house: House, count: int, boxes: int = 0) -> tuple[list[ParcelView], list[ContainerView]]:
    draft = LaneDraft("northpost", loads_by_scan=True)
    lane = as_manager(house, lambda uow: open_lane(uow, site_id=house.site, code=LANE, draft=draft))
    cages = [as_packer(house, lambda uow: open_container(uow, lane_id=lane.id, kind="cage")) for _ in range(boxes)]
    return [parcel for parcel, _ in ready(house, count)], cages


def once(actor: Actor, refusals: list[str], command: Callable[..., object]) -> None:
    """Run a command in one transaction that is not tried again: a deadlock shows itself."""
    try:
        with transaction(actor, now=NOON) as uow:
            command(uow)
    except Refusal as refusal:
        refusals.append(refusal.code)


def together(*acts: Act) -> None:
    """Run all at the same moment, and raise what any of them raised."""
    barrier = threading.Barrier(len(acts))
    trouble: list[BaseException] = []

    def work(act: Act) -> None:
        barrier.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - a thread's error is raised by the test
            trouble.append(error)

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert trouble == []


def scanning(house: House, parcels: list[ParcelView], target: str, refusals: list[str]) -> Act:
    def act() -> None:
        for parcel in parcels:
            stage = partial(stage_parcel, site_id=house.site, parcel=parcel.sscc, target=target)
            once(house.packer, refusals, stage)

    return act


def rows(statement: str) -> list[tuple[object, ...]]:
    with transaction(system()) as uow:
        return [tuple(row) for row in uow.session.execute(text(statement))]


def test_every_parcel_staged_while_manifests_close_is_on_one_of_them_or_waits_on_its_lane() -> None:
    house = build_house()
    parcels, (cage,) = dock(house, 16, boxes=1)
    refusals: list[str] = []
    closing = partial(close_manifest, site_id=house.site, carrier="northpost", ship_date=TODAY)

    def close_some() -> None:
        for _ in range(4):
            once(house.manager, refusals, closing)

    halves = scanning(house, parcels[:8], LANE, refusals), scanning(house, parcels[8:], cage.sscc, refusals)
    together(*halves, close_some)
    assert set(refusals) <= {"nothing_to_manifest"}
    assert len(rows("select 1 from parcel_stage")) == 16
    once(house.manager, refusals, closing)
    assert len(rows("select 1 from manifest_parcel where staged_at is not null")) == 16
    assert len(rows("select 1 from manifest_parcel where container_id is not null")) == 8
    assert_sound()


def test_a_container_that_is_closed_while_two_scan_into_it_holds_what_both_were_told() -> None:
    house = build_house()
    parcels, (cage,) = dock(house, 12, boxes=1)
    first: list[str] = []
    second: list[str] = []
    closed: list[str] = []
    put_one = partial(stage_parcel, site_id=house.site, parcel=parcels[0].sscc, target=cage.sscc)
    once(house.packer, first, put_one)
    together(
        scanning(house, parcels[1:6], cage.sscc, first),
        scanning(house, parcels[6:], cage.sscc, second),
        partial(once, house.packer, closed, partial(close_container, container_id=cage.id)),
    )
    assert closed == []
    assert set(first + second) <= {"container_sealed"}
    inside = rows("select parcel_id from parcel_stage where container_id is not null")
    assert len(inside) == 12 - len(first) - len(second)
    assert rows("select state from sort_container") == [("closed",)]
    assert_sound()


def test_two_who_swap_parcels_between_containers_never_wait_for_each_other_for_ever() -> None:
    house = build_house()
    parcels, (left, right) = dock(house, 8, boxes=2)
    refusals: list[str] = []
    scanning(house, parcels[:4], left.sscc, refusals)()
    scanning(house, parcels[4:], right.sscc, refusals)()

    def swap(mine: list[ParcelView], first: ContainerView, second: ContainerView) -> Act:
        def act() -> None:
            for box in (second, first) * 3:
                scanning(house, mine, box.sscc, refusals)()

        return act

    together(swap(parcels[:4], left, right), swap(parcels[4:], right, left))
    assert refusals == []
    found = Counter(row[0] for row in rows("select container_id from parcel_stage"))
    assert found == {left.id: 4, right.id: 4}
    assert_sound()


def test_a_parcel_that_is_given_up_while_it_is_staged_never_leaves() -> None:
    house = build_house()
    parcels, (cage,) = dock(house, 10, boxes=1)
    staged: list[str] = []
    voided: list[str] = []

    def give_up() -> None:
        for parcel in parcels[::2]:
            void = partial(void_parcel, tenant_id=house.tenant, parcel_id=parcel.id, reason="cancelled")
            once(house.manager, voided, void)

    together(scanning(house, parcels, cage.sscc, staged), give_up)
    assert voided == []
    assert set(staged) <= {"parcel_stopped"}
    standing = {row[0] for row in rows("select parcel_id from parcel_stage")}
    assert len(standing) == 10 - len(staged)
    assert {parcel.id for parcel in parcels[1::2]} <= standing
    closing = partial(close_manifest, site_id=house.site, carrier="northpost", ship_date=TODAY)
    once(house.manager, voided, closing)
    on_it = {row[0] for row in rows("select parcel_id from manifest_parcel")}
    assert on_it == {parcel.id for parcel in parcels[1::2]}
    assert_sound()


def test_a_parcel_scanned_onto_the_truck_while_it_is_handed_over_leaves_or_stays_but_never_both() -> None:
    house = build_house()
    parcels, _ = dock(house, 6)
    refusals: list[str] = []
    scanning(house, parcels, LANE, refusals)()
    manifest = as_manager(
        house, lambda uow: close_manifest(uow, site_id=house.site, carrier="northpost", ship_date=TODAY)
    )
    as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=parcels[0].sscc))
    stay = [parcel.id for parcel in parcels[3:]]

    def load() -> None:
        for parcel in parcels[1:3]:
            once(house.packer, refusals, partial(load_unit, site_id=house.site, unit=parcel.sscc))

    def leave() -> None:
        once(
            house.manager, refusals, partial(hand_over_manifest, manifest_id=manifest.id, left_behind=stay)
        )  # fmt: skip

    together(load, leave)
    assert set(refusals) <= {"not_all_loaded"}
    if refusals:
        as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, left_behind=stay))
    states = Counter(row[0] for row in rows("select state from parcel"))
    assert states == {"handed_over": 3, "labelled": 3}
    assert_sound()


@pytest.mark.parametrize("boxed", [False, True])
def test_a_parcel_is_stopped_or_loaded_never_both(boxed: bool) -> None:  # noqa: FBT001 - the case
    house = build_house()
    plate = {"name": "", "sd_g": 12.0, "interval_g": 20, "max_g": 60_000, "calibrated_until": TODAY}
    as_manager(house, lambda uow: set_scale(uow, site_id=house.site, code="DOCK-1", **plate))
    parcels, cages = dock(house, 6, boxes=6)
    refusals: list[str] = []
    for parcel, cage in zip(parcels, cages, strict=True):
        target = cage.sscc if boxed else LANE
        stage_it = partial(stage_parcel, site_id=house.site, parcel=parcel.sscc, target=target)
        as_packer(house, stage_it)
        if boxed:
            as_packer(house, partial(close_container, container_id=cage.id))
        check = partial(
            check_weight, site_id=house.site, parcel=parcel.sscc, reading_g=9_000, scale_code="DOCK-1", reading_id="1"
        )
        load = partial(load_unit, site_id=house.site, unit=target if boxed else parcel.sscc)
        together(partial(once, house.packer, refusals, check), partial(once, house.packer, refusals, load))
    checks = as_packer(house, lambda uow: open_weight_checks(uow, site_id=house.site))
    assert len(checks) == len(parcels), "each was stopped, or found when it was loaded already"
    stopped = [each for each in checks if each.outcome == "stopped"]
    assert len(refusals) == len(stopped)
    assert_sound()
