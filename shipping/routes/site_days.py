from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.web.acting import Answer, act
from kernel.web.values import Day
from shipping.commands.set_site_day import clear_site_day, set_site_day
from shipping.routes.callers import Planner, Reader, dump, site_of
from shipping.site_days import site_days

router = APIRouter(prefix="/v1/site-days")
SiteId = Annotated[str | None, Query(max_length=60)]
TheDay = Annotated[date, Path(examples=["2026-12-24"], description="A day of the site's own calendar")]
_LONGEST = timedelta(days=731)
_A_YEAR = timedelta(days=365)


class SiteDayIn(BaseModel):
    """What a site says of a day: that it works, whatever holiday it is, or that it is closed."""

    model_config = ConfigDict(extra="forbid", strict=True)
    works: bool = Field(examples=[False])
    reason: str = Field(min_length=1, max_length=200, examples=["Stocktaking"])


class SiteDayOut(BaseModel):
    """A day that is not as its weekday; `kind` is holiday, closed or extra."""

    model_config = ConfigDict(from_attributes=True)
    day: date = Field(examples=["2026-12-25"])
    kind: str = Field(examples=["holiday"])
    holiday: str = Field(examples=["Christmas Day"], description="The public holiday's name, empty for none")
    reason: str = Field(examples=[""], description="Why the site said so, empty when it did not")


class SiteDayList(BaseModel):
    """Days in order."""

    model_config = ConfigDict(from_attributes=True)
    items: list[SiteDayOut]


@router.get("", operation_id="listSiteDays", summary="Holidays and closed days", tags=["rates"])
def list_days(
    actor: Reader, site_id: SiteId = None, first: Day | None = None, last: Day | None = None
) -> SiteDayList:  # fmt: skip
    """Return the days of a site that are not as their weekday, in order: public holidays, on which no carrier collects,
    days on which it is closed, and extra days, on which it works and every carrier collects. A year from today unless
    you say otherwise.
    """
    with transaction(actor) as uow:
        site = site_of(uow, actor, site_id)
        start = first or uow.now.astimezone(ZoneInfo(get_site(uow, site).time_zone)).date()
        end = last or start + _A_YEAR
        if not start <= end <= start + _LONGEST:
            detail = f"The last day is not before the first, and at most {_LONGEST.days} days after it."
            raise Invalid(detail, remedy="Ask for less.", pointer="/last")
        found = site_days(uow, site_id=site, first=start, last=end)
    return SiteDayList.model_validate({"items": found})


@router.put(
    "/{day}", operation_id="setSiteDay", summary="Close a day, or work on a holiday", tags=["rates"],
    responses={200: {"model": SiteDayList}},
)  # fmt: skip
def set_day(request: Request, actor: Planner, day: TheDay, body: SiteDayIn, site_id: SiteId = None) -> Response:
    """Say that a site is closed on a day, or that it works and is collected from. Every date that is promised from now
    on keeps to it.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        set_site_day(uow, site_id=site, day=day, works=body.works, reason=body.reason)
        return _answer(uow, site, day)

    return act(request, actor, [site_id, day.isoformat(), body.model_dump(mode="json")], work)


@router.delete(
    "/{day}", operation_id="clearSiteDay", summary="Leave a day to the calendar", tags=["rates"],
    responses={200: {"model": SiteDayList}},
)  # fmt: skip
def clear_day(request: Request, actor: Planner, day: TheDay, site_id: SiteId = None) -> Response:
    """Take back what was said of a day: it is a working day, a weekend or a public holiday again."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        clear_site_day(uow, site_id=site, day=day)
        return _answer(uow, site, day)

    return act(request, actor, [site_id, day.isoformat()], work)


def _answer(uow: UnitOfWork, site_id: str, day: date) -> Answer:
    found = site_days(uow, site_id=site_id, first=day, last=day)
    return Answer(dump(SiteDayList, {"items": found}))
