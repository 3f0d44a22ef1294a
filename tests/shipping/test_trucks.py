"""What goes on which truck, what is stopped at its door, and what comes off again before the driver leaves."""

from collections.abc import Iterator
from functools import partial

import pytest

from kernel import clock
from kernel.actors import system
from kernel.db.transactions import transaction
from shipping.api import (
    ContainerSealed,
    DockUnit,
    LaneDraft,
    LaneView,
    ParcelStopped,
    ParcelView,
    TruckView,
    WrongTruck,
    close_container,
    dock,
    get_container,
    hand_over_manifest,
    load_unit,
    open_container,
    open_lane,
    stage_parcel,
    unload_unit,
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
    everything,
    ready,
)

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("parcel_stage", "sort_container")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def lane(house: House) -> LaneView:
    draft = LaneDraft("northpost", loads_by_scan=True)
    return as_manager(house, partial(open_lane, site_id=house.site, code="LANE-1", draft=draft))


def staged(house: House, count: int, target: str = "LANE-1") -> list[ParcelView]:
    parcels = [parcel for parcel, _ in ready(house, count)]
    for parcel in parcels:
        as_packer(house, partial(stage_parcel, site_id=house.site, parcel=parcel.sscc, target=target))
    return parcels


def seen(house: House) -> tuple[list[TruckView], dict[str, DockUnit]]:
    with transaction(house.packer) as uow:
        found = dock(uow, site_id=house.site)
    return list(found.trucks), {unit.sscc: unit for unit in found.units}


def load(house: House, unit: str, truck: str = "") -> int:
    return as_packer(house, partial(load_unit, site_id=house.site, unit=unit, truck=truck)).parcels


def unload(house: House, unit: str) -> int:
    return as_packer(house, partial(unload_unit, site_id=house.site, unit=unit)).parcels


def test_a_site_where_nothing_stands_has_no_trucks() -> None:
    house = build_house()
    assert seen(house) == ([], {})
    ready(house, 1)
    trucks, units = seen(house)
    assert trucks == []
    assert [(unit.problem, unit.truck) for unit in units.values()] == [("not_staged", "")]


def test_a_truck_counts_parcels_and_says_why_a_unit_does_not_go_yet() -> None:
    house = build_house()
    place = lane(house)
    box = as_packer(house, partial(open_container, lane_id=place.id, kind="cage"))
    inside = staged(house, 2, box.sscc)
    (loose,) = staged(house, 1)
    (truck,), units = seen(house)
    assert (truck.id, truck.manifest_id, truck.lanes) == ("northpost", "", ("LANE-1",))
    assert (truck.loaded, truck.parcels) == (0, 3)
    assert (units[box.sscc].problem, units[box.sscc].parcels) == ("open", 2)
    assert [units[each.sscc].problem for each in inside] == ["in_container"] * 2
    as_packer(house, partial(close_container, container_id=box.id))
    manifest = close(house, "northpost", TODAY)
    load(house, box.sscc, "northpost")
    (truck,), units = seen(house)
    assert (truck.id, truck.loaded, truck.parcels) == (manifest.id, 2, 3)
    assert units[box.sscc].loaded_at == NOON
    assert (units[loose.sscc].problem, units[loose.sscc].loaded_at) == ("", None)
    load(house, loose.sscc, manifest.id)
    as_manager(house, partial(hand_over_manifest, manifest_id=manifest.id))
    assert seen(house) == ([], {})
    assert_sound()


def test_what_goes_with_another_truck_is_stopped_and_nothing_changes() -> None:
    house = build_house()
    lane(house)
    staged(house, 1)
    manifest = close(house, "northpost", TODAY)
    (late,) = staged(house, 1)
    before = everything(*TABLES)
    for truck, words in ((manifest.id, "on no manifest yet"), ("swift_parcel", "goes with northpost")):
        with pytest.raises(WrongTruck) as stop:
            load(house, late.sscc, truck)
        assert words in stop.value.detail
        assert stop.value.facts["truck"] == "northpost"
    assert everything(*TABLES) == before
    assert load(house, late.sscc, "northpost") == 1


def test_a_unit_comes_off_the_truck_until_the_driver_has_it() -> None:
    house = build_house()
    place = lane(house)
    box = as_packer(house, partial(open_container, lane_id=place.id, kind="pallet"))
    inside = staged(house, 2, box.sscc)
    as_packer(house, partial(close_container, container_id=box.id))
    (loose,) = staged(house, 1)
    manifest = close(house, "northpost", TODAY)
    assert (unload(house, box.sscc), unload(house, loose.sscc)) == (0, 0)
    empty = everything(*TABLES)
    load(house, box.sscc)
    load(house, loose.sscc)
    with pytest.raises(ContainerSealed):
        unload(house, inside[0].sscc)
    assert (unload(house, box.sscc), unload(house, loose.sscc)) == (2, 1)
    assert everything(*TABLES) == empty
    with transaction(system()) as uow:
        assert get_container(uow, container_id=box.id).state == "closed"
    load(house, box.sscc)
    load(house, loose.sscc)
    as_manager(house, partial(hand_over_manifest, manifest_id=manifest.id))
    gone = everything(*TABLES)
    for unit in (box.sscc, loose.sscc):
        with pytest.raises(ParcelStopped):
            unload(house, unit)
    assert everything(*TABLES) == gone
    assert_sound()
