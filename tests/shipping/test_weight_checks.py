"""Parcels that are weighed again after labelling: what is stopped before loading, what is found when it is gone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Invalid, NotFound
from kernel.states import IllegalTransition
from shipping.api import (
    ContainerNotReady,
    InvoiceOwner,
    LaneDraft,
    LaneView,
    NotAllLoaded,
    NothingToManifest,
    OtherReading,
    ParcelStopped,
    ParcelView,
    RawScan,
    SamePerson,
    UnknownScale,
    UnusableReading,
    WeightCheck,
    WeightTolerance,
    check_weight,
    close_container,
    evidence_facts,
    hand_over_manifest,
    load_unit,
    open_container,
    open_lane,
    open_weight_checks,
    parcel_by_id,
    reconcile,
    record_scans,
    release_weight_check,
    set_scale,
    set_weight_tolerance,
    settle_weight_check,
    stage_parcel,
    stopped_parcels,
    void_parcel,
    weight_checks_of,
)
from shipping.domain.weight_checks import compare_weights
from shipping.domain.weight_packaging import ScaleSpec
from shipping.freight.evidence import shipped_by_number
from shipping.scan_intake import raw_document, scan_from
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
    pack,
    ready,
    scan,
)

pytestmark = pytest.mark.usefixtures("database")
TABLES = ("parcel", "parcel_stage", "weight_check", "manifest")
BENCH, IN_MOTION = ScaleSpec(2.5, 5), ScaleSpec(12.0, 20)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


@pytest.fixture
def house() -> House:
    built = build_house()
    as_manager(
        built,
        lambda uow: set_scale(
            uow, site_id=built.site, code="dock-1", name="In motion, door 1", sd_g=12.0, interval_g=20, max_g=60_000,
            calibrated_until=TODAY,
        ),
    )  # fmt: skip
    return built


def check(house: House, parcel: str, reading_g: int, reading_id: str = "r1", **other: Any) -> WeightCheck:
    values = {"scale_code": "DOCK-1", "reading_id": reading_id} | other
    return as_packer(
        house, lambda uow: check_weight(uow, site_id=house.site, parcel=parcel, reading_g=reading_g, **values)
    )


def release(house: House, found: WeightCheck, **other: str) -> WeightCheck:
    told = {"reason": "Two parcels touched on the belt.", "evidence": "Weighed alone at the bench."} | other
    return as_manager(house, lambda uow: release_weight_check(uow, check_id=found.id, **told))


def one(house: House) -> ParcelView:
    ((parcel, _),) = ready(house)
    return as_manager(house, lambda uow: parcel_by_id(uow, parcel_id=parcel.id))


def on_lane(house: House, parcel: ParcelView, target: str = "LANE-1", *, loads: bool = False) -> LaneView:
    draft = LaneDraft(parcel.carrier, requires_staging=False, loads_by_scan=loads)
    lane = as_manager(house, lambda uow: open_lane(uow, site_id=house.site, code=target, draft=draft))
    as_packer(house, lambda uow: stage_parcel(uow, site_id=house.site, parcel=parcel.sscc, target=target))
    return lane


def refused(work: Callable[[], object], kind: type[Exception]) -> Any:
    before = everything(*TABLES)
    with pytest.raises(kind) as caught:
        work()
    assert everything(*TABLES) == before
    return caught.value


def test_a_difference_counts_beyond_both_scales_and_the_tolerance() -> None:
    near = compare_weights(1_041, 1_000, (BENCH, IN_MOTION), WeightTolerance())
    assert (near.limit_g, near.agrees) == (41, True)
    assert not compare_weights(1_042, 1_000, (BENCH, IN_MOTION), WeightTolerance()).agrees
    assert not compare_weights(958, 1_000, (BENCH, IN_MOTION), WeightTolerance()).agrees
    assert compare_weights(1_050, 1_000, (BENCH, IN_MOTION), WeightTolerance(grams=50)).agrees
    assert compare_weights(20_200, 20_000, (BENCH, IN_MOTION), WeightTolerance(50, 100)).agrees
    assert not compare_weights(20_201, 20_000, (BENCH, IN_MOTION), WeightTolerance(50, 100)).agrees


@given(st.integers(1, 60_000), st.integers(1, 60_000), st.integers(0, 500), st.integers(0, 10_000))
def test_more_tolerance_never_stops_more(declared: int, reading: int, grams: int, share: int) -> None:
    strict = compare_weights(reading, declared, (BENCH, IN_MOTION), WeightTolerance())
    loose = compare_weights(reading, declared, (BENCH, IN_MOTION), WeightTolerance(grams, share))
    assert loose.agrees or not strict.agrees
    assert loose.difference_g == reading - declared


def test_what_weighs_as_declared_goes_on_and_is_told_nobody(house: House) -> None:
    parcel = one(house)
    found = check(house, f"]C100{parcel.sscc}", (parcel.weight_g or 0) + 30)
    assert (found.outcome, found.declared_g, found.is_open) == ("agrees", parcel.weight_g, False)
    assert "parcel_weight_differs" not in event_types("ord_0")
    assert close(house, parcel.carrier, TODAY).parcel_count == 1
    assert_sound()


def test_what_differs_is_stopped_and_stays_until_somebody_else_releases_it(house: House) -> None:
    parcel = one(house)
    on_lane(house, parcel, loads=True)
    found = check(house, parcel.tracking_number, (parcel.weight_g or 0) - 90)
    assert (found.outcome, found.difference_g, found.limit_g, found.is_open) == ("stopped", -90, 41, True)
    assert event_types("ord_0")[-1] == "parcel_weight_differs"
    stop = refused(
        lambda: as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=parcel.sscc)), ParcelStopped
    )
    assert (stop.facts["reason"], "hold shelf" in stop.remedy) == ("weight_differs", True)
    nothing = refused(lambda: close(house, parcel.carrier, TODAY), NothingToManifest)
    assert nothing.facts["left_behind"]["weight_differs"] == 1
    told = as_manager(house, lambda uow: reconcile(uow, site_id=house.site, carrier=parcel.carrier, ship_date=TODAY))
    assert [(each.parcel_id, each.reason) for each in told.differences] == [(parcel.id, "weight_differs")]
    assert told.going == 0
    (shown,) = as_packer(house, lambda uow: stopped_parcels(uow, site_id=house.site))
    assert (shown.sscc, "otherwise than its label" in shown.words) == (parcel.sscc, True)
    refused(lambda: release(house, found, evidence=" "), Invalid)
    told_packer = lambda: as_packer(  # noqa: E731 - one attempt
        house, lambda uow: release_weight_check(uow, check_id=found.id, reason="Because.", evidence="None.")
    )
    refused(told_packer, SamePerson)
    released = release(house, found)
    assert (released.verdict, released.is_open, released.proof) == ("released", False, "Weighed alone at the bench.")
    assert event_types("ord_0")[-1] == "parcel_weight_settled"
    refused(lambda: release(house, found), IllegalTransition)
    again = check(house, parcel.sscc, (parcel.weight_g or 0) - 80, "r2")
    assert again.outcome == "vouched", "it differs as it did when it was released"
    assert as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=parcel.sscc)).parcels == 1
    assert_sound()


def test_a_reading_that_is_sent_again_changes_nothing(house: House) -> None:
    parcel = one(house)
    first = check(house, parcel.sscc, 900)
    before = everything(*TABLES)
    assert check(house, parcel.sscc, 900) == first
    assert everything(*TABLES) == before
    other = refused(lambda: check(house, parcel.sscc, 901), OtherReading)
    assert "900 g" in other.detail
    second = check(house, parcel.sscc, 905, "r2")
    assert [each.id for each in as_packer(house, lambda uow: open_weight_checks(uow, site_id=house.site))] == [
        second.id
    ]
    release(house, second)
    assert_sound()


def test_a_container_with_a_stopped_parcel_is_not_closed_or_loaded(house: House) -> None:
    parcel = one(house)
    lane = on_lane(house, parcel)
    box = as_packer(house, lambda uow: open_container(uow, lane_id=lane.id, kind="cage"))
    as_packer(house, lambda uow: stage_parcel(uow, site_id=house.site, parcel=parcel.sscc, target=box.sscc))
    as_packer(house, lambda uow: close_container(uow, container_id=box.id))
    found = check(house, parcel.sscc, 900)
    stop = refused(
        lambda: as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc)), ContainerNotReady
    )
    assert stop.facts["parcels"] == [parcel.sscc]
    release(house, found)
    assert as_packer(house, lambda uow: load_unit(uow, site_id=house.site, unit=box.sscc)).parcels == 1
    assert check(house, parcel.sscc, 2_000, "r2").outcome == "found", "it is on the truck"
    assert_sound()


def test_a_stopped_parcel_of_a_closed_manifest_stays_behind_or_is_released(house: House) -> None:
    (first, _), (second, _) = ready(house, 2)
    seen = as_manager(house, lambda uow: parcel_by_id(uow, parcel_id=first.id))
    manifest = close(house, seen.carrier, TODAY)
    found = check(house, first.sscc, 900)
    named = refused(
        lambda: as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id)), NotAllLoaded
    )
    assert [each["parcel_id"] for each in named.facts["parcels"]] == [first.id]
    assert "weigh otherwise" in named.detail
    as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, left_behind=[first.id]))
    stayed = as_manager(house, lambda uow: parcel_by_id(uow, parcel_id=first.id))
    assert (stayed.state, stayed.manifest_id) == ("labelled", None)
    refused(lambda: close(house, seen.carrier, TODAY), NothingToManifest)
    release(house, found)
    assert close(house, seen.carrier, TODAY).parcel_count == 1
    assert as_manager(house, lambda uow: parcel_by_id(uow, parcel_id=second.id)).state == "handed_over"
    assert_sound()


def test_nothing_is_handed_over_when_all_of_it_is_stopped(house: House) -> None:
    parcel = one(house)
    manifest = close(house, parcel.carrier, TODAY)
    check(house, parcel.sscc, 900)
    hand_over = lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, left_behind=[parcel.id])  # noqa: E731
    told = refused(lambda: as_manager(house, hand_over), NotAllLoaded)
    assert "nothing else was loaded" in told.detail
    assert_sound()


def test_what_is_gone_is_a_finding_that_is_settled_with_a_note(house: House) -> None:
    parcel = one(house)
    manifest = close(house, parcel.carrier, TODAY)
    as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id))
    found = check(house, parcel.sscc, 900)
    assert (found.outcome, found.state, found.is_open) == ("found", "handed_over", True)
    refused(lambda: release(house, found), IllegalTransition)
    settle: Callable[[UnitOfWork], WeightCheck] = lambda uow: settle_weight_check(  # noqa: E731
        uow, check_id=found.id, note="The bench's photo shows all of it."
    )
    assert as_manager(house, settle).verdict == "settled"
    refused(lambda: as_manager(house, settle), IllegalTransition)
    assert as_packer(house, lambda uow: open_weight_checks(uow, site_id=house.site)) == []
    assert_sound()


def test_a_stopped_parcel_that_is_given_up_stops_nothing_more(house: House) -> None:
    parcel = one(house)
    found = check(house, parcel.sscc, 900)
    as_manager(
        house,
        lambda uow: void_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id, reason="One mug is missing."),
    )
    refused(lambda: release(house, found), IllegalTransition)
    assert as_packer(house, lambda uow: open_weight_checks(uow, site_id=house.site)) == []
    assert_sound()


def test_what_its_carrier_tolerates_goes_on(house: House) -> None:
    parcel = one(house)
    say = lambda uow: set_weight_tolerance(  # noqa: E731 - one verb
        uow, site_id=house.site, carrier=parcel.carrier, grams=100, share_bp=0
    )
    assert as_manager(house, say) == WeightTolerance(100, 0)
    assert check(house, parcel.sscc, (parcel.weight_g or 0) + 100).outcome == "agrees"
    assert check(house, parcel.sscc, (parcel.weight_g or 0) + 101, "r2").outcome == "stopped"
    wrong = lambda uow: set_weight_tolerance(uow, site_id=house.site, carrier="nobody", grams=1, share_bp=0)  # noqa: E731
    assert refused(lambda: as_manager(house, wrong), Invalid).pointer == "/carrier"


def test_readings_that_prove_nothing_are_refused(house: House) -> None:
    parcel = one(house)
    refused(lambda: check(house, parcel.sscc, 700, scale_code="NONE"), UnknownScale)
    refused(lambda: check(house, parcel.sscc, 700, stable=False), UnusableReading)
    refused(lambda: check(house, "340123450000000099", 700), NotFound)
    unweighed = pack(house, reference="ord_9")
    stop = refused(lambda: check(house, unweighed.sscc, 700), ParcelStopped)
    assert stop.facts["reason"] == "not_weighed"


@pytest.mark.parametrize(
    ("figures", "pointer"),
    [
        ({"code": " "}, "/code"), ({"sd_g": 0.0}, "/sd_g"), ({"interval_g": 0}, "/interval_g"),
        ({"max_g": 20}, "/max_g"),
    ],
)  # fmt: skip
def test_a_scale_that_cannot_be_is_not_added(house: House, figures: dict[str, Any], pointer: str) -> None:
    good = {"code": "X", "name": "", "sd_g": 1.0, "interval_g": 20, "max_g": 100, "calibrated_until": TODAY}
    work = lambda uow: set_scale(uow, site_id=house.site, **(good | figures))  # noqa: E731 - one attempt
    assert refused(lambda: as_manager(house, work), Invalid).pointer == pointer


def test_what_a_carrier_weighs_comes_with_its_scan_and_is_a_finding(house: House) -> None:
    ((parcel, bought),) = ready(house)
    seen = as_manager(house, lambda uow: parcel_by_id(uow, parcel_id=parcel.id))
    manifest = close(house, seen.carrier, TODAY)
    as_manager(house, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id))
    codes = {"northpost": "N20", "swift_parcel": "AR", "cargo_line": "ARR"}

    def tell(weight_g: int | None, hours: float) -> None:
        told = replace(scan(bought, codes[bought.carrier], hours), weight_g=weight_g)
        run(system(), lambda uow: record_scans(uow, carrier=bought.carrier, scans=[told]), now=NOON)

    tell(None, 1)
    tell((seen.weight_g or 0) + 50, 2)
    assert as_packer(house, lambda uow: open_weight_checks(uow, site_id=house.site)) == []
    tell(1_480, 3)
    tell(1_480, 3)
    tell(1_500, 4)
    (found,) = as_packer(house, lambda uow: open_weight_checks(uow, site_id=house.site))
    assert (found.source, found.device, found.reading_g, found.outcome) == ("carrier", bought.carrier, 1_480, "found")
    checks = as_packer(house, lambda uow: weight_checks_of(uow, tenant_id=parcel.tenant_id, parcel_ids=[parcel.id]))
    assert [each.outcome for each in checks] == ["agrees", "found", "vouched"], "one finding for the same weight"
    assert event_types("ord_0").count("parcel_weight_differs") == 1
    owner = InvoiceOwner(parcel.tenant_id, "")
    known = as_manager(
        house,
        lambda uow: shipped_by_number(
            uow, owner=owner, carrier=bought.carrier, currency="EUR", numbers=[bought.tracking_number],
            invoice_date=None,
        ),
    )  # fmt: skip
    facts = evidence_facts(known[bought.tracking_number].evidence, "EUR")
    again = [words for name, words in facts if name == "Weighed again"]
    assert len(again) == 3
    assert again[1].startswith("1,480 g by ")
    assert "not within 57 g" in again[1]
    assert_sound()


def test_a_weight_that_came_before_its_parcel_was_known_is_judged_when_it_is() -> None:
    document = raw_document(replace(scan_of("X"), weight_g=700))
    assert scan_from(document).weight_g == 700
    assert "weight_g" not in raw_document(scan_of("X"))


def scan_of(number: str) -> RawScan:
    return RawScan("northpost", number, "N20", "", NOON, "Leeds", "evt-1")
