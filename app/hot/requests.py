import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request

from app.hot.refusals import BodyTooLarge
from kernel.access.secrets import digest
from kernel.errors import FieldError, Invalid, Unauthenticated
from kernel.quantity import MAX_QUANTITY
from kernel.web.acting import MAX_KEY, KeyMissing

MAX_BODY_BYTES = 65_536
MAX_LINES = 100
MAX_HOLD_SECONDS = 86_400
HOLD_SECONDS = 900
_OWN_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
_PATH = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_FIELD = re.compile(r"(?:missing required|contains unknown) field `(?P<field>[^`]*)`")
Text = Annotated[str, Meta(min_length=1, max_length=64)]


class ReservationLine(msgspec.Struct, forbid_unknown_fields=True):
    """One line of a reservation: how many base units of which SKU."""

    sku: Text
    quantity: Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]
    line_id: Annotated[str, Meta(max_length=64)] = ""


class ReservationRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /v1/reservations`."""

    reference: Text
    lines: Annotated[list[ReservationLine], Meta(min_length=1, max_length=MAX_LINES)]
    site: Annotated[str, Meta(max_length=64)] = ""
    policy: Literal["all_or_nothing", "split"] = "all_or_nothing"
    expires_in_seconds: Annotated[int, Meta(ge=1, le=MAX_HOLD_SECONDS)] = HOLD_SECONDS
    channel: Annotated[str, Meta(max_length=64)] = ""


_decoder = msgspec.json.Decoder(ReservationRequest)


def bearer_hash(request: Request) -> str:
    """Return the hash of the API key that a request carries.

    Raises:
        Unauthenticated: it carries none.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("This needs an API key.", remedy="Send Authorization: Bearer and the key.")
    return digest(secret.strip())


def idempotency_key(request: Request) -> str:
    """Return the request's Idempotency-Key.

    Raises:
        KeyMissing: there is none, or it is too long.
    """
    key = request.headers.get("idempotency-key", "").strip().strip('"')
    if not key or len(key) > MAX_KEY:
        raise KeyMissing(
            f"Requests that change something carry an Idempotency-Key of 1 to {MAX_KEY} characters.",
            remedy="Send a new UUID for each new request, and the same one when you repeat it.",
        )
    return key


async def read_body(request: Request) -> bytes:
    """Return the body, reading no more of it than is allowed.

    Raises:
        BodyTooLarge: there is more.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise BodyTooLarge(
                f"A reservation has at most {MAX_BODY_BYTES} bytes.", remedy=f"Send up to {MAX_LINES} lines at a time."
            )
        parts.append(part)
    return b"".join(parts)


def parse_reservation(body: bytes) -> ReservationRequest:
    """Return the reservation that a body asks for; lines without an id are numbered from 1.

    Raises:
        Invalid: names the field that is wrong.
    """
    try:
        found = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise _invalid(str(error)) from error
    seen = set()
    for n, line in enumerate(found.lines):
        line.line_id = line.line_id or str(n + 1)
        if line.line_id in seen:
            raise _wrong(
                f"/lines/{n}/line_id", "duplicate", f"Line {line.line_id!r} comes twice: give each its own id."
            )
        seen.add(line.line_id)
        _require_printable(f"/lines/{n}/sku", line.sku)
        _require_printable(f"/lines/{n}/line_id", line.line_id)
    _require_printable("/site", found.site)
    _require_printable("/channel", found.channel)
    _require_printable("/reference", found.reference)
    if _OWN_ID.fullmatch(found.reference):
        raise _wrong(
            "/reference", "reserved", "Orders reserve their stock when they are placed: use a reference of your own."
        )
    return found


def _require_printable(pointer: str, value: str) -> None:
    if value and not value.isprintable():
        raise _wrong(pointer, "format", "Control characters are not allowed here.")


def _invalid(message: str) -> Invalid:
    """Turn a decoder's message into the field's JSON pointer (RFC 6901) and words."""
    place = _PATH.search(message)
    path = re.sub(r"\[(\d+)\]", r"/\1", place["path"] if place else "").replace(".", "/")
    field = _FIELD.search(message)
    words = message[: place.start()] if place else message
    pointer = f"{path}/{field['field']}" if field else path
    return _wrong(pointer, "invalid", f"{words}.".replace("`", ""))


def _wrong(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(message, errors=(FieldError(pointer, code, message),))
