from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shipping.site_terms import Service
from shipping.views import CutOff

_DAYS_AHEAD = 8


def next_cut_off(service: Service, *, now: datetime, time_zone: str) -> CutOff | None:
    """Return the next instant until which the service takes parcels: today's cut-off in the site's own time while it
    is not past, else the next collection day's. None when the service has no collection day.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    closes = time.fromisoformat(service.cut_off)
    for day in (today + timedelta(days=n) for n in range(_DAYS_AHEAD)):
        at = datetime.combine(day, closes, tzinfo=zone).astimezone(UTC)
        if day.weekday() in service.weekdays and at > now:
            return CutOff(service.carrier, service.service, service.carrier_name, service.service_name, at, day)
    return None


def all_cut_offs(services: Iterable[Service], *, now: datetime, time_zone: str) -> list[CutOff]:
    """Return the next cut-off of each service, soonest first."""
    found = [next_cut_off(service, now=now, time_zone=time_zone) for service in services]
    return sorted((c for c in found if c), key=lambda c: (c.at_utc, c.carrier, c.service))
