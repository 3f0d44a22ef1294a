import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.simulators.carrier_codes import SERVICE_DAYS, VOCABULARIES, ScanKind

_SUNDAY = 6
_FAR_FROM = 3
_ATTEMPTS = 3
_UNCOLLECTED_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Place:
    """A town as a scan names it, with its IANA zone for local times."""

    city: str
    region: str
    country: str
    zone: str


@dataclass(frozen=True, slots=True)
class Journey:
    """What the fate of a parcel depends on. Times carry a zone.

    `pace` is how many times faster than in life it travels: at 60, an hour on the road takes a minute.
    """

    carrier: str
    tracking_number: str
    service: str
    origin: Place
    destination: Place
    handed_over_at: datetime
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class CarrierScan:
    """One scan; `occurred_at` is local time with its offset, as carriers report it."""

    event_id: str
    carrier: str
    tracking_number: str
    kind: ScanKind
    code: str
    text: str
    occurred_at: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Push:
    """A scan on its way to the shipper, at the moment it is sent."""

    sent_at: datetime
    scan: CarrierScan


@dataclass(frozen=True, slots=True)
class Odds:
    """Shares of parcels (or of pushes, for the last two) to which something happens."""

    delayed: float = 0.06
    attempt_failed: float = 0.08
    refused: float = 0.004
    damaged: float = 0.005
    lost: float = 0.004
    pushed_late: float = 0.05
    pushed_twice: float = 0.03


@dataclass(frozen=True, slots=True)
class CarrierModel:
    """The simulated carriers' behavior: a pure function of the seed and the parcel."""

    seed: int
    odds: Odds = field(default_factory=Odds)

    def history(self, journey: Journey) -> tuple[CarrierScan, ...]:
        """Tell all scans of a parcel from pickup to its end, in order of time; the same for the same input."""
        course = _Course(self, journey, self._draws(journey.tracking_number))
        course.travel()
        return tuple(_at_pace(scan, journey) for scan in course.scans)

    def announcement(self, journey: Journey, created_at: datetime) -> CarrierScan:
        """Return the data message that a label was made."""
        return self.scan(journey, ScanKind.LABEL_CREATED, created_at, journey.origin, number=0)

    def pushes(self, scans: Sequence[CarrierScan], pace: float = 1.0) -> tuple[Push, ...]:
        """Say when each scan is sent: seconds later, some hours later and so out of order, some twice."""
        found = [push for scan in scans for push in self._pushes_of(scan, pace)]
        return tuple(sorted(found, key=lambda push: (push.sent_at, push.scan.event_id)))

    def scan(self, journey: Journey, kind: ScanKind, at: datetime, place: Place, *, number: int) -> CarrierScan:
        """Write what happens as the carrier's `number`-th scan of the parcel."""
        code, text = VOCABULARIES[journey.carrier][kind]
        identity = f"{self.seed}:{journey.carrier}:{journey.tracking_number}:{number}"
        return CarrierScan(
            event_id=f"cev_{hashlib.sha256(identity.encode()).hexdigest()[:24]}",
            carrier=journey.carrier,
            tracking_number=journey.tracking_number,
            kind=kind,
            code=code,
            text=text,
            occurred_at=at.astimezone(ZoneInfo(place.zone)).replace(microsecond=0),
            place=place,
        )

    def _pushes_of(self, scan: CarrierScan, pace: float) -> list[Push]:
        draws = self._draws(scan.event_id)
        late = draws.random() < self.odds.pushed_late
        wait = draws.uniform(600, 6 * 3600) if late else draws.uniform(5, 90)
        sent_at = scan.occurred_at + timedelta(seconds=round(wait)) / pace
        again = sent_at + timedelta(seconds=draws.randrange(60, 1800)) / pace
        twice = draws.random() < self.odds.pushed_twice
        return [Push(sent_at, scan), Push(again, scan)] if twice else [Push(sent_at, scan)]

    def _draws(self, name: str) -> random.Random:
        return random.Random(f"{self.seed}:{name}")  # noqa: S311 - chance in a simulation that must repeat itself


def _at_pace(scan: CarrierScan, journey: Journey) -> CarrierScan:
    if journey.pace == 1.0:
        return scan
    start = journey.handed_over_at.astimezone(UTC)
    at = start + (scan.occurred_at.astimezone(UTC) - start) / journey.pace
    return replace(scan, occurred_at=at.astimezone(scan.occurred_at.tzinfo))


@dataclass(slots=True)
class _Course:
    """One parcel's way, scan by scan. Each draw is made whether it is used or not, so that odds change one thing."""

    model: CarrierModel
    journey: Journey
    draws: random.Random
    scans: list[CarrierScan] = field(default_factory=list)

    def travel(self) -> None:
        odds = self.model.odds
        fate = {name: self.draws.random() < getattr(odds, name) for name in ("lost", "damaged", "refused", "delayed")}
        days = self._transit_days()
        self._leave()
        if fate["lost"]:
            self._note(ScanKind.LOST, self._last() + timedelta(days=10), self.journey.origin)
            return
        day = self._business_day(self._local_date(), days)
        if fate["delayed"]:
            self._note(ScanKind.DELAYED, self._last() + self._hours(1, 5), self.journey.origin)
            day = self._business_day(day, self.draws.randint(1, 3))
        if days >= _FAR_FROM:
            self._cross(day)
        self._note(ScanKind.ARRIVED_LAST, self._on(day, 4, 6.5), self.journey.destination)
        if fate["damaged"]:
            self._note(ScanKind.DAMAGED, self._last() + self._hours(0.2, 1), self.journey.destination)
            self._go_back()
        else:
            self._deliver(day, refused=fate["refused"])

    def _leave(self) -> None:
        here = self.journey.origin
        self._note(ScanKind.PICKED_UP, self.journey.handed_over_at + self._hours(0.02, 0.6), here)
        self._note(ScanKind.ARRIVED, self._last() + self._hours(0.5, 2), here)
        self._note(ScanKind.DEPARTED, self._last() + self._hours(0.5, 3), here)

    def _cross(self, day: date) -> None:
        to = self.journey.destination
        hub = Place("Central hub", "", to.country, to.zone)
        self._note(ScanKind.ARRIVED, self._on(day - timedelta(days=1), 1, 9), hub)
        self._note(ScanKind.DEPARTED, self._last() + self._hours(1, 6), hub)

    def _deliver(self, day: date, *, refused: bool) -> None:
        here = self.journey.destination
        for _ in range(_ATTEMPTS):
            self._note(ScanKind.OUT_FOR_DELIVERY, self._on(day, 7, 9), here)
            doorbell = self._on(day, 9.5, 18.5)
            if refused:
                self._note(ScanKind.REFUSED, doorbell, here)
                self._go_back()
                return
            if self.draws.random() >= self.model.odds.attempt_failed:
                self._note(ScanKind.DELIVERED, doorbell, here)
                return
            self._note(ScanKind.ATTEMPT_FAILED, doorbell, here)
            day = self._business_day(day, 1)
        self._wait_at_counter(day)

    def _wait_at_counter(self, day: date) -> None:
        here = self.journey.destination
        self._note(ScanKind.AVAILABLE, self._on(day, 9, 11), here)
        if self.draws.random() < _UNCOLLECTED_SHARE:
            self._go_back(after_days=10)
        else:
            self._note(ScanKind.COLLECTED, self._on(self._business_day(day, self.draws.randint(1, 4)), 9, 18), here)

    def _go_back(self, after_days: int = 1) -> None:
        self._note(ScanKind.RETURNING, self._last() + timedelta(days=after_days), self.journey.destination)
        home = self._business_day(self._local_date(), self._transit_days())
        self._note(ScanKind.RETURNED, self._on(home, 10, 16, self.journey.origin), self.journey.origin)

    def _note(self, kind: ScanKind, at: datetime, place: Place) -> None:
        # Zones and short nights can put the next step before the last one; a parcel cannot travel back in time.
        earliest = self._last() + timedelta(minutes=4) if self.scans else at
        self.scans.append(
            self.model.scan(self.journey, kind, max(at, earliest), place, number=len(self.scans) + 1),
        )

    def _last(self) -> datetime:
        return self.scans[-1].occurred_at

    def _local_date(self) -> date:
        return self._last().astimezone(ZoneInfo(self.journey.destination.zone)).date()

    def _transit_days(self) -> int:
        shortest, longest = SERVICE_DAYS[self.journey.carrier, self.journey.service]
        here, there = self.journey.origin, self.journey.destination
        near = (here.country, here.region) == (there.country, there.region)
        return self.draws.randint(shortest, (shortest + longest) // 2 if near else longest)

    def _hours(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=round(self.draws.uniform(least, most) * 3600))

    def _on(self, day: date, earliest_hour: float, latest_hour: float, place: Place | None = None) -> datetime:
        zone = ZoneInfo((place or self.journey.destination).zone)
        seconds = round(self.draws.uniform(earliest_hour, latest_hour) * 3600)
        clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
        return datetime.combine(day, clock, tzinfo=zone)

    def _business_day(self, day: date, count: int) -> date:
        for _ in range(count):
            day += timedelta(days=2 if (day + timedelta(days=1)).weekday() == _SUNDAY else 1)
        return day
