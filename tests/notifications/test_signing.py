import base64
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain.signing import (
    InvalidSecretError,
    InvalidSignatureError,
    new_secret,
    parse_secret,
    sign,
    signed_headers,
    verify,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
NOW = datetime(2026, 11, 21, 10, 0, 0, 900_000, tzinfo=UTC)
BODY = b'{"type":"shipment.delivered"}'

ids = st.text(st.characters(codec="utf-8", exclude_characters="."), min_size=1, max_size=40)
bodies = st.text(max_size=2_000).map(str.encode)
keys = st.binary(min_size=24, max_size=64)


def as_secret(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


def test_the_example_of_the_specification() -> None:
    stamp = datetime.fromtimestamp(1614265330, UTC)
    value = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", stamp, b'{"test": 2432232314}', [SECRET])
    assert value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(message_id=ids, body=bodies, key=keys)
def test_the_reference_library_makes_the_same_signature(message_id: str, body: bytes, key: bytes) -> None:
    reference = standardwebhooks.Webhook(as_secret(key)).sign(message_id, NOW, body.decode())
    assert sign(message_id, NOW, body, [as_secret(key)]) == reference


def test_the_reference_library_accepts_our_headers() -> None:
    headers = signed_headers("evt_1", datetime.now(UTC), BODY, [OTHER, SECRET])
    for secret in (SECRET, OTHER):
        assert standardwebhooks.Webhook(secret).verify(BODY, headers) == {"type": "shipment.delivered"}


@given(body=st.binary(max_size=20_000), key=keys)
def test_any_bytes_survive_the_round_trip(body: bytes, key: bytes) -> None:
    secret = as_secret(key)
    assert verify(signed_headers("evt_1", NOW, body, [secret]), body, [secret], now=NOW) == "evt_1"


@given(body=st.binary(min_size=1, max_size=200), at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_flipped_bit_of_the_body_is_refused(body: bytes, at: int, bit: int) -> None:
    changed = bytearray(body)
    changed[at % len(body)] ^= 1 << bit
    with pytest.raises(InvalidSignatureError):
        verify(signed_headers("evt_1", NOW, body, [SECRET]), bytes(changed), [SECRET], now=NOW)


def test_old_and_new_secret_both_verify_during_a_rotation() -> None:
    headers = signed_headers("evt_1", NOW, BODY, [OTHER, SECRET])
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (SECRET, OTHER):
        assert verify(headers, BODY, [secret], now=NOW) == "evt_1"


def test_header_names_are_case_insensitive() -> None:
    headers = {name.title(): value for name, value in signed_headers("evt_1", NOW, BODY, [SECRET]).items()}
    assert verify(headers, BODY, [SECRET], now=NOW) == "evt_1"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("webhook-signature", ""),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1"),
        ("webhook-signature", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ("webhook-signature", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ("webhook-signature", "v1,ключ"),
        ("webhook-id", ""),
        ("webhook-id", "evt_2"),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "nan"),
        ("webhook-timestamp", "1e9"),
        ("webhook-timestamp", "\u0661\u0662"),
        ("webhook-timestamp", "9" * 5_000),
        ("webhook-timestamp", "+1795255200"),
    ],
)
def test_a_changed_header_is_refused(header: str, value: str) -> None:
    headers = signed_headers("evt_1", NOW, BODY, [SECRET]) | {header: value}
    with pytest.raises(InvalidSignatureError):
        verify(headers, BODY, [SECRET], now=NOW)


def test_another_endpoints_secret_does_not_verify() -> None:
    with pytest.raises(InvalidSignatureError):
        verify(signed_headers("evt_1", NOW, BODY, [OTHER]), BODY, [SECRET], now=NOW)


@pytest.mark.parametrize("late_s", [-302, 302])
def test_a_replay_outside_the_window_is_refused(late_s: int) -> None:
    headers = signed_headers("evt_1", NOW, BODY, [SECRET])
    with pytest.raises(InvalidSignatureError):
        verify(headers, BODY, [SECRET], now=NOW + timedelta(seconds=late_s))


@pytest.mark.parametrize("late_s", [-300, 299])
def test_the_edge_of_the_window_is_accepted(late_s: int) -> None:
    headers = signed_headers("evt_1", NOW, BODY, [SECRET])
    assert verify(headers, BODY, [SECRET], now=NOW.replace(microsecond=0) + timedelta(seconds=late_s)) == "evt_1"


def test_new_secrets_differ_and_parse_to_32_bytes() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(parse_secret(secret)) for secret in made} == {32}


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_short",
        "whsec_!fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        as_secret(bytes(23)),
        as_secret(bytes(65)),
    ],
)
def test_malformed_secrets_are_refused(secret: str) -> None:
    with pytest.raises(InvalidSecretError):
        parse_secret(secret)


@pytest.mark.parametrize("message_id", ["", "evt.1"])
def test_an_id_that_would_make_the_content_ambiguous_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="no dot"):
        sign(message_id, NOW, BODY, [SECRET])


def test_signing_without_a_secret_is_refused() -> None:
    with pytest.raises(InvalidSecretError):
        sign("evt_1", NOW, BODY, [])
