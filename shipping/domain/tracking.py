import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from shipping.domain.tracking_status import TrackingFlag, TrackingStatus, status_flags

LegKind = Literal["outbound", "return"]

# Scans of one handling step carry times a few seconds apart, in any order; within this span the journey's rank decides.
SAME_INSTANT = timedelta(seconds=60)
MISSCAN_WINDOW = timedelta(hours=24)

_BEFORE_HANDOVER = frozenset({TrackingStatus.PENDING, TrackingStatus.PRE_TRANSIT})
_MOVING = frozenset(
    {
        TrackingStatus.PICKED_UP,
        TrackingStatus.IN_TRANSIT,
        TrackingStatus.OUT_FOR_DELIVERY,
        TrackingStatus.AVAILABLE_FOR_PICKUP,
        TrackingStatus.ATTEMPT_FAILED,
    }
)
_RETURNING = frozenset({TrackingStatus.RETURNING, TrackingStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One carrier event, already mapped. `occurred_at` is UTC; `fingerprint` identifies it among repetitions."""

    fingerprint: str
    occurred_at: datetime
    status: TrackingStatus
    reason: str | None = None
    raw_code: str = ""
    is_code_known: bool = True
    location: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class JourneyLeg:
    """One way of the parcel: to the customer or back, with its last status and times."""

    kind: LegKind
    status: TrackingStatus
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShipmentState:
    """What the events say, whatever the order and number of times they arrived in."""

    status: TrackingStatus
    reason: str | None
    flags: frozenset[TrackingFlag]
    last_event: TrackingEvent | None
    picked_up_at: datetime | None
    delivered_at: datetime | None
    returned_at: datetime | None
    legs: tuple[JourneyLeg, ...]
    event_count: int


_EMPTY = ShipmentState(TrackingStatus.PENDING, None, frozenset(), None, None, None, None, (), 0)


def event_fingerprint(
    *,
    carrier: str,
    tracking_number: str,
    raw_code: str,
    occurred_at: datetime,
    location: str | None = None,
    description: str | None = None,
) -> str:
    """Hash an event's content, so that a repeated delivery of it is recognized whatever its envelope.

    Times are compared as UTC instants in whole seconds, since carriers send the same scan with and without
    milliseconds; case and blanks do not count.

    Raises:
        ValueError: `occurred_at` has no time zone.
    """
    moment = _utc(occurred_at).replace(microsecond=0).isoformat()
    parts = (carrier, tracking_number, raw_code, moment, location or "", description or "")
    text = "\x1f".join(" ".join(part.split()).casefold() for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


def order_events(events: Iterable[TrackingEvent]) -> tuple[TrackingEvent, ...]:
    """Bring events into journey order without repetitions: by instant, and by rank within the same instant.

    Raises:
        ValueError: an event's time has no time zone.
    """
    unique: dict[str, TrackingEvent] = {}
    for event in sorted(events, key=_content_key):
        unique.setdefault(event.fingerprint, event)
    by_time = sorted(unique.values(), key=lambda e: (e.occurred_at, e.status.rank, e.fingerprint))
    groups: list[list[TrackingEvent]] = []
    for event in by_time:
        if groups and event.occurred_at - groups[-1][0].occurred_at <= SAME_INSTANT:
            groups[-1].append(event)
        else:
            groups.append([event])
    return tuple(e for group in groups for e in sorted(group, key=lambda e: (e.status.rank, e.occurred_at)))


def derive_shipment_state(events: Iterable[TrackingEvent]) -> ShipmentState:
    """Derive the state of a shipment from its events; a pure function of their set.

    Latest by `occurred_at`, ties within 60 s by rank. DELIVERED is final but for a later return; an attempt within
    24 h after it is taken for a mis-scan and flagged. On the way back a delivery means returned to the sender. Data
    messages (pending, label made) never undo a scan. An unknown code changes nothing but the flag.

    Raises:
        ValueError: an event's time has no time zone.
    """
    ordered = order_events(events)
    state = _EMPTY
    for event in ordered:
        state = _advance(state, event)
    flags = (state.flags & _STICKY) | status_flags(state.status, state.reason)
    return replace(state, flags=flags, event_count=len(ordered))


_STICKY = frozenset(
    {
        TrackingFlag.UNKNOWN_CODE,
        TrackingFlag.POSSIBLE_MISSCAN,
        TrackingFlag.EVENT_AFTER_DELIVERY,
        TrackingFlag.MOVED_AFTER_CANCEL,
    }
)


def _advance(state: ShipmentState, event: TrackingEvent) -> ShipmentState:
    if event.status is TrackingStatus.UNKNOWN:
        return _note_unknown(state, event)
    if _is_on_way_back(state):
        return _advance_return(state, event)
    if event.status in _RETURNING:
        return _open_return(state, event)
    if state.delivered_at is not None:
        return _after_delivery(state, event)
    return _advance_outbound(state, event)


def _note_unknown(state: ShipmentState, event: TrackingEvent) -> ShipmentState:
    flags = state.flags if event.is_code_known else state.flags | {TrackingFlag.UNKNOWN_CODE}
    if state.last_event is None:
        return replace(state, status=TrackingStatus.UNKNOWN, flags=flags)
    return replace(state, flags=flags)


def _advance_outbound(state: ShipmentState, event: TrackingEvent) -> ShipmentState:
    if _is_stale(state, event):
        return state
    flags = state.flags
    if state.status is TrackingStatus.CANCELLED and event.status in {*_MOVING, TrackingStatus.DELIVERED}:
        flags = flags | {TrackingFlag.MOVED_AFTER_CANCEL}
    is_delivered = event.status is TrackingStatus.DELIVERED
    first_scan = event.occurred_at if event.status in _MOVING else None
    return replace(
        state,
        status=event.status,
        reason=event.reason,
        flags=flags,
        last_event=event,
        picked_up_at=state.picked_up_at or first_scan,
        delivered_at=event.occurred_at if is_delivered else None,
        legs=_grow_leg(state.legs, "outbound", event),
    )


def _is_stale(state: ShipmentState, event: TrackingEvent) -> bool:
    """Tell data messages and late acceptance scans that must not undo a scan already made."""
    if event.status in _BEFORE_HANDOVER:
        return state.picked_up_at is not None
    moved_on = _MOVING - {TrackingStatus.PICKED_UP}
    return event.status is TrackingStatus.PICKED_UP and state.status in moved_on


def _after_delivery(state: ShipmentState, event: TrackingEvent) -> ShipmentState:
    assert state.delivered_at is not None
    if event.status is TrackingStatus.DELIVERED:
        return replace(state, last_event=event, reason=event.reason or state.reason)
    flag = TrackingFlag.EVENT_AFTER_DELIVERY
    if event.status is TrackingStatus.ATTEMPT_FAILED and event.occurred_at - state.delivered_at <= MISSCAN_WINDOW:
        flag = TrackingFlag.POSSIBLE_MISSCAN
    return replace(state, flags=state.flags | {flag})


def _open_return(state: ShipmentState, event: TrackingEvent) -> ShipmentState:
    return replace(
        state,
        status=event.status,
        reason=event.reason,
        last_event=event,
        returned_at=event.occurred_at if event.status is TrackingStatus.RETURNED else None,
        legs=(*state.legs, _leg("return", event)),
    )


def _advance_return(state: ShipmentState, event: TrackingEvent) -> ShipmentState:
    if state.returned_at is not None:
        return state
    arrived = event.status in {TrackingStatus.RETURNED, TrackingStatus.DELIVERED}
    if not arrived and event.status not in {TrackingStatus.RETURNING, TrackingStatus.EXCEPTION, *_MOVING}:
        return state
    status = TrackingStatus.RETURNED if arrived else TrackingStatus.RETURNING
    back = replace(event, status=status)
    return replace(
        state,
        status=status,
        reason=event.reason,
        last_event=event,
        returned_at=event.occurred_at if arrived else None,
        legs=_grow_leg(state.legs, "return", back),
    )


def _is_on_way_back(state: ShipmentState) -> bool:
    return bool(state.legs) and state.legs[-1].kind == "return"


def _grow_leg(legs: Sequence[JourneyLeg], kind: LegKind, event: TrackingEvent) -> tuple[JourneyLeg, ...]:
    fresh = _leg(kind, event)
    if not legs or legs[-1].kind != kind:
        return (*legs, fresh)
    return (*legs[:-1], replace(fresh, started_at=legs[-1].started_at))


def _leg(kind: LegKind, event: TrackingEvent) -> JourneyLeg:
    ended = event.occurred_at if event.status in {TrackingStatus.DELIVERED, TrackingStatus.RETURNED} else None
    return JourneyLeg(kind, event.status, event.occurred_at, ended)


def _content_key(event: TrackingEvent) -> tuple[str, datetime, int, str, str, str, str]:
    return (
        event.fingerprint,
        _utc(event.occurred_at),
        event.status.rank,
        event.reason or "",
        event.raw_code,
        event.location or "",
        event.description or "",
    )


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an event's time needs a time zone; the carrier's local time alone is not an instant")
    return moment.astimezone(UTC)
