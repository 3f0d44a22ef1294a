"""Containers and the manifests of what is in them: what is kept at the closing, and who is in with whom."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from shipping.api import (
    ContainerNotReady,
    ContainerSealed,
    ContainerView,
    LaneDraft,
    ParcelView,
    close_container,
    hand_over_manifest,
    load_unit,
    manifest_epcis,
    manifest_units,
    manifest_x12,
    open_container,
    open_lane,
    pull_parcel,
    reconcile,
    reopen_container,
    stage_parcel,
    unstage_parcel,
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
TOMORROW = TODAY + timedelta(days=1)
TABLES = ("parcel", "parcel_stage", "sort_container")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def cage(house: House, *, requires: bool = True) -> ContainerView:
    """An open cage on the lane of the one carrier."""
    draft = LaneDraft("northpost", requires_staging=requires)
    lane = as_manager(house, lambda uow: open_lane(uow, site_id=house.site, code="LANE-1", draft=draft))
    return as_packer(house, lambda uow: open_container(uow, lane_id=lane.id, kind="cage"))


def put(house: House, target: str, *parcels: ParcelView) -> None:
    for parcel in parcels:
        as_packer(
            house,
            lambda uow, p=parcel: stage_parcel(uow, site_id=house.site, parcel=p.sscc, target=target),  # type: ignore[misc]
        )


def sealed(house: House, box: ContainerView, *parcels: ParcelView) -> None:
    put(house, box.sscc, *parcels)
    as_packer(house, lambda uow: close_container(uow, container_id=box.id))


def refused(house: House, why: type[Exception], work: Callable[[UnitOfWork], object]) -> Exception:
    before = everything(*TABLES)
    with pytest.raises(why) as found:
        as_packer(house, work)
    assert everything(*TABLES) == before
    return found.value


def dated(parcel: ParcelView, day: object) -> None:
    """The parcel's label is of another day, as one that was bought after the cut-off."""
    with transaction(system()) as uow:
        uow.session.execute(text("update parcel set ship_date = :day where id = :id"), {"day": day, "id": parcel.id})


def test_a_manifest_keeps_the_containers_as_they_were_when_it_was_closed() -> None:
    house = build_house()
    box = cage(house)
    (first, _), (second, _) = ready(house, 2)
    put(house, "LANE-1", second)
    sealed(house, box, first)
    manifest = close(house, "northpost", TODAY)

    def told() -> tuple[bytes, bytes, object]:
        with transaction(house.manager) as uow:
            files = manifest_epcis(uow, manifest_id=manifest.id), manifest_x12(uow, manifest_id=manifest.id)
            return (*files, manifest_units(uow, manifest_ids=[manifest.id])[manifest.id])

    before = told()
    events = json.loads(before[0])["epcisBody"]["eventList"]
    assert [each["parentID"][-18:] for each in events if "childEPCs" in each] == [box.sscc]
    as_packer(house, lambda uow: reopen_container(uow, container_id=box.id))
    put(house, "LANE-1", first)
    sealed(house, box, second)
    assert told() == before
    assert_sound()
    with transaction(system()) as uow:
        kept = uow.session.execute(text("select parcel_id, container_id, container_kind from manifest_parcel")).all()
    assert {tuple(row) for row in kept} == {(first.id, box.id, "cage"), (second.id, None, None)}


def test_the_content_hash_counts_a_container_only_where_there_is_one() -> None:
    house = build_house()
    ((parcel, bought),) = ready(house)
    plain = close(house, "northpost", TODAY)
    old = (
        "select encode(sha256(convert_to(m.tenant_id || '|' || m.parcel_id || '|' || m.label_id || '|' || m.sscc"
        " || '|' || m.tracking_number || '|' || m.weight_g || '|' || m.price_minor, 'UTF8')), 'hex')"
        " from manifest_parcel m where m.parcel_id = :id"
    )
    with transaction(system()) as uow:
        assert uow.session.scalar(text(old), {"id": parcel.id}) == plain.content_hash
    assert bought.tracking_number
    box = cage(house)
    ((inside, _),) = ready(house)
    sealed(house, box, inside)
    with_box = close(house, "northpost", TODAY)
    with transaction(system()) as uow:
        assert uow.session.scalar(text(old), {"id": inside.id}) != with_box.content_hash
    assert_sound()


def test_what_is_in_a_closed_container_for_another_day_is_told_and_stops_the_loading() -> None:
    house = build_house()
    box = cage(house)
    (goes, _), (later, _) = ready(house, 2)
    dated(later, TOMORROW)
    sealed(house, box, goes, later)
    with transaction(house.manager) as uow:
        told = reconcile(uow, site_id=house.site, carrier="northpost", ship_date=TODAY)
    assert [(each.parcel_id, each.reason, each.container) for each in told.differences] == [
        (later.id, "not_on_manifest", box.sscc)
    ]
    early = refused(house, ContainerNotReady, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc))
    assert early.facts == {"parcels": [later.sscc]}  # type: ignore[attr-defined]
    manifest = close(house, "northpost", TODAY)
    assert (manifest.parcel_count, manifest.reconciliation["in_container_only"]) == (1, 1)
    late = refused(house, ContainerNotReady, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc))
    assert "not on the manifest" in str(late)
    as_packer(house, lambda uow: reopen_container(uow, container_id=box.id))
    as_packer(house, lambda uow: unstage_parcel(uow, site_id=house.site, parcel=later.sscc))
    as_packer(house, lambda uow: close_container(uow, container_id=box.id))
    assert as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc)).parcels == 1
    assert_sound()


def test_what_another_manifest_holds_is_told_beside_those_that_go() -> None:
    house = build_house()
    box = cage(house)
    (first, _), (second, _) = ready(house, 2)
    put(house, box.sscc, first)
    close(house, "northpost", TODAY)
    sealed(house, box, second)
    with transaction(house.manager) as uow:
        told = reconcile(uow, site_id=house.site, carrier="northpost", ship_date=TODAY)
    assert [(each.parcel_id, each.reason) for each in told.differences] == [(first.id, "not_on_manifest")]
    assert (told.packed, told.labelled, told.going) == (1, 1, 1)
    close(house, "northpost", TODAY)
    refused(house, ContainerNotReady, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc))
    assert_sound()


def test_a_container_of_tomorrow_is_loaded_on_the_eve() -> None:
    house = build_house()
    box = cage(house)
    (first, _), (second, _) = ready(house, 2)
    for parcel in (first, second):
        dated(parcel, TOMORROW)
    sealed(house, box, first, second)
    assert as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc)).parcels == 2
    assert_sound()


def test_a_pulled_parcel_comes_out_of_a_loaded_container_and_the_books_say_who_took_it() -> None:
    house = build_house()
    box = cage(house)
    (goes, _), (pulled, _) = ready(house, 2)
    sealed(house, box, goes, pulled)
    manifest = close(house, "northpost", TODAY)
    as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc))
    refused(house, ContainerSealed, lambda uow: unstage_parcel(uow, site_id=house.site, parcel=pulled.sscc))
    as_manager(
        house, lambda uow: pull_parcel(uow, tenant_id=house.tenant, parcel_id=pulled.id, reason="found on the truck")
    )
    out = as_packer(house, lambda uow: unstage_parcel(uow, site_id=house.site, parcel=pulled.sscc))
    assert out.container == box.sscc
    with transaction(system()) as uow:
        said = text("select actor, at from audit_entry where subject = :id and action = 'parcel.unstaged'")
        assert tuple(uow.session.execute(said, {"id": pulled.id}).one()) == (house.packer.id, NOON)
    gone = as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id))
    assert gone.parcel_count - gone.pulled == 1
    with transaction(house.manager) as uow:
        assert manifest_units(uow, manifest_ids=[manifest.id])[manifest.id].inside == 1
    assert_sound()
