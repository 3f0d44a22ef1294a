import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.simulators.carrier_model import CarrierModel, Journey, Place
from app.simulators.carrier_pushes import push_body, push_headers
from shipping.gateways.carrier_webhooks import (
    MalformedTrackingError,
    UnprovenTrackingError,
    parse_tracking_webhook,
    verify_tracking_webhook,
)
from shipping.gateways.carriers import RawScan

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECRET = "carrier-secret"
EVENT = {
    "event_id": "cev_1",
    "tracking_number": "SW1",
    "code": "DL",
    "description": "Loaded on delivery vehicle",
    "occurred_at": "2026-11-21T07:30:00-03:00",
    "location": {"city": "São Paulo", "region": "SP", "country": "BR"},
}


def push(*events: object) -> bytes:
    return json.dumps({"id": "cpu_1", "carrier": "swift_parcel", "events": list(events)}).encode()


@given(st.binary(max_size=2_000).map(lambda raw: json.dumps({"id": "x", "raw": raw.hex()}).encode()))
def test_what_the_carrier_signs_verifies(body: bytes) -> None:
    headers = {name.upper(): value for name, value in push_headers(body, SECRET, NOW).items()}
    verify_tracking_webhook(body, headers, SECRET, now=NOW + timedelta(seconds=299))


@pytest.mark.parametrize("late_s", [-301, 301, 10**6])
def test_a_replayed_push_is_refused(late_s: int) -> None:
    headers = push_headers(push(EVENT), SECRET, NOW)
    with pytest.raises(UnprovenTrackingError):
        verify_tracking_webhook(push(EVENT), headers, SECRET, now=NOW + timedelta(seconds=late_s))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=abc",
        "t=1795255200",
        "t=1795255200,v1=",
        "t=1795255200,v1=" + "0" * 64,
        "t=1795255200,v1=ключ",
        "t=١٧٩٥,v1=0",
        "t=" + "9" * 5_000 + ",v1=0",
        "t=-1,v1=0",
        "=,=,",
    ],
)
def test_a_header_that_proves_nothing_is_refused(header: str) -> None:
    with pytest.raises(UnprovenTrackingError):
        verify_tracking_webhook(push(EVENT), {"carrier-signature": header}, SECRET, now=NOW)


def test_changed_bytes_other_secrets_and_floods_are_refused() -> None:
    body = push(EVENT)
    headers = push_headers(body, SECRET, NOW)
    for changed, secret in ((body + b" ", SECRET), (body.replace(b"DL", b"OK"), SECRET), (body, "other")):
        with pytest.raises(UnprovenTrackingError):
            verify_tracking_webhook(changed, headers, secret, now=NOW)
    flood = push(EVENT | {"description": "x" * 300_000})
    with pytest.raises(UnprovenTrackingError):
        verify_tracking_webhook(flood, push_headers(flood, SECRET, NOW), SECRET, now=NOW)


def test_an_unset_secret_is_our_fault_and_lets_nothing_in() -> None:
    with pytest.raises(ValueError, match="not set"):
        verify_tracking_webhook(push(EVENT), push_headers(push(EVENT), "", NOW), "", now=NOW)


def test_a_push_becomes_raw_scans_in_its_order() -> None:
    first, second = parse_tracking_webhook(push(EVENT, EVENT | {"event_id": "cev_2", "location": {}}))
    assert first == RawScan(
        carrier="swift_parcel",
        tracking_number="SW1",
        raw_code="DL",
        raw_text="Loaded on delivery vehicle",
        occurred_at=datetime(2026, 11, 21, 7, 30, tzinfo=timezone(timedelta(hours=-3))),
        place="São Paulo, SP, BR",
        event_id="cev_1",
    )
    assert first.occurred_at.utcoffset() == timedelta(hours=-3)
    assert (second.event_id, second.place) == ("cev_2", "")


def test_control_characters_are_taken_out_of_codes_and_texts() -> None:
    (scan,) = parse_tracking_webhook(push(EVENT | {"code": "DL\r\n", "description": "a\x00b\x1b[0m"}))
    assert (scan.raw_code, scan.raw_text) == ("DL", "a b [0m")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 50_000,
        b'{"carrier":"x"}',
        push("event"),
        push({}),
        push(EVENT | {"code": ""}),
        push(EVENT | {"code": "\r\n"}),
        push(EVENT | {"code": 7}),
        push(EVENT | {"tracking_number": "x" * 121}),
        push(EVENT | {"occurred_at": "2026-11-21T07:30:00"}),
        push(EVENT | {"occurred_at": "yesterday"}),
        push(EVENT | {"occurred_at": 1795255200}),
        push(*[EVENT] * 1_001),
    ],
    ids=lambda raw: str(raw[:40]),
)
def test_a_malformed_push_is_refused_as_a_whole(raw: bytes) -> None:
    with pytest.raises(MalformedTrackingError):
        parse_tracking_webhook(raw)


@given(st.binary(max_size=500))
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    with pytest.raises(MalformedTrackingError):
        parse_tracking_webhook(raw)


def test_a_whole_simulated_history_comes_through() -> None:
    place = Place("Lisbon", "", "PT", "Europe/Lisbon")
    scans = CarrierModel(5).history(Journey("northpost", "NP1", "tracked", place, place, NOW))
    parsed = parse_tracking_webhook(push_body(scans))
    assert [(one.event_id, one.raw_code, one.occurred_at) for one in parsed] == [
        (one.event_id, one.code, one.occurred_at) for one in scans
    ]
    assert {one.carrier for one in parsed} == {"northpost"}
