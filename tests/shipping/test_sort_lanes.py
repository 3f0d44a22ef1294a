"""Lanes and what stands on them: scans onto the right one, stops at every other, and what a manifest then takes."""

from collections.abc import Callable, Iterator

import pypdfium2
import pytest
from sqlalchemy import text

from kernel import clock
from kernel.access.commands import create_site
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Invalid, NotFound
from kernel.invariants import check
from kernel.states import IllegalTransition
from shipping.api import (
    INVARIANTS,
    ContainerNotReady,
    ContainerSealed,
    LaneDraft,
    LaneNotEmpty,
    LaneTaken,
    LaneView,
    NothingToManifest,
    ParcelStopped,
    ParcelView,
    WrongLane,
    change_lane,
    close_container,
    close_lane,
    container_label_pdf,
    get_container,
    hand_over_manifest,
    load_unit,
    manifest_units,
    open_container,
    open_lane,
    reconcile,
    reopen_container,
    sort_lanes,
    stage_parcel,
    unstage_parcel,
    void_parcel,
)
from tests.shipping.house import (
    ANN,
    NOON,
    TODAY,
    House,
    as_manager,
    as_packer,
    assert_sound,
    build_house,
    close,
    event_types,
    everything,
    pack,
    ready,
    weigh,
)

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("parcel", "parcel_stage", "sort_lane", "sort_lane_rule", "sort_container")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def lane(house: House, code: str, carrier: str = "northpost", *routes: str, requires: bool = True) -> LaneView:
    draft = LaneDraft(carrier, routes=routes, requires_staging=requires)
    return as_manager(house, lambda uow: open_lane(uow, site_id=house.site, code=code, draft=draft))


def stage(house: House, parcel: ParcelView, target: str) -> object:
    return as_packer(house, lambda uow: stage_parcel(uow, site_id=house.site, parcel=parcel.sscc, target=target))


def refused(house: House, why: type[Exception], work: Callable[[UnitOfWork], object]) -> Exception:
    before = everything(*TABLES)
    with pytest.raises(why) as found:
        as_manager(house, work)
    assert everything(*TABLES) == before
    return found.value


def test_lanes_are_opened_changed_and_closed_and_no_two_take_the_same() -> None:
    house = build_house()
    first = lane(house, "lane-1")
    assert (first.code, first.services, first.routes, first.parcels) == ("LANE-1", (), (), 0)
    narrow = lane(house, "LANE-2", "northpost", "de-04", "AT")
    assert narrow.routes == ("DE-04", "AT")
    for code, draft, why in (
        ("LANE-1", LaneDraft("northpost", routes=("FR",)), LaneTaken),
        ("LANE-3", LaneDraft("northpost"), LaneTaken),
        ("LANE-3", LaneDraft("northpost", routes=("AT",)), LaneTaken),
        ("LANE-3", LaneDraft("nobody"), Invalid),
        ("LANE-3", LaneDraft("northpost", services=("teleport",)), Invalid),
        ("LANE-3", LaneDraft("northpost", routes=("Germany",)), Invalid),
        ("lane 3", LaneDraft("northpost", routes=("FR",)), Invalid),
    ):
        refused(house, why, lambda uow, c=code, d=draft: open_lane(uow, site_id=house.site, code=c, draft=d))  # type: ignore[misc]
    changed = as_manager(
        house, lambda uow: change_lane(uow, lane_id=narrow.id, draft=LaneDraft("northpost", routes=("AT",)))
    )
    assert changed.routes == ("AT",)
    as_manager(house, lambda uow: close_lane(uow, lane_id=first.id))
    refused(house, NotFound, lambda uow: close_lane(uow, lane_id=first.id))
    assert lane(house, "LANE-1").id != first.id
    with transaction(house.packer) as uow:
        assert [each.code for each in sort_lanes(uow, site_id=house.site)] == ["LANE-1", "LANE-2"]
    assert_sound()


def test_a_parcel_goes_onto_the_most_specific_lane_and_is_stopped_at_every_other() -> None:
    house = build_house()
    lane(house, "LANE-1")
    near = lane(house, "LANE-2", "northpost", "DE-04")
    ((parcel, bought),) = ready(house)
    assert parcel.ship_to == ANN
    wrong = refused(
        house, WrongLane, lambda uow: stage_parcel(uow, site_id=house.site, parcel=parcel.sscc, target="LANE-1")
    )
    assert (wrong.remedy, wrong.facts) == ("Put it on LANE-2.", {"lane": "LANE-2"})  # type: ignore[attr-defined]
    for scanned in (f"(00){parcel.sscc}", f"]C100{parcel.sscc}", bought.tracking_number.lower(), parcel.sscc):
        staged = as_packer(
            house,
            lambda uow, s=scanned: stage_parcel(uow, site_id=house.site, parcel=s, target="lane-2"),  # type: ignore[misc]
        )
        assert (staged.parcel_id, staged.lane, staged.container) == (parcel.id, "LANE-2", "")
    assert event_types("ord_0").count("parcel_staged") == 1
    with transaction(house.packer) as uow:
        (_, full) = sort_lanes(uow, site_id=house.site)
        assert (full.parcels, full.weight_g, full.oldest_at) == (1, parcel.expected_g, NOON)
    refused(house, LaneNotEmpty, lambda uow: close_lane(uow, lane_id=near.id))
    as_packer(house, lambda uow: unstage_parcel(uow, site_id=house.site, parcel=parcel.sscc))
    refused(house, NotFound, lambda uow: unstage_parcel(uow, site_id=house.site, parcel=parcel.sscc))
    as_manager(house, lambda uow: close_lane(uow, lane_id=near.id))
    assert_sound()


def test_a_parcel_that_does_not_go_is_stopped_with_where_to_take_it() -> None:
    house = build_house()
    lane(house, "LANE-1")
    packed = pack(house, reference="ord_packed")
    held = pack(house, reference="ord_held")
    weigh(house, held, held.expected_g + 900)
    cleared = pack(house, reference="ord_cleared")
    weigh(house, cleared)
    ((given_up, _),) = ready(house)
    as_manager(house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=given_up.id, reason="cancelled"))
    expected = {"not_weighed": packed, "held": held, "label_pending": cleared, "voided": given_up}
    for reason, parcel in expected.items():
        stop = refused(
            house,
            ParcelStopped,
            lambda uow, p=parcel: stage_parcel(uow, site_id=house.site, parcel=p.sscc, target="LANE-1"),  # type: ignore[misc]
        )
        assert stop.facts == {"reason": reason}  # type: ignore[attr-defined]
        assert stop.remedy.startswith("Take it to") or "Take it back to" in stop.remedy  # type: ignore[attr-defined]
    for parcel_code, target in (("nonsense", "LANE-1"), (held.sscc, "")):
        why = NotFound if parcel_code == "nonsense" else ParcelStopped
        refused(
            house,
            why,
            lambda uow, p=parcel_code, t=target: stage_parcel(uow, site_id=house.site, parcel=p, target=t),  # type: ignore[misc]
        )
    assert_sound()


def test_a_manifest_takes_what_stands_on_its_lane_and_the_rest_rolls_to_the_next() -> None:
    house = build_house()
    lane(house, "LANE-1")
    (first, _), (second, _) = ready(house, 2)
    with pytest.raises(NothingToManifest) as nothing:
        close(house, "northpost", TODAY)
    assert nothing.value.facts["left_behind"]["not_staged"] == 2
    stage(house, first, "LANE-1")
    with transaction(house.manager) as uow:
        told = reconcile(uow, site_id=house.site, carrier="northpost", ship_date=TODAY)
    counts = (told.packed, told.audited, told.labelled, told.staged, told.loaded, told.going)
    assert counts == (2, 2, 2, 1, 0, 1)
    assert [(each.parcel_id, each.reason, each.lane) for each in told.differences] == [
        (second.id, "not_staged", "LANE-1")
    ]
    manifest = close(house, "northpost", TODAY)
    assert manifest.parcel_count == told.going
    assert (manifest.reconciliation["not_staged"], manifest.reconciliation["for_a_later_day"]) == (1, 0)
    stage(house, second, "LANE-1")
    assert close(house, "northpost", TODAY).parcel_count == 1
    assert_sound()


def test_reconciliation_names_every_parcel_that_differs() -> None:
    house = build_house()
    first = lane(house, "LANE-1")
    (moved, _), (given_up, _) = ready(house, 2)
    stage(house, moved, "LANE-1")
    stage(house, given_up, "LANE-1")
    as_manager(house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=given_up.id, reason="cancelled"))
    as_manager(house, lambda uow: change_lane(uow, lane_id=first.id, draft=LaneDraft("northpost", routes=("FR",))))
    lane(house, "LANE-2")
    unweighed = pack(house, reference="ord_packed")
    with transaction(house.manager) as uow:
        told = reconcile(uow, site_id=house.site, carrier="northpost", ship_date=TODAY)
    assert {each.parcel_id: (each.reason, each.lane, each.stands_on) for each in told.differences} == {
        moved.id: ("wrong_lane", "LANE-2", "LANE-1"),
        given_up.id: ("to_take_off", "LANE-2", "LANE-1"),
        unweighed.id: ("not_weighed", "", ""),
    }
    assert (told.packed, told.labelled, told.going) == (2, 1, 0)
    assert_sound()


def test_a_site_without_lanes_or_with_lanes_that_ask_nothing_closes_all() -> None:
    house = build_house()
    lane(house, "LANE-1", requires=False)
    ready(house, 2)
    manifest = close(house, "northpost", TODAY)
    assert manifest.parcel_count == 2
    assert "not_staged" not in manifest.reconciliation
    assert_sound()


def test_a_container_is_filled_closed_reopened_and_loaded_by_one_scan() -> None:
    house = build_house()
    place = lane(house, "LANE-1")
    (first, _), (second, _) = ready(house, 1) + ready(house, 1, tenant_id=house.other_tenant)
    box = as_packer(house, lambda uow: open_container(uow, lane_id=place.id, kind="cage"))
    refused(house, ContainerNotReady, lambda uow: close_container(uow, container_id=box.id))
    refused(house, ContainerNotReady, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc))
    stage(house, first, f"(00){box.sscc}")
    closed = as_packer(house, lambda uow: close_container(uow, container_id=box.id))
    assert (closed.state, closed.parcels, closed.weight_g) == ("closed", 1, first.expected_g)
    refused(
        house, ContainerSealed, lambda uow: stage_parcel(uow, site_id=house.site, parcel=second.sscc, target=box.sscc)
    )
    refused(house, ContainerSealed, lambda uow: unstage_parcel(uow, site_id=house.site, parcel=first.sscc))
    refused(house, ContainerSealed, lambda uow: load_unit(uow, site_id=house.site, unit=first.sscc))
    as_packer(house, lambda uow: reopen_container(uow, container_id=box.id))
    stage(house, second, box.sscc)
    as_packer(house, lambda uow: close_container(uow, container_id=box.id))
    with transaction(house.packer) as uow:
        page = pypdfium2.PdfDocument(container_label_pdf(uow, container_id=box.id))[0].get_textpage()
        printed = page.get_text_bounded()
    assert "CAGE" in printed
    assert "2 parcels" in printed
    loaded = as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc))
    assert (loaded.parcels, loaded.lane) == (2, "LANE-1")
    assert as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc)).parcels == 0
    refused(house, IllegalTransition, lambda uow: reopen_container(uow, container_id=box.id))
    manifest = close(house, "northpost", TODAY)
    with transaction(house.manager) as uow:
        units = manifest_units(uow, manifest_ids=[manifest.id])[manifest.id]
        assert (units.containers, units.inside, units.loose, units.loaded) == (1, 2, 0, 2)
    assert_sound()


def test_a_cancelled_parcel_stops_its_container_until_it_is_taken_out() -> None:
    house = build_house()
    place = lane(house, "LANE-1")
    (first, _), (second, _) = ready(house, 2)
    box = as_packer(house, lambda uow: open_container(uow, lane_id=place.id, kind="pallet"))
    for parcel in (first, second):
        stage(house, parcel, box.sscc)
    as_packer(house, lambda uow: close_container(uow, container_id=box.id))
    as_manager(house, lambda uow: void_parcel(uow, tenant_id=house.tenant, parcel_id=first.id, reason="cancelled"))
    stop = refused(house, ContainerNotReady, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc))
    assert stop.facts == {"parcels": [first.sscc]}  # type: ignore[attr-defined]
    as_packer(house, lambda uow: reopen_container(uow, container_id=box.id))
    as_packer(house, lambda uow: unstage_parcel(uow, site_id=house.site, parcel=first.sscc))
    as_packer(house, lambda uow: close_container(uow, container_id=box.id))
    manifest = close(house, "northpost", TODAY)
    as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id))
    with transaction(house.packer) as uow:
        assert get_container(uow, container_id=box.id).state == "loaded"
    assert_sound()


def test_lanes_and_containers_of_another_site_do_not_exist() -> None:
    house = build_house()
    place = lane(house, "LANE-1")
    stranger = Actor("usr_stranger", Role.MANAGER, "Sam", site="sit_other")
    for work in (
        lambda uow: close_lane(uow, lane_id=place.id),
        lambda uow: open_container(uow, lane_id=place.id, kind="bag"),
    ):
        with pytest.raises(NotFound):
            run(stranger, work)
    with transaction(stranger) as uow:
        assert sort_lanes(uow, site_id=house.site) == []


def broken() -> set[str]:
    return run(system(), lambda uow: {each.name for each in INVARIANTS if check(uow, each).violated})


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        ("update parcel_stage set site_id = (select id from site where code = 'dc2')", "shipping.one_place_each"),
        ("update sort_container set carrier = 'swift_parcel'", "shipping.containers_keep_carriers_apart"),
    ],
)
def test_damage_at_the_lanes_is_found_by_the_invariants(damage: str, name: str) -> None:
    house = build_house()
    place = lane(house, "LANE-1")
    ((parcel, _),) = ready(house)
    box = as_packer(house, lambda uow: open_container(uow, lane_id=place.id, kind="bag"))
    stage(house, parcel, box.sscc)
    assert_sound()
    run(system(), lambda uow: create_site(
        uow, code="dc2", name="House Two", time_zone="Europe/Berlin", country="DE", company_prefix="4054321",
        street="Lagerweg 2", city="Berlin", postal_code="10115",
    ))  # fmt: skip
    with transaction(system()) as uow:
        uow.session.execute(text(damage))
    assert broken() == {name}


def test_a_manifest_that_forgot_to_look_at_the_lanes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    house = build_house()
    place = lane(house, "LANE-1")
    ready(house)
    monkeypatch.setattr("shipping.commands.close_manifest._going", lambda *given: [(row, place.id) for row in given[3]])
    close(house, "northpost", TODAY)
    assert broken() == {"shipping.staged_before_manifested"}
