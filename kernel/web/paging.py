import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from kernel.errors import Invalid
from kernel.settings import settings

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: the items, and the cursor of the next page, None on the last."""

    items: tuple[T, ...]
    next: str | None


def encode_cursor(of: str, *key: str | int) -> str:
    """Return the signed, opaque cursor for a keyset position in the list called `of`."""
    body = msgspec.json.encode(key)
    return base64.urlsafe_b64encode(_mac(of, body) + body).decode().rstrip("=")


def decode_cursor(of: str, cursor: str, *, pointer: str = "/cursor") -> list[str | int]:
    """Return the keyset position of a cursor of the list called `of`; the signature holds for no other list.

    Raises:
        Invalid: the cursor was not given out by this service, or for another list.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mac, body = raw[:8], raw[8:]
        if not hmac.compare_digest(mac, _mac(of, body)):
            raise ValueError("wrong signature")
        return msgspec.json.decode(body, type=list[str | int])
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Invalid(
            "This cursor was not given out by this service for this list.",
            remedy="Start without a cursor, then follow `next`.",
            pointer=pointer,
        ) from error


def _mac(of: str, body: bytes) -> bytes:
    secret = settings().secret_key.encode() or b"unset"
    return hmac.new(secret, of.encode() + b"\n" + body, hashlib.sha256).digest()[:8]
