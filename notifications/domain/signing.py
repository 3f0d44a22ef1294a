"""Standard Webhooks 1.0.0, symmetric scheme ``v1`` (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
import secrets as entropy
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of every secret, not a secret
MIN_SECRET_BYTES = 24
MAX_SECRET_BYTES = 64
NEW_SECRET_BYTES = 32
TOLERANCE = timedelta(seconds=300)

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"


class InvalidSecretError(ValueError):
    """A signing secret is not ``whsec_`` followed by the base64 of 24 to 64 bytes."""


class InvalidSignatureError(Exception):
    """A webhook is not provably from the holder of the secret, or it is outside the time window."""


def new_secret() -> str:
    """Return a fresh endpoint secret: ``whsec_`` and the base64 of 32 random bytes."""
    return SECRET_PREFIX + base64.b64encode(entropy.token_bytes(NEW_SECRET_BYTES)).decode()


def parse_secret(secret: str) -> bytes:
    """Return the key bytes of ``secret``.

    Raises:
        InvalidSecretError: the prefix, the base64 or the length is wrong.
    """
    encoded = secret.removeprefix(SECRET_PREFIX)
    if encoded == secret:
        raise InvalidSecretError(f"A webhook secret starts with {SECRET_PREFIX}")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise InvalidSecretError("A webhook secret is base64 after its prefix") from error
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise InvalidSecretError(f"A webhook secret holds {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes")
    return key


def sign(message_id: str, timestamp: datetime, body: bytes, secrets: Sequence[str]) -> str:
    """Return the ``webhook-signature`` value: one ``v1,<base64>`` for each secret, separated by spaces.

    Several secrets are given while one is rotated, newest first, so that the receiver may switch at any moment.

    Raises:
        InvalidSecretError: a secret is malformed, or there is none.
        ValueError: the message id is empty or contains a dot, which is the separator of the signed content.
    """
    if not secrets:
        raise InvalidSecretError("A webhook needs at least one secret")
    if not message_id or "." in message_id:
        raise ValueError("A webhook id is not empty and contains no dot")
    content = _signed_content(message_id, _unix_seconds(timestamp), body)
    return " ".join(f"v1,{_digest(parse_secret(secret), content)}" for secret in secrets)


def signed_headers(message_id: str, timestamp: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the three Standard Webhooks headers of one attempt made at ``timestamp``.

    The id stays the same over all attempts and replays: it is the receiver's idempotency key.

    Raises:
        InvalidSecretError, ValueError: as :func:`sign`.
    """
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(_unix_seconds(timestamp)),
        SIGNATURE_HEADER: sign(message_id, timestamp, body, secrets),
    }


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    *,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the id of a webhook whose signature fits one of ``secrets`` and whose time is near ``now``.

    Signatures of unknown versions are passed over, as the specification asks; comparisons take constant time.

    Raises:
        InvalidSignatureError: a header is missing or malformed, the time is off, or no signature fits.
        InvalidSecretError: one of our own secrets is malformed.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, stamp, offered = (given.get(name, "") for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if not (message_id and stamp and offered):
        raise InvalidSignatureError("A webhook header is missing")
    seconds = _check_time(stamp, now, tolerance)
    content = _signed_content(message_id, seconds, body)
    expected = [_digest(parse_secret(secret), content).encode() for secret in secrets]
    matches = [hmac.compare_digest(known, one) for known in expected for one in _offered_digests(offered)]
    if not any(matches):
        raise InvalidSignatureError("No signature matches")
    return message_id


def _check_time(stamp: str, now: datetime, tolerance: timedelta) -> int:
    # Only plain digits: int() would also take signs, underscores, blanks and other scripts' digits, and the
    # signed content would then differ from the header that was sent.
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= len("253402300799")):
        raise InvalidSignatureError("The timestamp is not a number of seconds")
    seconds = int(stamp)
    if abs(now.timestamp() - seconds) > tolerance.total_seconds():
        raise InvalidSignatureError("The timestamp is outside the accepted window")
    return seconds


def _offered_digests(header: str) -> list[bytes]:
    pairs = (part.partition(",") for part in header.split(" "))
    return [digest.encode() for version, _, digest in pairs if version == "v1"]


def _signed_content(message_id: str, seconds: int, body: bytes) -> bytes:
    return f"{message_id}.{seconds}.".encode() + body


def _digest(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _unix_seconds(moment: datetime) -> int:
    return int(moment.timestamp())
