from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

TRANSIT_WORKING_DAYS = {"standard": 5, "express": 2}
"""Working days between hand-over and delivery that a promise allows for, by service level, when the shop gave none."""


class WorkingDays(Protocol):
    """The days on which a parcel travels and is delivered."""

    def after(self, start: date, count: int) -> date:
        """Return the day that is so many working days after another."""


def promise_date(
    *, ready_at: datetime, cut_offs: Iterable[datetime], service_level: str, zone: str, days: WorkingDays,
    lead_days: int = 0,
) -> date:  # fmt: skip
    """Return the day by which an order can be promised: the first cut-off it makes, plus the transit days, plus the
    `lead_days` that what is done to its goods takes.

    `ready_at` is when its goods can be ready for the carrier. Days are those of the site's zone; without a cut-off the
    parcel leaves on the next working day. `days` are those of the journey.
    """
    local = ZoneInfo(zone)
    makes = sorted(at for at in cut_offs if at >= ready_at)
    leaves = makes[0].astimezone(local).date() if makes else days.after(ready_at.astimezone(local).date(), 1)
    return days.after(leaves, lead_days + TRANSIT_WORKING_DAYS[service_level])


def end_of_day(day: date, zone: str) -> datetime:
    """Return the instant at which a day of a zone ends, in UTC; right in the nights of daylight saving, too."""
    return start_of_day(day + timedelta(days=1), zone)


def start_of_day(day: date, zone: str) -> datetime:
    """Return the instant at which a day of a zone begins, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def local_day(at: datetime, zone: str) -> date:
    """Return which day it is in a zone at an instant."""
    return at.astimezone(ZoneInfo(zone)).date()
