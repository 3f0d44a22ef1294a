"""On which days a site works and is collected from, and on which its parcels travel."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from shipping.domain.working_days import WorkingDays
from shipping.models.site import SiteDayRow
from shipping.site_terms import terms_of


@dataclass(frozen=True, slots=True)
class SiteDay:
    """A day of a site that is not as its weekday: a public `holiday`, on which no carrier collects, a day on which the
    site is `closed`, or an `extra` one, on which it works and every carrier collects. The site's own `reason` may be
    empty, and so may the name of the public holiday.
    """

    day: date
    kind: str
    holiday: str
    reason: str


def journey_days(uow: UnitOfWork, *, site_id: str, country: str, postal_code: str) -> WorkingDays:
    """Return the days that count between a site and an address: working days at both ends.

    Raises:
        NotFound: there is no such site.
    """
    return terms_of(uow, site_id).journey_to(country, postal_code)


def next_working_day(uow: UnitOfWork, *, site_id: str, after: date) -> date:
    """Return the first day after another on which a site works.

    Raises:
        NotFound: there is no such site.
    """
    calendar = terms_of(uow, site_id).calendar
    day = after + timedelta(days=1)
    while not calendar.works_on(day):
        day += timedelta(days=1)
    return day


def site_days(uow: UnitOfWork, *, site_id: str, first: date, last: date) -> list[SiteDay]:
    """Return the days of a site, from one to another, that are not as their weekday: public holidays, and what the site
    said itself.

    Raises:
        NotFound: there is no such site.
    """
    home = terms_of(uow, site_id).home
    statement = select(SiteDayRow).where(SiteDayRow.site_id == site_id, SiteDayRow.day.between(first, last))
    said = {row.day: row for row in uow.session.scalars(statement)}
    found = []
    for day in _days(first, last):
        holiday, own = home.holiday(day), said.get(day)
        if own:
            found.append(SiteDay(day, "extra" if own.works else "closed", holiday, own.reason))
        elif holiday:
            found.append(SiteDay(day, "holiday", holiday, ""))
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
