"""What comes in: orders and lines by hour, from the weeks before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from fulfillment.domain.labor import Expected, expected
from kernel.db.transactions import UnitOfWork

LOOKS_BACK = timedelta(days=28)
_HOUR = timedelta(hours=1)
_SEEN = text(
    """
    select date_trunc('hour', o.placed_at) as hour, count(distinct (o.tenant_id, o.id)) as orders, count(*) as lines
    from sales_order o join order_line l on l.tenant_id = o.tenant_id and l.order_id = o.id
    where o.site_id = :site and o.placed_at >= :since and o.placed_at < :until
    group by 1
    """
)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What an hour of the days to come is expected to bring."""

    at: datetime
    orders: Expected
    lines: Expected


@dataclass(frozen=True, slots=True)
class Seen:
    """Orders and lines by the hour in which they were placed, since an instant."""

    since: datetime
    until: datetime
    zone: str
    by_hour: dict[datetime, tuple[int, int]]

    def expect(self, hours: Sequence[datetime]) -> tuple[Arrivals, ...]:
        """Return what these hours should bring: as the same hour of the same weekday did, or while no week is over, of
        any day.
        """
        by_week, by_day = defaultdict(list), defaultdict(list)
        hour = self.since
        while hour + _HOUR <= self.until:
            key, figures = self._slot(hour), self.by_hour.get(hour, (0, 0))
            by_week[key].append(figures)
            by_day[key[1]].append(figures)
            hour += _HOUR
        found = []
        for at in hours:
            key = self._slot(at)
            days = by_week[key] or by_day[key[1]]
            found.append(Arrivals(at, expected([o for o, _ in days]), expected([n for _, n in days])))
        return tuple(found)

    def _slot(self, hour: datetime) -> tuple[int, int]:
        local = hour.astimezone(ZoneInfo(self.zone))
        return local.weekday(), local.hour


def arrivals_seen(uow: UnitOfWork, *, site_id: str, zone: str, until: datetime) -> Seen:
    """Return what came in during the four weeks before an instant, or since the first order if that is later."""
    since = _hour_of(until - LOOKS_BACK)
    rows = uow.session.execute(_SEEN, {"site": site_id, "since": since, "until": until})
    by_hour = {row.hour: (row.orders, row.lines) for row in rows}
    return Seen(max(since, min(by_hour, default=_hour_of(until))), until, zone, by_hour)


def forecast_error(uow: UnitOfWork, *, site_id: str, zone: str) -> float | None:
    """Return how wrong the forecast of the last 24 hours was: the sum of the errors of its hours against the lines that
    came (weighted absolute percentage error), None when nothing came or nothing was known before.
    """
    now = _hour_of(uow.now)
    hours = [now - timedelta(hours=24) + n * _HOUR for n in range(24)]
    before = arrivals_seen(uow, site_id=site_id, zone=zone, until=hours[0])
    came = arrivals_seen(uow, site_id=site_id, zone=zone, until=now).by_hour
    lines = [came.get(hour, (0, 0))[1] for hour in hours]
    if not before.by_hour or not sum(lines):
        return None
    told = before.expect(hours)
    return sum(abs(each.lines.mean - count) for each, count in zip(told, lines, strict=True)) / sum(lines)


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
