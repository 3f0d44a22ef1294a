from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulators.carrier_codes import SERVICE_DAYS, VOCABULARIES, ScanKind, tracking_number
from app.simulators.carrier_model import CarrierModel, CarrierScan, Journey, Odds, Place
from app.simulators.zones import zone_of
from shipping.domain.status_mapping import map_status
from shipping.domain.tracking_numbers import is_valid_tracking_number
from shipping.domain.tracking_status import TrackingStatus
from tests.plugin.examples import examples

SAO_PAULO = Place("São Paulo", "SP", "BR", "America/Sao_Paulo")
MANAUS = Place("Manaus", "AM", "BR", "America/Manaus")
LISBON = Place("Lisbon", "", "PT", "Europe/Lisbon")
JOURNEY = Journey("swift_parcel", "SW1", "ground", SAO_PAULO, MANAUS, datetime(2026, 11, 20, 20, tzinfo=UTC))
ENDS = {ScanKind.DELIVERED, ScanKind.COLLECTED, ScanKind.LOST, ScanKind.RETURNED}
SMOOTH = Odds(0, 0, 0, 0, 0, 0, 0)

MEANING = {
    ScanKind.LABEL_CREATED: TrackingStatus.PRE_TRANSIT,
    ScanKind.PICKED_UP: TrackingStatus.PICKED_UP,
    ScanKind.ARRIVED: TrackingStatus.IN_TRANSIT,
    ScanKind.DEPARTED: TrackingStatus.IN_TRANSIT,
    ScanKind.ARRIVED_LAST: TrackingStatus.IN_TRANSIT,
    ScanKind.OUT_FOR_DELIVERY: TrackingStatus.OUT_FOR_DELIVERY,
    ScanKind.AVAILABLE: TrackingStatus.AVAILABLE_FOR_PICKUP,
    ScanKind.ATTEMPT_FAILED: TrackingStatus.ATTEMPT_FAILED,
    ScanKind.DELIVERED: TrackingStatus.DELIVERED,
    ScanKind.COLLECTED: TrackingStatus.DELIVERED,
    ScanKind.DELAYED: TrackingStatus.EXCEPTION,
    ScanKind.DAMAGED: TrackingStatus.EXCEPTION,
    ScanKind.LOST: TrackingStatus.EXCEPTION,
    ScanKind.REFUSED: TrackingStatus.EXCEPTION,
    ScanKind.RETURNING: TrackingStatus.RETURNING,
    ScanKind.RETURNED: TrackingStatus.RETURNED,
}

journeys = st.builds(
    lambda service, number, ends, at: Journey(*[service[0], f"T{number}", service[1]], *ends, at),
    st.sampled_from(sorted(SERVICE_DAYS)),
    st.integers(0, 10**9),
    st.tuples(st.sampled_from([SAO_PAULO, MANAUS, LISBON]), st.sampled_from([SAO_PAULO, MANAUS, LISBON])),
    st.datetimes(datetime(2016, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - st adds the zone
)
odds = st.builds(Odds, *[st.floats(0, 1)] * 7)


def kinds(scans: tuple[CarrierScan, ...]) -> list[ScanKind]:
    return [scan.kind for scan in scans]


@given(journey=journeys, odds=odds, seed=st.integers(0, 1_000))
@settings(max_examples=examples(200))
def test_every_history_is_orderly_and_ends(journey: Journey, odds: Odds, seed: int) -> None:
    model = CarrierModel(seed, odds)
    scans = model.history(journey)
    assert model.history(journey) == scans
    assert scans[0].kind is ScanKind.PICKED_UP
    assert scans[-1].kind in ENDS
    assert not set(kinds(scans[:-1])) & ENDS
    moments = [scan.occurred_at for scan in scans]
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert moments[0] >= journey.handed_over_at.replace(microsecond=0)
    assert moments[-1] - moments[0] < timedelta(days=60)
    assert len({scan.event_id for scan in scans}) == len(scans)


@given(journey=journeys, odds=odds)
def test_no_push_is_early_and_none_is_missing(journey: Journey, odds: Odds) -> None:
    model = CarrierModel(3, odds)
    scans = model.history(journey)
    pushes = model.pushes(scans)
    assert {push.scan.event_id for push in pushes} == {scan.event_id for scan in scans}
    assert all(push.sent_at > push.scan.occurred_at for push in pushes)
    assert list(pushes) == sorted(pushes, key=lambda push: (push.sent_at, push.scan.event_id))


def test_a_smooth_journey_has_the_plain_scans_in_local_time() -> None:
    scans = CarrierModel(1, SMOOTH).history(JOURNEY)
    assert kinds(scans)[:3] == [ScanKind.PICKED_UP, ScanKind.ARRIVED, ScanKind.DEPARTED]
    assert kinds(scans)[-3:] == [ScanKind.ARRIVED_LAST, ScanKind.OUT_FOR_DELIVERY, ScanKind.DELIVERED]
    assert scans[0].occurred_at.utcoffset() == timedelta(hours=-3)
    assert scans[-1].occurred_at.utcoffset() == timedelta(hours=-4)
    assert 9 <= scans[-1].occurred_at.hour <= 18
    assert scans[-1].occurred_at.weekday() != 6


def test_a_smooth_feed_is_in_order_and_without_repetition() -> None:
    model = CarrierModel(1, SMOOTH)
    scans = model.history(JOURNEY)
    assert [push.scan for push in model.pushes(scans)] == list(scans)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"delayed": 1.0}, ScanKind.DELAYED),
        ({"lost": 1.0}, ScanKind.LOST),
        ({"damaged": 1.0}, ScanKind.DAMAGED),
        ({"refused": 1.0}, ScanKind.REFUSED),
        ({"attempt_failed": 1.0}, ScanKind.AVAILABLE),
    ],
)
def test_each_misfortune_happens_when_its_odds_say_so(changed: dict[str, float], kind: ScanKind) -> None:
    scans = CarrierModel(1, replace(SMOOTH, **changed)).history(JOURNEY)
    assert kind in kinds(scans)


def test_late_and_repeated_pushes_arrive_out_of_order_and_twice() -> None:
    model = CarrierModel(1, replace(SMOOTH, pushed_late=0.5, pushed_twice=1.0))
    scans = model.history(JOURNEY)
    arrivals = [push.scan for push in model.pushes(scans)]
    assert Counter(scan.event_id for scan in arrivals) == dict.fromkeys((scan.event_id for scan in scans), 2)
    firsts = list(dict.fromkeys(scan.event_id for scan in arrivals))
    assert firsts != [scan.event_id for scan in scans]


def test_shares_over_many_parcels_follow_the_odds() -> None:
    model = CarrierModel(11)
    histories = [model.history(replace(JOURNEY, tracking_number=f"SW{number}")) for number in range(2_000)]
    ends = Counter(history[-1].kind for history in histories)
    delayed = sum(ScanKind.DELAYED in kinds(history) for history in histories)
    assert ends[ScanKind.DELIVERED] > 1_900
    assert 0 < ends[ScanKind.LOST] < 30
    assert 80 < delayed < 160


def test_another_seed_tells_another_story() -> None:
    assert CarrierModel(1).history(JOURNEY) != CarrierModel(2).history(JOURNEY)


@pytest.mark.parametrize("carrier", VOCABULARIES)
@pytest.mark.parametrize("kind", ScanKind)
def test_every_code_of_every_carrier_is_understood_as_it_is_meant(carrier: str, kind: ScanKind) -> None:
    mapped = map_status(carrier, VOCABULARIES[carrier][kind][0])
    assert mapped.is_known
    assert mapped.status is MEANING[kind]


@pytest.mark.parametrize("carrier", VOCABULARIES)
@given(serial=st.integers(1, 89_999_999))
def test_numbers_are_the_carriers_own(carrier: str, serial: int) -> None:
    assert is_valid_tracking_number(carrier, tracking_number(carrier, serial))


def test_zones_follow_the_region_and_fall_back_to_utc() -> None:
    assert [zone_of("BR", "SP"), zone_of("BR", "AM"), zone_of("AQ", "")] == [
        "America/Sao_Paulo",
        "America/Manaus",
        "UTC",
    ]
