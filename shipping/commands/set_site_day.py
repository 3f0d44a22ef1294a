from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from shipping.models.site import SiteDayRow
from shipping.site_terms import forget_terms

PLANNED_AHEAD: Final = timedelta(days=731)
"""How far ahead a site says on which days it works."""
_LONGEST_REASON = 200


def set_site_day(uow: UnitOfWork, *, site_id: str, day: date, works: bool, reason: str) -> None:
    """Say that a site is closed on a day, or that it works and is collected from, whatever weekday or holiday it is.

    What is promised from now on keeps to it; promises that were made stay. What was said of the day before is replaced.

    Raises:
        NotFound: there is no such site.
        Invalid: the day is over or more than two years ahead, or no reason is given.
    """
    _check_day(uow, site_id, day)
    reason = reason.strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        detail = f"Give a reason of 1 to {_LONGEST_REASON} characters."
        raise Invalid(detail, remedy="Write what others should know, such as Stocktaking.", pointer="/reason")
    values = {"works": works, "reason": reason, "changed_at": uow.now, "changed_by": uow.actor.id}
    statement = insert(SiteDayRow).values(site_id=site_id, day=day, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id", "day"], set_=values))
    forget_terms(uow)
    uow.audit("site.day_set", subject=site_id, day=day.isoformat(), works=works, reason=reason)


def clear_site_day(uow: UnitOfWork, *, site_id: str, day: date) -> None:
    """Take back what a site said of a day: from now on it is as its weekday and the public holidays have it.

    Raises:
        NotFound: there is no such site, or it said nothing of this day.
        Invalid: the day is over or more than two years ahead.
    """
    _check_day(uow, site_id, day)
    statement = delete(SiteDayRow).where(SiteDayRow.site_id == site_id, SiteDayRow.day == day)
    if not uow.session.execute(statement.returning(SiteDayRow.day)).all():
        raise NotFound("The site said nothing of this day.", remedy="List its days to see those that it did.")
    forget_terms(uow)
    uow.audit("site.day_cleared", subject=site_id, day=day.isoformat())


def _check_day(uow: UnitOfWork, site_id: str, day: date) -> None:
    today = uow.now.astimezone(ZoneInfo(get_site(uow, site_id).time_zone)).date()
    if not today <= day <= today + PLANNED_AHEAD:
        latest = (today + PLANNED_AHEAD).isoformat()
        raise Invalid(f"This is over, or after {latest}.", remedy="Name a day between today and then.", pointer="/day")
