from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.shell import Tone
from app.web.faces.what_if import DayBar, DayRow, QuestionRow, WhatIfPage
from app.web.formats import money
from app.web.pages import Empty, Fact, Field, Form, Link, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.money import decimals
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
WIDTH, HEIGHT = 720, 180
"""The view box of the plot, without its labels."""
_STEPS, _LABELS, _MOST = 4, 8, 999_999
_REFRESH_SECONDS = 2
_STATES: Final[dict[str, tuple[str, Tone]]] = {
    "waiting": ("Waits for a worker", "info"),
    "computing": ("Being worked out", "info"),
    "ready": ("Answered", "ok"),
    "failed": ("No answer", "warn"),
}
_EMPTY: Final = Empty("Nobody has asked yet.", "Ask what another floor would save: past walks are replayed on it.")
_COLUMNS: Final = ("day", "walks", "before_m", "after_m")


@router.get("/what-if")
def show_latest(visit: Lead) -> Response:
    """Show the latest question."""
    return staff_page(visit, _page(visit))


@router.get("/what-if/{what_if_id}.csv")
def download(visit: Lead, what_if_id: str) -> Response:
    """Return the days of an answer as CSV."""
    with desk_of(visit) as desk:
        found = fulfillment.get_what_if(desk.uow, what_if_id, site_id=desk.site_id)
    lines = (csv_line((d.day, d.walks, round(d.before_mm / 1_000), round(d.after_mm / 1_000))) for d in found.by_day)
    headers = {"content-disposition": 'attachment; filename="what-if.csv"'}
    return Response("".join((csv_line(_COLUMNS), *lines)), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/what-if/{what_if_id}")
def show(visit: Lead, what_if_id: str) -> Response:
    """Show one question."""
    return staff_page(visit, _page(visit, what_if_id))


@router.post("/what-if")
def ask(request: Request, visit: Lead, form: Sent) -> Response:
    """Have past walks replayed."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        version, currency = form["floor"], form["currency"].strip().upper()
        fulfillment.ask_what_if(
            uow, site_id=site_id, floor_version=int(version) if version.isdecimal() else None,
            fast_items_nearer=form["nearer"] == "on", days=form.whole("days", most=_MOST),
            hour_cost_minor=form.whole("cost", most=_MOST) * 10 ** decimals(currency), currency=currency,
        )  # fmt: skip
        return Done("/what-if", "A worker replays the walks. This page shows how far.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _page(visit: Visit, what_if_id: str = "") -> WhatIfPage:
    with desk_of(visit) as desk:
        listed = fulfillment.find_what_ifs(desk.uow, site_id=desk.site_id)
        found = (
            fulfillment.get_what_if(desk.uow, what_if_id, site_id=desk.site_id)
            if what_if_id
            else next(iter(listed), None)
        )
        is_waiting = found is not None and found.state in ("waiting", "computing")
        top = max((max(day.before_mm, day.after_mm) for day in found.by_day), default=1) if found else 1
        return WhatIfPage(
            frame=desk.frame,
            shell=desk.shell("/locations"),
            title=_title(found) if found else "What if",
            say=_say(found) if found and found.state == "ready" else "",
            note=found.note if found else "",
            progress=_STATES[found.state][0] if found and is_waiting else "",
            percent=found.progress if found else 0,
            facts=_facts(found) if found and found.by_day else (),
            bars=tuple(_bars(found, top)) if found else (),
            scale=tuple(
                (HEIGHT - HEIGHT * step / _STEPS, f"{top * step / _STEPS / 1_000:,.0f} m") for step in range(_STEPS + 1)
            ),
            days=tuple(_day(each) for each in found.by_day) if found else (),
            csv_href=f"/what-if/{found.id}.csv" if found and found.by_day else "",
            questions=tuple(_question(each) for each in listed),
            questions_empty=_EMPTY,
            ask=None if is_waiting else _ask(desk),
            refresh_s=_REFRESH_SECONDS if is_waiting else 0,
        )


def _title(found: fulfillment.WhatIfView) -> str:
    parts = [f"floor {found.floor_version}"] if found.floor_version is not None else []
    parts += ["fast items nearer"] if found.fast_items_nearer else []
    return f"What if: {' and '.join(parts)}"


def _percent(before: int, after: int) -> str:
    return f"{100 * (before - after) / before:.1f} %" if before else "0 %"


def _say(found: fulfillment.WhatIfView) -> str:
    saved = found.before_mm - found.after_mm
    if not found.by_day:
        return "No walk could be replayed."
    told = f"{abs(saved) / 1_000 / len(found.by_day):,.0f} m a day {'less' if saved >= 0 else 'more'} to walk"
    told += f" ({_percent(found.before_mm, found.after_mm)} saved)" if saved >= 0 else ""
    if not found.hour_cost_minor:
        return f"{told}."
    worth = money(abs(found.saved_minor_a_year), found.currency)
    return f"{told}: {worth} a year {'saved' if saved >= 0 else 'lost'}."


def _facts(found: fulfillment.WhatIfView) -> tuple[Fact, ...]:
    walks = sum(day.walks for day in found.by_day)
    return (
        Fact("Walks", f"{counted(walks, 'walk')} of {counted(len(found.by_day), 'day')}"),
        Fact("Now", f"{found.before_mm / 1_000:,.0f} m"),
        Fact("Then", f"{found.after_mm / 1_000:,.0f} m"),
    )


def _bars(found: fulfillment.WhatIfView, top: int) -> list[DayBar]:
    step = WIDTH / max(1, len(found.by_day))
    width = round(min(24.0, 0.4 * step), 1)
    every = -(-len(found.by_day) // _LABELS) or 1
    return [
        DayBar(
            round(number * step + (step - 2 * width) / 2, 1), width, round(HEIGHT * day.before_mm / top, 1),
            round(HEIGHT * day.after_mm / top, 1), day.day[5:] if number % every == 0 else "",
            f"{day.day}: {day.before_mm / 1_000:,.0f} m as it is, {day.after_mm / 1_000:,.0f} m as it would be",
        )
        for number, day in enumerate(found.by_day)
    ]  # fmt: skip


def _day(day: fulfillment.DayReplayed) -> DayRow:
    saved = _percent(day.before_mm, day.after_mm)
    return DayRow(day.day, day.walks, round(day.before_mm / 1_000), round(day.after_mm / 1_000), saved)


def _question(found: fulfillment.WhatIfView) -> QuestionRow:
    words, tone = _STATES[found.state]
    saved = _percent(found.before_mm, found.after_mm) if found.state == "ready" else ""
    return QuestionRow(Link(_title(found), f"/what-if/{found.id}"), found.created_at, words, tone, saved)


def _ask(desk: Desk) -> Form:
    plans = fulfillment.find_floor_plans(desk.uow, site_id=desk.site_id).items
    floors = (
        Option("", "As it is"),
        *(Option(str(p.version), f"Version {p.version}: {p.note or p.source}") for p in plans if p.kind != "faulty"),
    )
    fields = (
        desk.site_field(),
        Field("floor", "Floor", "select", options=floors, hint="Draw or load another version, without it in force."),
        Field("nearer", "What is picked most often lies nearest", "checkbox", "on"),
        Field("days", "Walks of the last days", "number", "28", inputmode="numeric", required=True),
        Field("cost", "An hour of walking costs", "number", "24", inputmode="numeric", required=True),
        Field("currency", "Currency", value="EUR", required=True, maximum=3),
    )
    return Form("/what-if", "Replay", fields, "Ask", csrf_token=desk.visit.csrf_token)
