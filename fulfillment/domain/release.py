"""When an order goes to the floor: against the clock of the carriers and the pace of the pickers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

HANDLING = timedelta(minutes=45)
"""What an order needs from its release to the dock at the very least; a nearer cut-off is not aimed at."""

RESERVE_FOR_PACKING = timedelta(minutes=60)
"""The last stretch before a cut-off belongs to packing and loading: no walk is planned into it."""

_ROUNDED = timedelta(minutes=10)
"""An expected start is told to so much, and told anew only when it moved by as much."""


@dataclass(frozen=True, slots=True)
class CutOffTime:
    """When a carrier's collection closes. `level` is the service level of what it collects, empty for any."""

    carrier: str
    at: datetime
    level: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reserved order that could go to the floor. `waits_for` says in words why it cannot, if so; `starts_at` is when
    picking was last expected to start, `country` and `postal_code` where it goes.
    """

    tenant_id: str
    order_id: str
    lines: int
    placed_at: datetime
    promised_on: date | None
    service_level: str
    waits_for: str = ""
    rushed: bool = False
    starts_at: datetime | None = None
    country: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a floor picks: so many people, each so many lines an hour, and from how many picks that was measured."""

    pickers: int
    lines_per_hour: int
    measured_on: int = 0

    def needs(self, lines: int) -> timedelta | None:
        """Return how long the floor takes for so many lines, None when nobody picks."""
        if not self.pickers * self.lines_per_hour:
            return timedelta() if not lines else None
        return timedelta(hours=lines / (self.pickers * self.lines_per_hour))

    def pickers_for(self, lines: int, within: timedelta) -> int | None:
        """Return how many people pick so many lines in time, None when no number of people does."""
        hours = within / timedelta(hours=1)
        if lines == 0:
            return 0
        return ceil(lines / (self.lines_per_hour * hours)) if hours > 0 and self.lines_per_hour else None

    def __str__(self) -> str:
        people = "1 picker" if self.pickers == 1 else f"{self.pickers or 'no'} pickers"
        return f"{people} at {self.lines_per_hour} lines/h"


class ReleaseMode(StrEnum):
    """Orders go to the floor as it has room for them, in waves at fixed times, or when a lead says so."""

    STREAM = "stream"
    WAVES = "waves"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor that is fed: its pace, the lines that it has been given already, and how it wants its orders.

    It is kept busy for `keep_busy`; an order that has less than `slack` to spare before its collection goes at once.
    `wave_at` is when the next wave goes, and is past when one is due.
    """

    pace: Pace
    lines_open: int
    mode: ReleaseMode = ReleaseMode.STREAM
    keep_busy: timedelta = timedelta(minutes=60)
    slack: timedelta = timedelta(minutes=45)
    wave_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReleaseDecision:
    """Whether an order goes to the floor now, why in words, the cut-off that it aims at, when its picking is expected
    to start, and what is left before the cut-off, in minutes: less than 0 is too late at this pace.
    """

    tenant_id: str
    order_id: str
    released: bool
    why: str
    cut_off_at: datetime | None = None
    carrier: str = ""
    lines: int = 0
    starts_at: datetime | None = None
    slack_minutes: int | None = None


def decide_release(
    candidates: Sequence[Candidate],
    *,
    cut_offs: Sequence[CutOffTime],
    now: datetime,
    zone: str,
    floor: Floor | None = None,
) -> tuple[ReleaseDecision, ...]:
    """Decide which orders go to the floor: rush first, then earliest promise, express before standard, then by age.

    Each aims at the next collection of its service level that can still be made. Without a `floor` all go that can.
    With one, they go as its mode says; the others are told when their picking is expected to start.
    """
    decider = _Decider(tuple(sorted(cut_offs, key=lambda c: c.at)), now, ZoneInfo(zone), floor)
    return tuple(decider.decide(candidate) for candidate in sorted(candidates, key=urgency))


def urgency(candidate: Candidate) -> tuple[bool, date, bool, datetime, str]:
    """Return what orders are sorted by: rush, then the promised day, express before standard, then age."""
    return (
        not candidate.rushed,
        candidate.promised_on or date.max,
        candidate.service_level != "express",
        candidate.placed_at,
        candidate.order_id,
    )


def cut_off_for(level: str, cut_offs: Iterable[CutOffTime], *, now: datetime) -> CutOffTime | None:
    """Return the next collection for a service level that can still be made, of any level if there is none for it."""
    makes = sorted((c for c in cut_offs if c.at >= now + HANDLING), key=lambda c: (c.at, c.carrier))
    return next((c for c in makes if c.level in ("", level)), next(iter(makes), None))


@dataclass(slots=True)
class _Decider:
    """What one pass knows: the floor as it is filled order by order, and the lines of all orders before this one."""

    cut_offs: tuple[CutOffTime, ...]
    now: datetime
    zone: ZoneInfo
    floor: Floor | None
    given: int = field(init=False)
    ahead: int = field(init=False)

    def __post_init__(self) -> None:
        self.given = self.ahead = self.floor.lines_open if self.floor else 0

    def decide(self, candidate: Candidate) -> ReleaseDecision:
        """Return what becomes of one order, after all that are more urgent."""
        if candidate.waits_for:
            return self._answer(candidate, None, released=False, why=candidate.waits_for)
        aimed = cut_off_for(candidate.service_level, self.cut_offs, now=self.now)
        if self.floor is None:
            return self._answer(candidate, aimed, released=True, why=f"Released for {self._collection(aimed)}.")
        starts = self._starts(self.floor)
        self.ahead += candidate.lines
        slack = self._slack(aimed, self.floor.pace)
        because = self._reason(candidate, slack, self.floor)
        if because:
            self.given += candidate.lines
            why = self._told(because, aimed, self.floor, slack)
            expected = None if candidate.rushed else _settled(None, starts, self.now)
            return self._answer(candidate, aimed, released=True, why=why, starts=expected, slack=slack)
        known = _settled(candidate.starts_at, starts, self.now)
        why = self._queued(aimed, self.floor, known)
        return self._answer(candidate, aimed, released=False, why=why, starts=known, slack=slack)

    def _starts(self, floor: Floor) -> datetime | None:
        if floor.mode is ReleaseMode.BY_HAND:
            return None  # nobody knows when somebody will
        wait = floor.pace.needs(self.ahead)
        reached = self.now + wait if wait is not None else None
        return max(reached, floor.wave_at) if reached and floor.wave_at else reached

    def _slack(self, aimed: CutOffTime | None, pace: Pace) -> timedelta | None:
        needs = pace.needs(self.ahead)
        return aimed.at - RESERVE_FOR_PACKING - self.now - needs if aimed and needs is not None else None

    def _reason(self, candidate: Candidate, slack: timedelta | None, floor: Floor) -> str:
        """Return why an order goes now, empty when it stays in the queue."""
        if candidate.rushed:
            return "Rush order"
        if floor.mode is ReleaseMode.BY_HAND:
            return ""
        if slack is not None and slack < floor.slack:
            return "Released, time is short"
        if floor.mode is ReleaseMode.WAVES:
            return "Released with the wave" if floor.wave_at is not None and floor.wave_at <= self.now else ""
        busy = Pace(max(1, floor.pace.pickers), floor.pace.lines_per_hour).needs(self.given)
        return "Released" if busy is None or busy < floor.keep_busy else ""

    def _told(self, because: str, aimed: CutOffTime | None, floor: Floor, slack: timedelta | None) -> str:
        parts = [f"{aimed.carrier} closes {self._clock(aimed.at)}" if aimed else "no collection is planned"]
        parts += [f"{self.given} {'line' if self.given == 1 else 'lines'} left", str(floor.pace)]
        if slack is not None:
            minutes = round(slack / timedelta(minutes=1))
            parts.append(f"{minutes} min to spare" if minutes >= 0 else f"{-minutes} min too late at this pace")
        return f"{because}: {', '.join(parts)}."

    def _queued(self, aimed: CutOffTime | None, floor: Floor, starts: datetime | None) -> str:
        told = f"Queued for {self._collection(aimed)}: "
        if floor.mode is ReleaseMode.BY_HAND:
            return told + "orders are released by hand here."
        if starts is None:
            return told + ("waits for the next wave." if floor.mode is ReleaseMode.WAVES else "nobody is picking.")
        return told + f"starts about {self._clock(starts)}."

    def _collection(self, aimed: CutOffTime | None) -> str:
        if aimed is None:
            return "no collection, none is planned"
        local = aimed.at.astimezone(self.zone)
        return f"the {aimed.carrier} collection at {local:%H:%M} on {local:%A}"

    def _clock(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{local:%H:%M}" if local.date() == self.now.astimezone(self.zone).date() else f"{local:%H:%M on %A}"

    def _answer(
        self, candidate: Candidate, aimed: CutOffTime | None, *, released: bool, why: str,
        starts: datetime | None = None, slack: timedelta | None = None,
    ) -> ReleaseDecision:  # fmt: skip
        return ReleaseDecision(
            candidate.tenant_id, candidate.order_id, released, why, aimed.at if aimed else None,
            aimed.carrier if aimed else "", candidate.lines, starts,
            round(slack / timedelta(minutes=1)) if slack is not None else None,
        )  # fmt: skip


def _settled(told: datetime | None, found: datetime | None, now: datetime) -> datetime | None:
    """Return the start to tell: the one told before while it still holds, else the new one, rounded up."""
    if found is None:
        return None
    if told is not None and told >= now and abs(told - found) < _ROUNDED:
        return told
    past = timedelta(minutes=found.minute % 10, seconds=found.second, microseconds=found.microsecond)
    return found if not past else found - past + _ROUNDED
