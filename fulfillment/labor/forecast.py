"""How many people pick and pack in each hour of the next day, so that every collection is made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fulfillment.domain.labor import Expected, Work, heads, level_load
from fulfillment.domain.learning import Crew
from fulfillment.domain.release import HANDLING, RESERVE_FOR_PACKING, CutOffTime, Pace, cut_off_for
from fulfillment.labor.arrivals import Arrivals, arrivals_seen, forecast_error
from fulfillment.labor.learning import Learning, NewPeople, learning_of
from fulfillment.releasing.outlook import CollectionOutlook, release_outlook
from fulfillment.releasing.settings import release_settings
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

HOURS = 24
_LOOKED_AT = 2 * HOURS
"""What comes in late on the first day is due on the second: without it, all of that would be due with the day's end."""

RESERVE_FOR_LOADING = timedelta(minutes=15)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourOfLabor:
    """One hour: what is expected to come in, what is to be picked and packed, and the people that takes. Of the pickers
    `new_pickers` are more than those who picked lately: somebody has to be found and shown how.
    """

    at: datetime
    lines_expected: Expected
    lines_to_pick: float
    pickers: int
    parcels_to_pack: float
    packers: int
    new_pickers: int = 0


@dataclass(frozen=True, slots=True)
class LaborForecast:
    """The next 24 hours: who is needed against who is there, and how right the last forecast was.

    `lines_per_hour` are those of a settled picker where that is known, and else of anybody; who is new counts as far as
    they have come. `lines_left` are known and not picked. `error` is the share by which the last 24 hours' forecast was
    wrong.
    """

    hours: tuple[HourOfLabor, ...]
    pickers_now: int
    packers_now: int
    lines_per_hour: int
    parcels_per_hour: int
    lines_left: int
    lines_expected: float
    error: float | None
    new_people: NewPeople


@dataclass(frozen=True, slots=True)
class Day:
    """What a forecast is made from: the hours, the collections within them, what is known, and what should come."""

    hours: tuple[datetime, ...]
    cut_offs: tuple[CutOffTime, ...]
    known: tuple[CollectionOutlook, ...]
    expected: tuple[Arrivals, ...]

    def picking(self, factor: float = 1.0) -> Iterator[Work]:
        """Yield the lines to be picked; `factor` multiplies what is queued, and what is expected."""
        for each in self.known:
            lines = each.lines_left + (factor - 1) * each.lines_queued
            yield Work(0, self._hour(each.cut_off_at - RESERVE_FOR_PACKING), lines)
        for number, coming in enumerate(self.expected):
            yield Work(number, self._due(coming.at, RESERVE_FOR_PACKING), factor * coming.lines.mean)

    def packing(self, factor: float = 1.0) -> Iterator[Work]:
        """Yield the orders to be packed, each as one parcel."""
        for each in self.known:
            orders = each.picking + each.packing + factor * each.queued
            yield Work(0, self._hour(each.cut_off_at - RESERVE_FOR_LOADING), orders)
        for number, coming in enumerate(self.expected):
            yield Work(number, self._due(coming.at, RESERVE_FOR_LOADING), factor * coming.orders.mean)

    def _due(self, placed_at: datetime, reserve: timedelta) -> int:
        aimed = cut_off_for("standard", self.cut_offs, now=placed_at + _HOUR)
        return self._hour(aimed.at - reserve) if aimed else len(self.hours)

    def _hour(self, at: datetime) -> int:
        """Return the hour before whose begin something has to be done."""
        return int((at - self.hours[0]) // _HOUR)


def labor_forecast(uow: UnitOfWork, *, site_id: str, factor: float = 1.0) -> LaborForecast:
    """Return the people that the next 24 hours need; `factor` 2 asks what would be if orders doubled from now on.

    Work is spread evenly within its collections, see `domain.labor.level_load`, at the pace that is measured, see
    `learning.Learning.crew` for those who are new.
    """
    day = read_day(uow, site_id)
    outlook = release_outlook(uow, site_id=site_id, shown=0)
    benches = shipping.packing_pace(uow, site_id=site_id)
    lines, parcels = level_load(day.picking(factor), len(day.hours)), level_load(day.packing(factor), len(day.hours))
    crew, learning = crew_of(uow, site_id, outlook.pace)
    pickers, packers = crew.heads(lines), heads(parcels, benches.parcels_per_hour)
    return LaborForecast(
        hours=tuple(
            HourOfLabor(
                at,
                _times(coming.lines, factor),
                lines[n],
                pickers[n],
                parcels[n],
                packers[n],
                crew.new_among(pickers[n]),
            )
            for n, (at, coming) in enumerate(zip(day.hours[:HOURS], day.expected[:HOURS], strict=True))
        ),
        pickers_now=outlook.pace.pickers,
        packers_now=benches.packers,
        lines_per_hour=round(crew.rate),
        parcels_per_hour=benches.parcels_per_hour,
        lines_left=sum(each.lines_left for each in outlook.collections),
        lines_expected=sum(factor * each.lines.mean for each in day.expected[:HOURS]),
        error=forecast_error(uow, site_id=site_id, zone=get_site(uow, site_id).time_zone),
        new_people=learning.told(),
    )


def crew_of(uow: UnitOfWork, site_id: str, pace: Pace) -> tuple[Crew, Learning]:
    """Return the people that a site can call at its pace, and who of them is new."""
    learning = learning_of(uow, site_id=site_id)
    return learning.crew(pace, is_set=release_settings(uow, site_id).lines_per_hour is not None), learning


def read_day(uow: UnitOfWork, site_id: str, hours: int = _LOOKED_AT) -> Day:
    """Return what is known of the next hours of a site."""
    site = get_site(uow, site_id)
    first = uow.now.replace(minute=0, second=0, microsecond=0)
    clock = tuple(first + n * _HOUR for n in range(hours))
    seen = arrivals_seen(uow, site_id=site_id, zone=site.time_zone, until=uow.now)
    return Day(
        clock, tuple(collections_until(uow, site_id, clock[-1] + 2 * HANDLING)),
        release_outlook(uow, site_id=site_id, shown=0).collections, seen.expect(clock),
    )  # fmt: skip


def collections_until(uow: UnitOfWork, site_id: str, until: datetime) -> Sequence[CutOffTime]:
    """Return the collections of a site from now on, until an instant and the next ones after it."""
    found: set[CutOffTime] = set()
    at = uow.now
    while at <= until:
        following = shipping.next_cut_offs(uow, site_id=site_id, now=at)
        found |= {CutOffTime(each.carrier_name, each.at_utc, each.level) for each in following}
        at = min((each.at_utc for each in following), default=until + _HOUR) + timedelta(minutes=1)
    return sorted(found, key=lambda each: (each.at, each.carrier, each.level))


def _times(found: Expected, factor: float) -> Expected:
    return Expected(factor * found.mean, factor * found.low, factor * found.high)
