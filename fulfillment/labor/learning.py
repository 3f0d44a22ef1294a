"""Who is new among the pickers of a site, and how fast its new people learned."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean
from typing import Any

from sqlalchemy import Row, text

from fulfillment.domain.learning import SETTLED_HOURS, Crew, LearningCurve, Stretch, fit_curve
from fulfillment.domain.release import Pace
from fulfillment.releasing.pace import LOOKS_BACK as PACE_LOOKS_BACK
from fulfillment.releasing.pace import PAUSE
from kernel.db.transactions import UnitOfWork

LOOKS_BACK = timedelta(days=28)
CALLED = timedelta(days=14)
"""Who picked within so long can be called again."""

_LEAST_SETTLED_HOURS = 8.0
_TOLD_AFTER = (1, 4, 8, 16, 24, int(SETTLED_HOURS))
_WORKED = text(
    """
    with done as (
      select finished_by as person, finished_at,
             finished_at - lag(finished_at) over (partition by finished_by order by finished_at) as took
      from pick_task
      where site_id = :site and kind = 'pick' and finished_at > :since and state in ('PICKED', 'SHORT')
    ), worked as (
      select person, finished_at, extract(epoch from took) / 3600 as hours,
             sum(extract(epoch from took) / 3600) over (partition by person order by finished_at) as so_far
      from done where took <= :pause
    ), known as (
      select distinct picker from pick_batch where site_id = :site and claimed_at <= :since
    )
    select person, least(floor(so_far), :settled)::int as hour, count(*) as lines, sum(hours)::float as hours,
           max(so_far)::float as so_far, max(finished_at) as last_at,
           person in (select picker from known) as is_known
    from worked group by 1, 2 order by 1, 2
    """
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who picks: whether they are new, the share of the settled rate that they reach, and whether they count
    in the pace that was measured.
    """

    id: str
    hours: float
    is_new: bool
    share: float
    is_measured: bool


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """After so many hours of work, the share of the settled rate that a new person reaches."""

    hours: int
    share: float


@dataclass(frozen=True, slots=True)
class NewPeople:
    """How many of the `people` who picked in the last two weeks are new, and how such people learn: the `points` of the
    curve, fitted on `measured_hours` of their work. While `settled_lines_per_hour` is 0, nobody has been there long
    enough to compare with, and nobody counts as new.
    """

    new: int
    people: int
    settled_lines_per_hour: int
    measured_hours: float
    points: tuple[LearningPoint, ...]


@dataclass(frozen=True, slots=True)
class Learning:
    """The pickers of a site of the last two weeks, and the curve of its new ones; `settled_lines_per_hour` is 0 while
    nobody has been there long enough to compare with: then nobody counts as new.
    """

    curve: LearningCurve
    people: tuple[Person, ...]
    settled_lines_per_hour: float

    def told(self) -> NewPeople:
        """Return it without saying who they are."""
        return NewPeople(
            sum(person.is_new for person in self.people), len(self.people), round(self.settled_lines_per_hour),
            round(self.curve.measured_hours, 1), tuple(LearningPoint(h, self.curve.share(h)) for h in _TOLD_AFTER),
        )  # fmt: skip

    def crew(self, pace: Pace, *, is_set: bool) -> Crew:
        """Return the people to plan with. A rate that was measured has the slowness of those who are new in it already;
        one that `is_set` by hand is that of settled people.
        """
        if not self.settled_lines_per_hour:
            return Crew(pace.lines_per_hour)
        measured = [person.share for person in self.people if person.is_measured]
        slower = 1.0 if is_set or not measured else fmean(measured)
        shares = tuple(person.share for person in self.people)
        return Crew(pace.lines_per_hour / slower, shares, self.curve.first_shift)


def learning_of(uow: UnitOfWork, *, site_id: str) -> Learning:
    """Return who is new on a site and how its new people learn, from the picks of four weeks, breaks left out."""
    since = uow.now - LOOKS_BACK
    asked = {"site": site_id, "since": since, "pause": PAUSE, "settled": int(SETTLED_HOURS)}
    rows = uow.session.execute(_WORKED, asked).all()
    settled = [row for row in rows if row.is_known or row.hour >= SETTLED_HOURS]
    hours, lines = sum(row.hours for row in settled), sum(row.lines for row in settled)
    rate = lines / hours if hours >= _LEAST_SETTLED_HOURS else 0.0
    begun = [row for row in rows if not row.is_known and row.hour < SETTLED_HOURS]
    stretches = [Stretch(row.so_far - row.hours / 2, row.hours, row.lines) for row in begun]
    curve = fit_curve(stretches, rate) if rate else LearningCurve()
    last = {row.person: row for row in rows}
    people = [_person(uow, row, curve, rate) for row in last.values() if row.last_at > uow.now - CALLED]
    return Learning(curve, tuple(people), rate)


def _person(uow: UnitOfWork, row: Row[Any], curve: LearningCurve, rate: float) -> Person:
    is_new = bool(rate) and not row.is_known and row.so_far < SETTLED_HOURS
    share = curve.share(row.so_far) if is_new else 1.0
    return Person(row.person, row.so_far, is_new, share, row.last_at > uow.now - PACE_LOOKS_BACK)
