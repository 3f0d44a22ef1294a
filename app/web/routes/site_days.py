from datetime import date, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.shell import Empty, Field, Form, Option, Tone
from app.web.faces.site_days import SiteDayRow, SiteDaysPage
from app.web.formats import long_date
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from app.web.wording_orders import midday
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_SHOWN = timedelta(days=365)
_KINDS: Final[dict[str, tuple[str, Tone]]] = {
    "holiday": ("Public holiday", "plain"),
    "closed": ("Closed", "warn"),
    "extra": ("Works", "ok"),
}


@router.get("/site-days")
def show(visit: Lead) -> Response:
    """Show the public holidays of the site, and the days of which it said something itself."""
    return staff_page(visit, _page(visit))


@router.post("/site-days")
def change(request: Request, visit: Lead, form: Sent) -> Response:
    """Close the site on a day, or let it work on a holiday."""

    def work(uow: UnitOfWork) -> Done:
        site_id, day = at_desk(uow, visit).require_site(form["site"]), _day(form["day"])
        shipping.set_site_day(uow, site_id=site_id, day=day, works=form["works"] == "yes", reason=form["reason"])
        late = len(fulfillment.late_promises(uow, site_id=site_id))
        if late:
            return Done("/promises", f"Saved. {counted(late, 'promise')} cannot be kept: move what you must.", "warn")
        return Done("/site-days", f"Saved. What is promised from now on keeps to {long_date(day)}.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/site-days/clear")
def clear(request: Request, visit: Lead, form: Sent) -> Response:
    """Leave a day to its weekday and to the public holidays again."""

    def work(uow: UnitOfWork) -> Done:
        site_id, day = at_desk(uow, visit).require_site(form["site"]), _day(form["day"])
        shipping.clear_site_day(uow, site_id=site_id, day=day)
        return Done("/site-days", f"{long_date(day)} is left to the calendar.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("This is not a day.", remedy="Write it as 2026-12-24.", pointer="/day") from error


def _page(visit: Visit) -> SiteDaysPage:
    with desk_of(visit) as desk:
        today = desk.frame.now.astimezone(ZoneInfo(desk.frame.zone)).date()
        found = shipping.site_days(desk.uow, site_id=desk.site_id, first=today, last=today + _SHOWN)
        return SiteDaysPage(
            frame=desk.frame,
            shell=desk.shell("/batches"),
            place=_place(desk),
            rows=tuple(_row(desk, each) for each in found),
            rows_empty=Empty("No holiday is known here.", "Name the days on which the site is closed."),
            form=_form(desk),
        )


def _place(desk: Desk) -> str:
    site = desk.site
    lies = f"{site.postal_code} {site.city}, {site.country}".strip() if site else ""
    return (
        f"The public holidays are those of {lies}. On them and on closed days nothing is collected. Delivery dates skip"
        " public holidays here and where a parcel goes. What is promised already stays until you move it."
    )


def _row(desk: Desk, found: shipping.SiteDay) -> SiteDayRow:
    words, tone = _KINDS[found.kind]
    why = ". ".join(filter(None, (found.reason, found.holiday)))
    fields = (desk.site_field(), Field("day", "", "hidden", found.day.isoformat()))
    clear = Form("/site-days/clear", "Take back", fields, tone="plain", csrf_token=desk.visit.csrf_token)
    own = None if found.kind == "holiday" else clear
    return SiteDayRow(midday(found.day, desk.frame.zone), words, tone, why, own)


def _form(desk: Desk) -> Form:
    kinds = (Option("no", "The site is closed"), Option("yes", "It works, and every carrier collects"))
    fields = (
        desk.site_field(),
        Field("day", "Day", "date", required=True),
        Field("works", "On that day", "select", options=kinds),
        Field("reason", "Why", required=True, maximum=200, hint="Such as Stocktaking."),
    )
    return Form("/site-days", "Save", fields, "Name a day", csrf_token=desk.visit.csrf_token)
