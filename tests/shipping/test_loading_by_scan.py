"""Lanes that are loaded by scan: the driver's count is what was scanned onto the truck, the rest goes on the next."""

import json
from collections.abc import Iterator

import pypdfium2
import pytest

from kernel import clock
from kernel.actors import system
from kernel.db.transactions import transaction
from shipping.api import (
    LaneDraft,
    LaneView,
    NotAllLoaded,
    ParcelView,
    close_container,
    get_parcel,
    hand_over_manifest,
    load_unit,
    manifest_epcis,
    manifest_pdf,
    open_container,
    open_lane,
    pull_parcel,
    stage_parcel,
    unloaded_parcels,
)
from tests.shipping.house import (
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
    ready,
)

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("parcel", "parcel_stage", "manifest", "manifest_carve_out", "sort_container")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def lane(house: House) -> LaneView:
    draft = LaneDraft("northpost", loads_by_scan=True)
    return as_manager(house, lambda uow: open_lane(uow, site_id=house.site, code="LANE-1", draft=draft))


def staged(house: House, count: int, target: str = "LANE-1") -> list[ParcelView]:
    parcels = [parcel for parcel, _ in ready(house, count)]
    for parcel in parcels:
        as_packer(
            house,
            lambda uow, p=parcel: stage_parcel(uow, site_id=house.site, parcel=p.sscc, target=target),  # type: ignore[misc]
        )
    return parcels


def load(house: House, unit: str) -> int:
    return as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=unit)).parcels


def state_of(parcel: ParcelView) -> tuple[str, str | None]:
    with transaction(system()) as uow:
        found = get_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id)
    return found.state, found.manifest_id


def refused(house: House, manifest: str, *confirmed: str) -> NotAllLoaded:
    before = everything(*TABLES)
    with pytest.raises(NotAllLoaded) as found:
        as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest, left_behind=confirmed))
    assert everything(*TABLES) == before
    return found.value


def test_what_was_not_scanned_onto_the_truck_is_named_and_goes_on_the_next_manifest() -> None:
    house = build_house()
    lane(house)
    first, second, third = staged(house, 3)
    manifest = close(house, "northpost", TODAY)
    assert "None of its 3 parcels" in refused(house, manifest.id).detail
    assert load(house, first.sscc) == 1
    told = refused(house, manifest.id)
    assert told.facts["parcels"] == [{"parcel_id": each.id, "sscc": each.sscc} for each in (second, third)]
    assert "2 of 3 parcels" in told.detail
    assert second.sscc[-6:] in told.detail
    refused(house, manifest.id, second.id)
    refused(house, manifest.id, first.id, second.id, third.id)
    assert load(house, second.sscc) == 1

    gone = as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, left_behind=[third.id]))
    assert gone.parcel_count - gone.pulled == 2
    assert [state_of(each) for each in (first, second)] == [("handed_over", manifest.id)] * 2
    assert state_of(third) == ("labelled", None)
    assert event_types("ord_2")[-1] == "parcel_left_behind"
    with transaction(house.manager) as uow:
        events = json.loads(manifest_epcis(uow, manifest_id=manifest.id))["epcisBody"]["eventList"]
        page = pypdfium2.PdfDocument(manifest_pdf(uow, manifest_id=manifest.id))[0].get_textpage().get_text_bounded()
    assert [each[-18:] for each in events[-1]["epcList"]] == [first.sscc, second.sscc]
    assert page.count("pulled") >= 1
    assert_sound()

    following = close(house, "northpost", TODAY)
    assert following.parcel_count == 1
    assert load(house, third.sscc) == 1
    as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=following.id))
    assert state_of(third) == ("handed_over", following.id)
    assert_sound()


def test_a_container_that_was_not_loaded_stays_with_all_in_it() -> None:
    house = build_house()
    place = lane(house)
    box = as_packer(house, lambda uow: open_container(uow, lane_id=place.id, kind="cage"))
    inside = staged(house, 2, box.sscc)
    as_packer(house, lambda uow: close_container(uow, container_id=box.id))
    (loose,) = staged(house, 1)
    manifest = close(house, "northpost", TODAY)
    load(house, loose.sscc)
    stay = [each.id for each in inside]
    as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, left_behind=stay))
    following = close(house, "northpost", TODAY)
    assert (following.parcel_count, load(house, box.sscc)) == (2, 2)
    as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=following.id))
    assert_sound()


def test_what_was_pulled_is_not_asked_for_and_what_is_loaded_leaves_without_a_word() -> None:
    house = build_house()
    lane(house)
    pulled, goes = staged(house, 2)
    manifest = close(house, "northpost", TODAY)
    load(house, goes.sscc)
    as_manager(house, lambda uow: pull_parcel(uow, tenant_id=house.tenant, parcel_id=pulled.id, reason="cancelled"))
    with transaction(house.manager) as uow:
        assert unloaded_parcels(uow, manifest_ids=[manifest.id]) == {}
    assert "All are loaded" in refused(house, manifest.id, pulled.id).detail
    gone = as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id))
    assert (gone.parcel_count, gone.pulled) == (2, 1)
    assert_sound()


def test_what_was_left_behind_can_be_left_again_and_pulled_from_the_next() -> None:
    house = build_house()
    lane(house)
    stays, first, second = staged(house, 3)
    for goes in (first, second):
        manifest = close(house, "northpost", TODAY)
        if goes is first:
            load(house, first.sscc)
            stay = [stays.id, second.id]
        else:
            load(house, second.sscc)
            stay = [stays.id]
        as_manager(
            house,
            lambda uow, m=manifest.id, s=stay: hand_over_manifest(uow, manifest_id=m, left_behind=s),  # type: ignore[misc]
        )
    last = close(house, "northpost", TODAY)
    as_manager(house, lambda uow: pull_parcel(uow, tenant_id=house.tenant, parcel_id=stays.id, reason="cancelled"))
    assert as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=last.id)).pulled == 1
    assert_sound()
