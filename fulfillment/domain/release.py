from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HANDLING = timedelta(minutes=45)
"""What an order needs from its release to the dock at the very least; a nearer cut-off is not aimed at."""

RESERVE_FOR_PACKING = timedelta(minutes=60)
"""The last stretch before a cut-off belongs to packing and loading: no walk is planned into it."""


@dataclass(frozen=True, slots=True)
class CutOffTime:
    """When a carrier's collection closes."""

    carrier: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reserved order that could go to the floor. `waits_for` says in words why it cannot, if so."""

    tenant_id: str
    order_id: str
    lines: int
    placed_at: datetime
    promised_on: date | None
    service_level: str
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class FloorRate:
    """How much the floor picks in an hour, and what it has already been given; both in lines."""

    lines_per_hour: int
    lines_open: int


@dataclass(frozen=True, slots=True)
class ReleaseDecision:
    """Whether an order goes to the floor now, why in words, and the cut-off that it aims at."""

    tenant_id: str
    order_id: str
    released: bool
    why: str
    cut_off_at: datetime | None = None


def decide_release(
    candidates: Sequence[Candidate],
    *,
    cut_offs: Sequence[CutOffTime],
    now: datetime,
    zone: str,
    floor: FloorRate | None = None,
) -> tuple[ReleaseDecision, ...]:
    """Decide which orders go to the floor: earliest promise first, express before standard, then by time of order.

    All aim at the next cut-off that can still be made. With a `floor`, only as many lines are released as it can pick
    before then; the others wait, and are told for which reason.
    """
    aimed = next(iter(sorted((c for c in cut_offs if c.at >= now + HANDLING), key=lambda c: c.at)), None)
    room = _room(floor, aimed, now)
    decisions = []
    for candidate in sorted(candidates, key=_urgency):
        decision = _decide(candidate, aimed, zone, room)
        if decision.released and room is not None:
            room -= candidate.lines
        decisions.append(decision)
    return tuple(decisions)


def _urgency(candidate: Candidate) -> tuple[date, bool, datetime, str]:
    return (
        candidate.promised_on or date.max,
        candidate.service_level != "express",
        candidate.placed_at,
        candidate.order_id,
    )


def _room(floor: FloorRate | None, aimed: CutOffTime | None, now: datetime) -> int | None:
    if floor is None or aimed is None:
        return None
    hours = max(timedelta(), aimed.at - now - RESERVE_FOR_PACKING) / timedelta(hours=1)
    return max(0, int(floor.lines_per_hour * hours) - floor.lines_open)


def _decide(candidate: Candidate, aimed: CutOffTime | None, zone: str, room: int | None) -> ReleaseDecision:
    ids = (candidate.tenant_id, candidate.order_id)
    if candidate.waits_for:
        return ReleaseDecision(*ids, released=False, why=candidate.waits_for)
    if aimed is None:
        return ReleaseDecision(*ids, released=True, why="Released: no collection is planned, so it can be ready early.")
    local = aimed.at.astimezone(ZoneInfo(zone))
    collection = f"the {aimed.carrier} collection at {local:%H:%M} on {local:%A}"
    if room is not None and candidate.lines > room:
        why = f"Waits: the floor already has as many lines as it can pick before {collection}."
        return ReleaseDecision(*ids, released=False, why=why)
    return ReleaseDecision(*ids, released=True, why=f"Released for {collection}.", cut_off_at=aimed.at)
