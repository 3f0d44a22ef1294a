from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.labor import Bar, DrillCard, LaborHour, LaborPage, NewPeopleCard, PersonRow, RiskRow
from app.web.faces.shell import Tone
from app.web.formats import long_date
from app.web.labels import person_words
from app.web.pages import Empty, Fact, Field, Form, Link
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from app.web.whole_numbers import read_whole
from fulfillment import api as fulfillment
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=20)]
_SHOWN_RISKS = 20
_MOST = 999_999
WIDTH, HEIGHT = 720, 180
"""The view box of the plot, without its labels."""
_CSV_COLUMNS: Final = ("order", "merchant", "promised_on", "instead")


@router.get("/labor")
def show(visit: Lead, times: Words = "", pickers: Words = "") -> Response:
    """Show how many hands each hour needs; with `times`, what would be if so many times as many orders came."""
    return staff_page(visit, _page(visit, times, pickers))


@router.get("/labor/promises.csv")
def download(visit: Lead, times: Words = "2", pickers: Words = "") -> Response:
    """Return the promises that a drill would break as CSV."""
    with desk_of(visit) as desk:
        found, names = _drilled(desk, times, pickers), desk.merchants()
    lines = (
        csv_line((each.order_number, names.get(each.tenant_id, ""), each.promised_on, each.instead or ""))
        for each in found.at_risk
    )
    headers = {"content-disposition": 'attachment; filename="promises.csv"'}
    return Response("".join((csv_line(_CSV_COLUMNS), *lines)), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/labor/limits")
def change_limits(request: Request, visit: Lead, form: Sent) -> Response:
    """Change what a person may do in one shift."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        kilograms = form.whole_or_none("kilograms", most=_MOST)
        limits = fulfillment.StrainLimits(
            kilograms * 1_000 if kilograms is not None else None, form.whole_or_none("bends", most=_MOST),
            form.whole_or_zero("reach_level", most=_MOST), form.whole_or_none("reaches", most=_MOST),
            form.whole_or_none("walked_m", most=_MOST),
        )  # fmt: skip
        fulfillment.set_strain_limits(uow, site_id=site_id, limits=limits)
        return Done("/labor", "Saved. Walks beyond it are not offered any more.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _drilled(desk: Desk, times: str, pickers: str) -> fulfillment.Drill:
    try:
        factor = float(times.replace(",", "."))
    except ValueError as error:
        raise Invalid("This is not a number.", remedy="Enter such as 2 or 1.5.", pointer="/times") from error
    return fulfillment.drill_orders(
        desk.uow,
        site_id=desk.site_id,
        times=factor,
        pickers=read_whole(pickers, "/pickers", most=_MOST) if pickers.strip() else None,
    )


def _page(visit: Visit, times: str = "", pickers: str = "") -> LaborPage:
    with desk_of(visit) as desk:
        drill, error = None, ""
        try:
            drill = _drilled(desk, times, pickers) if times else None
        except Invalid as wrong:
            error = wrong.detail
        forecast = drill.needed if drill else fulfillment.labor_forecast(desk.uow, site_id=desk.site_id)
        top = 4 * ceil(max(1, *(max(hour.pickers, hour.packers) for hour in forecast.hours)) / 4)
        return LaborPage(
            frame=desk.frame,
            shell=desk.shell("/board"),
            figures=_figures(forecast),
            bars=tuple(_bars(desk, forecast, top)),
            scale=tuple((HEIGHT - HEIGHT * step / 4, str(top * step // 4)) for step in range(5)),
            now_lines=_now_lines(forecast, top),
            hours=tuple(_hour(hour, forecast) for hour in forecast.hours),
            people=_people(desk),
            people_empty=Empty("Nobody picked in the last 12 hours.", "People are listed with their first walk."),
            new_people=_new_people(forecast),
            ask=_ask(times, pickers, error),
            drill=_drill_card(drill, times, pickers) if drill else None,
            limits=_limits(desk),
        )


def _figures(found: fulfillment.LaborForecast) -> tuple[Fact, ...]:
    picking, packing = max(h.pickers for h in found.hours), max(h.packers for h in found.hours)
    short: Tone = "warn" if picking > found.pickers_now else "plain"
    return (
        Fact("Pickers needed at the peak", f"{picking} (now {found.pickers_now})", tone=short),
        Fact("Packers needed at the peak", f"{packing} (now {found.packers_now})"),
        Fact("Lines that wait", str(found.lines_left)),
        Fact("Lines expected in 24 hours", str(round(found.lines_expected))),
        Fact(
            "Last forecast was wrong by",
            f"{round(100 * found.error)} %" if found.error is not None else "Not known yet",
        ),
    )


def _bars(desk: Desk, found: fulfillment.LaborForecast, top: int) -> Sequence[Bar]:
    step = WIDTH / len(found.hours)
    return [
        Bar(
            round(number * step, 1), round(HEIGHT * hour.pickers / top, 1), round(HEIGHT * hour.packers / top, 1),
            _clock(desk, hour.at) if number % 3 == 0 else "",
            f"{_clock(desk, hour.at)}: {counted(hour.pickers, 'picker')}, {counted(hour.packers, 'packer')}",
        )
        for number, hour in enumerate(found.hours)
    ]  # fmt: skip


def _clock(desk: Desk, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(desk.frame.zone)):%H:%M}"


def _now_lines(found: fulfillment.LaborForecast, top: int) -> tuple[tuple[float, str], ...]:
    """Return the height of the line of who picks now, if it is within the plot."""
    if found.pickers_now > top:
        return ()
    return ((round(HEIGHT - HEIGHT * found.pickers_now / top, 1), f"{counted(found.pickers_now, 'picker')} now"),)


def _hour(hour: fulfillment.HourOfLabor, found: fulfillment.LaborForecast) -> LaborHour:
    band = hour.lines_expected
    expected = f"{band.mean:.0f} ({band.low:.0f} to {band.high:.0f})" if band.high else "0"
    tone: Tone = "warn" if hour.pickers > found.pickers_now else "plain"
    return LaborHour(
        hour.at, expected, round(hour.lines_to_pick), hour.pickers, round(hour.parcels_to_pack), hour.packers, tone
    )


def _people(desk: Desk) -> tuple[PersonRow, ...]:
    found, names = fulfillment.strain_of_people(desk.uow, site_id=desk.site_id), desk.people()
    limits = fulfillment.strain_limits(desk.uow, desk.site_id)
    rows = []
    for person, strain in sorted(found.items(), key=lambda each: -each[1].weight_g):
        within = limits.allows(strain)
        rows.append(
            PersonRow(
                person_words(person, names), strain.lines, round(strain.weight_g / 1_000), strain.bends,
                strain.reaches, round(strain.walked_mm / 1_000), "Within the limits" if within else "At the limit",
                "ok" if within else "warn",
            )
        )  # fmt: skip
    return tuple(rows)


def _new_people(forecast: fulfillment.LaborForecast) -> NewPeopleCard:
    found = forecast.new_people
    if not found.settled_lines_per_hour:
        return NewPeopleCard("Nobody counts as new until some have picked for 40 hours.", (), "")
    hired = max(hour.new_pickers for hour in forecast.hours)
    say = f"{found.new} of {counted(found.people, 'person', 'people')} who picked in two weeks"
    say += " is new." if found.new == 1 else " are new."
    if hired:
        say += f" At the peak {counted(hired, 'person', 'people')} more would be needed, all of them new."
    points = tuple((counted(point.hours, "hour"), round(100 * point.share)) for point in found.points)
    basis = f"{found.measured_hours:g} hours of new people here" if found.measured_hours else "what is usual elsewhere"
    return NewPeopleCard(
        say,
        points,
        f"Of {found.settled_lines_per_hour} lines an hour, after so many hours of picking. Learned from {basis}.",
    )


def _ask(times: str, pickers: str, error: str) -> Form:
    fields = (
        Field("times", "Times as many orders", value=times or "2", inputmode="decimal", required=True, error=error),
        Field("pickers", "People picking", "number", pickers, "Leave it empty for those who pick now.",
              inputmode="numeric"),
    )  # fmt: skip
    intro = "Nothing is changed: the orders that wait are picked in thought, with as many others like them."
    return Form("/labor", "Try it", fields, "What if orders doubled overnight?", intro, method="get")


def _drill_card(drill: fulfillment.Drill, times: str, pickers: str) -> DrillCard:
    late = len(drill.at_risk)
    people = counted(drill.pickers, "picker")
    say = f"With {drill.times:g} times as many orders and {people}, {drill.in_time} of {drill.waiting} orders that wait"
    say += " keep their promise." if not late else f" keep their promise; {counted(late, 'promise')} should change now."
    more = late - _SHOWN_RISKS
    return DrillCard(
        say, "warn" if late else "ok",
        tuple(
            RiskRow(Link(each.order_number, f"/orders/{each.order_id}"), long_date(each.promised_on),
                    long_date(each.instead) if each.instead else "Nobody picks")
            for each in drill.at_risk[:_SHOWN_RISKS]
        ),
        f"And {counted(more, 'order')} more." if more > 0 else "",
        address("/labor/promises.csv", times=times, pickers=pickers) if late else "",
    )  # fmt: skip


def _limits(desk: Desk) -> Form:
    now = fulfillment.strain_limits(desk.uow, desk.site_id)
    fields = (
        desk.site_field(),
        Field("kilograms", "Kilograms in one shift", "number", str(now.weight_g // 1_000) if now.weight_g else "",
              "Leave it empty for no limit.", inputmode="numeric"),
        Field("bends", "Picks from the lowest level in one shift", "number", str(now.bends or ""),
              "Leave it empty for no limit.", inputmode="numeric"),
        Field("reaches", "Picks from high levels in one shift", "number", str(now.reaches or ""),
              "Leave it empty for no limit.", inputmode="numeric"),
        Field("walked_m", "Meters walked in one shift", "number", str(now.walked_m or ""),
              "Leave it empty for no limit.", inputmode="numeric"),
        Field("reach_level", "Level from which a pick is a reach", "number", str(now.reach_level), inputmode="numeric",
              required=True),
    )  # fmt: skip
    intro = "Walks beyond it are not offered to a person; a lead can still give them by name."
    return Form("/labor/limits", "Save", fields, "What one person may do", intro, csrf_token=desk.visit.csrf_token)
