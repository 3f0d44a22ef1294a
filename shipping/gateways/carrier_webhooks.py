"""Tracking pushes from carriers: proven over the raw bytes first, taken apart afterwards."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from shipping.gateways.carriers import RawScan

SIGNATURE_HEADER = "carrier-signature"
TOLERANCE = timedelta(seconds=300)
LARGEST_PUSH = 256 * 1024
_LONGEST_TEXT = 500

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Grams = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class UnprovenTrackingError(Exception):
    """A push is not provably from the carrier, too old or too new, or too large to read."""


class MalformedTrackingError(ValueError):
    """A proven push is not in the agreed form; keep its bytes for a person to look at."""


class WireLocation(msgspec.Struct, frozen=True):
    """Where a scan happened, as far as the carrier tells."""

    city: str = ""
    region: str = ""
    country: str = ""


class WireScan(msgspec.Struct, frozen=True):
    """A scan in a carrier's JSON; `occurred_at` must carry its offset, since a zone cannot be guessed. `weight_g` is
    what the carrier's own scale showed, such as at acceptance.
    """

    event_id: Word
    tracking_number: Word
    code: Word
    occurred_at: Moment
    description: str = ""
    location: WireLocation = WireLocation()
    weight_g: Grams | None = None

    def scan(self, carrier: str) -> RawScan:
        """Return the scan as a value of ours.

        Raises:
            MalformedTrackingError: nothing readable is left of the code or the number.
        """
        scan = RawScan(
            carrier=carrier,
            tracking_number=_readable(self.tracking_number),
            raw_code=_readable(self.code),
            raw_text=_readable(self.description),
            occurred_at=self.occurred_at,
            place=", ".join(filter(None, map(_readable, _names(self.location)))),
            event_id=_readable(self.event_id),
            weight_g=self.weight_g,
        )
        if not (scan.raw_code and scan.tracking_number and scan.event_id):
            raise MalformedTrackingError("A scan has an empty code, number or id")
        return scan


class _Push(msgspec.Struct, frozen=True):
    carrier: Word
    events: Annotated[list[WireScan], msgspec.Meta(max_length=1_000)]


def verify_tracking_webhook(raw_body: bytes, headers: Mapping[str, str], secret: str, *, now: datetime) -> None:
    """Check that a carrier sent exactly these bytes within 300 s of `now`.

    The header is ``carrier-signature: t=<unix seconds>,v1=<hex>``: HMAC-SHA256 over the seconds, a dot and the body.

    Raises:
        UnprovenTrackingError: answer 401 and read nothing of the body.
        ValueError: our own secret is empty.
    """
    if not secret:
        raise ValueError("A carrier's secret is not set")
    if len(raw_body) > LARGEST_PUSH:
        raise UnprovenTrackingError("The push is too large")
    given = {name.lower(): value for name, value in headers.items()}
    parts = dict(part.partition("=")[::2] for part in given.get(SIGNATURE_HEADER, "").split(","))
    stamp, offered = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= len("253402300799")):
        raise UnprovenTrackingError("The signature has no time")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise UnprovenTrackingError("The signature is too old or too new")
    expected = hmac.new(secret.encode(), f"{stamp}.".encode() + raw_body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), offered.encode()):
        raise UnprovenTrackingError("The signature does not fit")


def parse_tracking_webhook(raw: bytes) -> tuple[RawScan, ...]:
    """Take a proven push apart, in the order in which the carrier wrote it.

    Raises:
        MalformedTrackingError: it is not in the agreed form; nothing of it is used.
    """
    try:
        push = msgspec.json.decode(raw, type=_Push)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedTrackingError(str(error)) from error
    return tuple(event.scan(push.carrier) for event in push.events)


def _names(location: WireLocation) -> tuple[str, str, str]:
    return location.city, location.region, location.country


def _readable(text: str) -> str:
    # Real carriers send line ends and worse inside codes; none of it belongs into a look-up or a log line.
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_LONGEST_TEXT]
