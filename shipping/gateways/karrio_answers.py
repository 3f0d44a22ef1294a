"""What karrio answers, in ours: scans, refusals and labels."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from shipping.gateways.carriers import LabelDocument, RawScan, Refused

STATUS_PREFIX: Final = "karrio"
_LONGEST: Final = 500


def scans_of(
    events: Sequence[Any], instants: Sequence[datetime | None], carrier: str, number: str
) -> tuple[RawScan, ...]:
    """Return the scans in order of time; `instants` are better told than in the library's events, by their place."""
    """Return the scans in order of time; `instants` are better told than in the library's events, by their place."""
    told = [instants[place] if place < len(instants) else _offset_of(event) for place, event in enumerate(events)]
    scans = [_scan(event, at, carrier, number) for event, at in zip(events, told, strict=True) if at is not None]
    return tuple(sorted(scans, key=lambda scan: scan.occurred_at))


def _offset_of(event: Any) -> datetime | None:  # noqa: ANN401 - see Karrio
    """Read the instant that the library names. It writes "Z" behind local times too, but knows nothing better."""
    try:
        return datetime.fromisoformat(event.timestamp or "")
    except ValueError:
        return None


def _scan(event: Any, at: datetime, carrier: str, number: str) -> RawScan:  # noqa: ANN401 - see Karrio
    """Return a scan with the library's status and the carrier's own code in one: "karrio:in_transit:DP"."""
    code = f"{STATUS_PREFIX}:{event.status or ''}:{readable(event.code or '')}"
    return RawScan(
        carrier=carrier, tracking_number=number, raw_code=code[:120], raw_text=readable(event.description or ""),
        occurred_at=at, place=readable(event.location or ""), event_id="",
    )  # fmt: skip


def label_document(details: Any) -> LabelDocument | None:  # noqa: ANN401 - see Karrio
    """Return the label's document, None when the answer holds none."""
    """Return the label's document, None when the answer holds none."""
    label = details.docs.label if details.docs else None
    try:
        # DHL Express's comes in lines.
        content = base64.b64decode("".join((label or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    is_zpl = (details.label_type or "").upper().startswith("ZPL")
    return LabelDocument("application/zpl" if is_zpl else "application/pdf", content) if content else None


def refused(messages: Sequence[Any]) -> Refused:
    """Return what a carrier's messages say when nothing came of a request."""
    """Return what a carrier's messages say when nothing came of a request."""
    code = next((readable(str(message.code)) for message in messages if message.code), "refused")
    return Refused(code, said(messages) or "The carrier declined and said no more.")


def said(messages: Sequence[Any]) -> str:
    """Return what messages say, in one line."""
    """Return what messages say, in one line."""
    return "; ".join(filter(None, (readable(str(message.message or "")) for message in messages)))[:_LONGEST]


def readable(text: str) -> str:
    """Return text without what cannot be printed."""
    """Return text without what cannot be printed."""
    # Carriers send line ends and markup's leftovers inside codes; none of it belongs into a record or a log line.
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_LONGEST]
