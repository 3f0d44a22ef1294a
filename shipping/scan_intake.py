from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from shipping.domain.status_mapping import MappedStatus, map_status
from shipping.domain.tracking import ShipmentState, TrackingEvent, derive_shipment_state, event_fingerprint
from shipping.domain.tracking_status import TrackingStatus
from shipping.gateways.carriers import RawScan
from shipping.gateways.karrio_answers import STATUS_PREFIX
from shipping.models.parcels import ParcelRow
from shipping.models.tracking import TrackingScanRow
from shipping.sentences import city_of

# A number may be used again by the carrier: a scan from long before a parcel was packed is not about it.
_CLOCK_SLACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Intake:
    """A scan with its id here, its fingerprint among repetitions, and the parcel it is about, if that is known."""

    id: str
    fingerprint: str
    scan: RawScan
    parcel: ParcelRow | None


def fingerprint(scan: RawScan) -> str:
    """Hash a scan's content, by which a repetition is known whatever message it comes in."""
    return event_fingerprint(
        carrier=scan.carrier, tracking_number=scan.tracking_number, raw_code=scan.raw_code,
        occurred_at=scan.occurred_at, location=scan.place, description=scan.raw_text,
    )  # fmt: skip


def parcel_for(scan: RawScan, parcels: Sequence[ParcelRow]) -> ParcelRow | None:
    """Return the parcel a scan is about: the newest with its number that had been packed by then."""
    mine = [p for p in parcels if p.tracking_number == scan.tracking_number]
    packed = [p for p in mine if p.packed_at <= scan.occurred_at + _CLOCK_SLACK]
    return max(packed, key=lambda p: (p.packed_at, p.id), default=None)


def scan_row(parcel: ParcelRow, intake: Intake, received_at: datetime) -> dict[str, Any]:
    """Return what a raw scan says about a parcel, mapped, with its place at city level."""
    scan = intake.scan
    meaning = meaning_of(scan.carrier, scan.raw_code)
    offset = scan.occurred_at.utcoffset()
    return {
        "tenant_id": parcel.tenant_id, "id": intake.id, "parcel_id": parcel.id,
        "fingerprint": intake.fingerprint, "carrier": scan.carrier,
        "code": scan.raw_code, "text": scan.raw_text, "status": meaning.status.value, "reason": meaning.reason or "",
        "occurred_at": scan.occurred_at.astimezone(UTC),
        "utc_offset_minutes": None if offset is None else int(offset.total_seconds() // 60),
        "place": city_of(scan.place), "received_at": received_at,
    }  # fmt: skip


@lru_cache(maxsize=4096)
def meaning_of(carrier: str, code: str) -> MappedStatus:
    """Return what a carrier's code means; an unknown one is UNKNOWN, never a default.

    A scan that came through an account's library carries the library's status as well: "karrio:in_transit:DP".
    """
    library, _, rest = code.partition(":")
    if library == STATUS_PREFIX:
        return map_status(library, rest.partition(":")[0], "status")
    return map_status(carrier, code)


def tracking_event(row: TrackingScanRow | Mapping[str, Any]) -> TrackingEvent:
    """Give a stored scan the form that the tracking domain takes."""
    values = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in _READ}
    return TrackingEvent(
        fingerprint=values["fingerprint"], occurred_at=values["occurred_at"], status=TrackingStatus(values["status"]),
        reason=values["reason"] or None, raw_code=values["code"],
        is_code_known=meaning_of(values["carrier"], values["code"]).is_known, location=values["place"] or None,
        description=values["text"] or None,
    )  # fmt: skip


_READ = ("fingerprint", "occurred_at", "status", "reason", "code", "carrier", "place", "text")


def derived(rows: Iterable[TrackingScanRow | Mapping[str, Any]]) -> ShipmentState:
    """Return a parcel's state as a function of the set of its scans, whatever order they came in."""
    return derive_shipment_state(tracking_event(row) for row in rows)


def derived_columns(state: ShipmentState) -> dict[str, Any]:
    """Return the parcel's columns that follow from its scans. Without any scan that says something the parcel is what
    its label made it.
    """
    is_silent = state.event_count == 0 or state.status is TrackingStatus.UNKNOWN
    return {
        "tracking_status": TrackingStatus.PRE_TRANSIT.value if is_silent else state.status.value,
        "tracking_reason": state.reason or "",
        "tracking_flags": sorted(flag.value for flag in state.flags),
        "tracking_place": (state.last_event.location or "") if state.last_event else "",
        "tracked_at": state.last_event.occurred_at if state.last_event else None,
        "delivered_at": state.delivered_at,
    }


def raw_document(scan: RawScan) -> dict[str, Any]:
    """Return a raw scan as the JSON document that is kept, and read again when its parcel becomes known."""
    weighed = {} if scan.weight_g is None else {"weight_g": scan.weight_g}
    return {
        "carrier": scan.carrier, "tracking_number": scan.tracking_number, "raw_code": scan.raw_code,
        "raw_text": scan.raw_text, "occurred_at": scan.occurred_at.isoformat(), "place": scan.place,
        "event_id": scan.event_id, **weighed,
    }  # fmt: skip


def scan_from(document: Mapping[str, Any]) -> RawScan:
    """Read a raw scan back from the document that was kept."""
    return RawScan(**{**document, "occurred_at": datetime.fromisoformat(document["occurred_at"])})
