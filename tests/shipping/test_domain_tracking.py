import random
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.domain.status_mapping import known_systems, map_status
from shipping.domain.tracking import TrackingEvent, derive_shipment_state, event_fingerprint
from shipping.domain.tracking_status import ReasonFamily, TrackingFlag, TrackingStatus, reason_family
from tests.plugin.examples import examples

S = TrackingStatus
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def event(
    hours: float, status: TrackingStatus, reason: str | None = None, *, is_code_known: bool = True
) -> TrackingEvent:
    at = START + timedelta(hours=hours)
    return TrackingEvent(f"{hours}-{status}-{reason}", at, status, reason, is_code_known=is_code_known)


def history(*statuses: TrackingStatus) -> list[TrackingEvent]:
    return [event(2 * n, status) for n, status in enumerate(statuses)]


ORDINARY = (S.PRE_TRANSIT, S.PICKED_UP, S.IN_TRANSIT, S.OUT_FOR_DELIVERY, S.DELIVERED)


def test_no_events_is_pending() -> None:
    state = derive_shipment_state([])

    assert (state.status, state.event_count, state.legs) == (S.PENDING, 0, ())


def test_ordinary_journey() -> None:
    state = derive_shipment_state(history(*ORDINARY))

    assert state.status is S.DELIVERED
    assert state.picked_up_at == START + timedelta(hours=2)
    assert state.delivered_at == START + timedelta(hours=8)
    assert state.flags == {TrackingFlag.TERMINAL}
    [leg] = state.legs
    assert (leg.kind, leg.status, leg.started_at, leg.ended_at) == ("outbound", S.DELIVERED, START, state.delivered_at)


def test_late_arrival_of_an_earlier_event_changes_nothing() -> None:
    events = history(*ORDINARY)

    assert derive_shipment_state([events[4], *events[:4]]) == derive_shipment_state(events)


def test_attempt_soon_after_delivery_is_a_misscan() -> None:
    state = derive_shipment_state([*history(*ORDINARY), event(20, S.ATTEMPT_FAILED)])

    assert state.status is S.DELIVERED
    assert TrackingFlag.POSSIBLE_MISSCAN in state.flags


def test_attempt_days_after_delivery_is_flagged_and_delivery_stays() -> None:
    state = derive_shipment_state([*history(*ORDINARY), event(80, S.ATTEMPT_FAILED)])

    assert state.status is S.DELIVERED
    assert TrackingFlag.EVENT_AFTER_DELIVERY in state.flags
    assert TrackingFlag.POSSIBLE_MISSCAN not in state.flags


def test_return_after_delivery_opens_a_second_leg() -> None:
    events = [*history(*ORDINARY), event(100, S.RETURNING), event(120, S.IN_TRANSIT), event(150, S.DELIVERED)]

    state = derive_shipment_state(events)

    assert state.status is S.RETURNED
    assert state.delivered_at == START + timedelta(hours=8)
    assert state.returned_at == START + timedelta(hours=150)
    assert [(leg.kind, leg.status) for leg in state.legs] == [("outbound", S.DELIVERED), ("return", S.RETURNED)]


def test_undeliverable_parcel_goes_back() -> None:
    state = derive_shipment_state(history(S.PICKED_UP, S.ATTEMPT_FAILED, S.RETURNING, S.RETURNED))

    assert state.status is S.RETURNED
    assert state.delivered_at is None


def test_label_message_never_undoes_a_scan_but_a_step_back_on_the_road_counts() -> None:
    assert derive_shipment_state(history(S.PICKED_UP, S.IN_TRANSIT, S.PRE_TRANSIT)).status is S.IN_TRANSIT
    assert derive_shipment_state(history(S.OUT_FOR_DELIVERY, S.IN_TRANSIT)).status is S.IN_TRANSIT


def test_same_instant_is_decided_by_rank() -> None:
    events = [event(1, S.DELIVERED), event(1, S.OUT_FOR_DELIVERY), event(1.01, S.IN_TRANSIT)]

    assert derive_shipment_state(events).status is S.DELIVERED


def test_unknown_code_changes_only_the_flag() -> None:
    unknown = event(9, S.UNKNOWN, is_code_known=False)

    state = derive_shipment_state([*history(S.PICKED_UP, S.IN_TRANSIT), unknown])

    assert state.status is S.IN_TRANSIT
    assert state.flags == {TrackingFlag.UNKNOWN_CODE}
    assert derive_shipment_state([unknown]).status is S.UNKNOWN


def test_cancelled_label_that_travels_is_flagged() -> None:
    state = derive_shipment_state(history(S.PRE_TRANSIT, S.CANCELLED, S.PICKED_UP))

    assert state.status is S.PICKED_UP
    assert TrackingFlag.MOVED_AFTER_CANCEL in state.flags


def test_flags_of_the_current_reason() -> None:
    state = derive_shipment_state([event(0, S.PICKED_UP), event(3, S.EXCEPTION, "customs_documentation")])

    assert state.flags == {TrackingFlag.CUSTOMS, TrackingFlag.ACTION_REQUIRED}
    moved_on = derive_shipment_state(
        [event(0, S.EXCEPTION, "weather_delay"), event(3, S.IN_TRANSIT)],
    )
    assert moved_on.flags == frozenset()


def test_local_time_without_zone_is_refused() -> None:
    naive = TrackingEvent("x", START.replace(tzinfo=None), S.IN_TRANSIT)

    with pytest.raises(ValueError, match="time zone"):
        derive_shipment_state([naive])


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from([0, 0.005, 0.01, 0.02, 0.03, 1, 2, 5, 30, 60]),
        st.sampled_from(list(S)),
        st.sampled_from([None, "weather_delay", "customs_delay"]),
    ),
    max_size=9,
)


@settings(max_examples=examples(300))
@given(EVENTS, st.integers(0, 2**32))
def test_any_order_and_repetition_gives_the_same_state(events: list[TrackingEvent], seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - reproducible sample
    mixed = [*events, *dice.choices(events, k=len(events))] if events else []
    dice.shuffle(mixed)

    assert derive_shipment_state(mixed) == derive_shipment_state(events)


def test_fingerprint_ignores_milliseconds_zone_notation_case_and_blanks() -> None:
    def fingerprint(at: datetime, place: str = "Rio") -> str:
        return event_fingerprint(
            carrier="northpost", tracking_number="NP1", raw_code="N20", occurred_at=at, location=place
        )

    local = START.astimezone(timezone(timedelta(hours=-3)))
    assert fingerprint(START) == fingerprint(local.replace(microsecond=450_000), " rio ")
    assert fingerprint(START) != fingerprint(START + timedelta(seconds=1))
    assert fingerprint(START) != fingerprint(START, "Recife")


@pytest.mark.parametrize(
    ("system", "code", "code_type", "status", "reason"),
    [
        ("swift_parcel", "DL", None, S.OUT_FOR_DELIVERY, None),
        ("cargo_line", "DL", None, S.DELIVERED, "unloaded"),
        ("aftership", "OutForDelivery_003", "subtag", S.IN_TRANSIT, "customer_contacted"),
        ("aftership.subtag", "InTransit_002", None, S.PICKED_UP, "acceptance_scan"),
        ("easypost", "DELIVERY_EXCEPTION", "status_detail", S.ATTEMPT_FAILED, "unknown"),
        ("17track", "Exception_Returned", "sub_status", S.RETURNED, "returned_to_sender"),
        ("upu", "EMI", None, S.DELIVERED, None),
        ("x12", "AF\r\n", None, S.PICKED_UP, "departed_pickup_location"),
        ("epcis", "https://ref.gs1.org/cbv/BizStep-shipping", "bizStep", S.PICKED_UP, None),
        ("schema.org", "https://schema.org/OrderDelivered", None, S.DELIVERED, None),
    ],
)
def test_codes_are_mapped(
    system: str, code: str, code_type: str | None, status: TrackingStatus, reason: str | None
) -> None:
    mapped = map_status(system, code, code_type)

    assert (mapped.status, mapped.reason, mapped.is_known) == (status, reason, True)


@pytest.mark.parametrize(("system", "code"), [("northpost", "N22"), ("nobody", "DL"), ("upu", ""), ("aftership", "x")])
def test_unknown_code_is_never_guessed(system: str, code: str) -> None:
    mapped = map_status(system, code)

    assert (mapped.status, mapped.is_known) == (S.UNKNOWN, False)
    assert TrackingFlag.UNKNOWN_CODE in mapped.flags


def test_vendor_word_for_unknown_is_known() -> None:
    assert map_status("easypost", "unknown", "status").is_known


def test_simulated_carriers_have_tables() -> None:
    assert {"swift_parcel", "northpost", "cargo_line", "aftership", "shippo", "karrio"} <= set(known_systems())


def test_reason_families() -> None:
    assert reason_family("lost") is ReasonFamily.CARRIER
    assert reason_family("weather_delay") is ReasonFamily.FORCE_MAJEURE
    assert reason_family("out_gated") is ReasonFamily.OTHER
    assert reason_family(None) is None
