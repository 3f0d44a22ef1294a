from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shipping.domain.working_days import SiteCalendar
from shipping.site_terms import Service
from shipping.views import CutOff

FARTHEST: Final = timedelta(days=45)
"""How far ahead a collection is looked for: over any row of holidays, and over a site's holidays."""


def next_cut_off(service: Service, *, now: datetime, time_zone: str, calendar: SiteCalendar) -> CutOff | None:
    """Return the next instant until which the service takes parcels: today's cut-off in the site's own time while it
    is not past, else the next collection day's. None when there is no collection within `FARTHEST`.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    closes = time.fromisoformat(service.cut_off)
    for day in (today + timedelta(days=n) for n in range(FARTHEST.days + 1)):
        at = datetime.combine(day, closes, tzinfo=zone).astimezone(UTC)
        if at > now and calendar.is_collected(day, service.weekdays):
            return CutOff(service.carrier, service.service, service.carrier_name, service.service_name, at, day)
    return None


def all_cut_offs(services: Iterable[Service], *, now: datetime, time_zone: str, calendar: SiteCalendar) -> list[CutOff]:
    """Return the next cut-off of each service, soonest first."""
    found = [next_cut_off(service, now=now, time_zone=time_zone, calendar=calendar) for service in services]
    return sorted((c for c in found if c), key=lambda c: (c.at_utc, c.carrier, c.service))
