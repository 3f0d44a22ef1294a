from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.shell import Tone
from app.web.faces.slotting import PlanRow, SlottingItem, SlottingPage, SlottingRow
from app.web.pages import Empty, Fact, Field, Form, Link
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_PLANS = 10
_REFRESH_SECONDS = 2
_STATES: Final[dict[str, tuple[str, Tone]]] = {
    "waiting": ("Waits for a worker", "info"),
    "computing": ("Being worked out", "info"),
    "ready": ("Ready", "ok"),
    "failed": ("No plan", "warn"),
}
_COLUMNS = (
    "change", "merchant", "sku", "item", "from", "to", "units", "walks", "ordered_with", "saved_m_per_day",
    "moving_m", "moving_minutes", "payback_days", "state",
)  # fmt: skip
_LONGEST = {"days": 365, "most": 200, "payback": 365}


@router.get("/slotting")
def show_latest(visit: Lead) -> Response:
    """Show the site's latest plan."""
    return staff_page(visit, _page(visit))


@router.get("/slotting/{plan_id}.csv")
def download(visit: Lead, plan_id: str) -> Response:
    """Return a plan as CSV, one line for each item that moves."""
    with desk_of(visit) as desk:
        plan, names = fulfillment.get_slotting_plan(desk.uow, plan_id, site_id=desk.narrowed_to), desk.merchants()
    lines = [
        csv_line((
            each.number, names.get(move.tenant_id, ""), move.sku, move.name, move.from_code, move.to_code, move.units,
            move.picks, " ".join(move.together), round(each.saved_mm_per_day / 1_000), round(each.move_mm / 1_000),
            round(each.move_seconds / 60, 1), each.payback_days, _state(each)[0],
        ))
        for each in plan.changes for move in each.moves
    ]  # fmt: skip
    headers = {"content-disposition": 'attachment; filename="slotting.csv"'}
    return Response("".join((csv_line(_COLUMNS), *lines)), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/slotting/{plan_id}")
def show_plan(visit: Lead, plan_id: str) -> Response:
    """Show one plan."""
    return staff_page(visit, _page(visit, plan_id))


@router.post("/slotting")
def ask(request: Request, visit: Lead, form: Sent) -> Response:
    """Have a plan worked out."""

    def work(uow: UnitOfWork) -> Done:
        days, most, payback = (form.whole(name, least=1, most=bound) for name, bound in _LONGEST.items())
        fulfillment.ask_slotting(
            uow, site_id=at_desk(uow, visit).require_site(form["site"]), days=days,
            most_changes=most, payback_days=payback,
        )  # fmt: skip
        return Done("/slotting", "A worker measures it now. This page shows how far.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/slotting/{plan_id}/accept")
def accept(request: Request, visit: Lead, plan_id: str, form: Sent) -> Response:
    """Accept one change of a plan, or all that can be done."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).narrowed_to
        numbers = [int(form["change"])] if form["change"].isdecimal() else None
        done = fulfillment.accept_slotting(uow, plan_id=plan_id, site_id=site_id, numbers=numbers)
        words = f"{counted(len(done.accepted), 'change')} accepted: {counted(len(done.moves), 'move')} to make."
        if not done.refused:
            return Done(f"/slotting/{plan_id}", words)
        left = f"{counted(len(done.refused), 'change')} left out: stock has moved since."
        return Done(f"/slotting/{plan_id}", f"{words} {left}", "warn")

    return submit(request, visit, form, work, again=lambda: _page(visit, plan_id))


def _page(visit: Visit, plan_id: str = "") -> SlottingPage:
    with desk_of(visit) as desk:
        heads = fulfillment.find_slotting_plans(desk.uow, site_id=desk.narrowed_to, limit=_PLANS).items
        shown = plan_id or (heads[0].id if heads else "")
        plan = fulfillment.get_slotting_plan(desk.uow, shown, site_id=desk.narrowed_to) if shown else None
        under_way = plan is not None and plan.head.state in ("waiting", "computing")
        names = desk.merchants()
        return SlottingPage(
            frame=desk.frame,
            shell=desk.shell("/moves"),
            say=_say(plan) if plan else "",
            facts=_facts(plan.head) if plan and plan.head.state == "ready" else (),
            progress=_STATES[plan.head.state][0] if plan and under_way else "",
            percent=plan.head.progress if plan else 0,
            rows=tuple(_row(visit, plan.head.id, each, names) for each in plan.changes) if plan else (),
            empty=Empty("No plan has a change.", "Have one worked out: it learns from the walks that were finished."),
            plans=tuple(_plan_row(each) for each in heads),
            ask=None if under_way or desk.site is None else _ask(desk),
            accept_all=_accept_all(visit, plan) if plan else None,
            csv_href=f"/slotting/{plan.head.id}.csv" if plan and plan.changes else "",
            refresh_s=_REFRESH_SECONDS if under_way else 0,
        )  # fmt: skip


def _meters(mm: int) -> str:
    return f"{round(mm / 1_000):,}\N{NO-BREAK SPACE}m"


def _minutes(seconds: int) -> str:
    return f"{max(1, round(seconds / 60)):,}\N{NO-BREAK SPACE}min"


def _days(days: float) -> str:
    return f"{days:g} {'day' if days == 1 else 'days'}"


def _say(plan: fulfillment.SlottingView) -> str:
    head = plan.head
    if head.state != "ready" or not plan.changes:
        return head.note
    seconds = sum(each.move_seconds for each in plan.changes)
    saved = round(100 * (head.before_mm - head.after_mm) / max(1, head.before_mm))
    return (
        f"{counted(len(plan.changes), 'change')} would save {_meters(head.saved_mm_per_day)} of walking a day,"
        f" {saved} % of it, for {_minutes(seconds)} of moving once."
    )


def _facts(head: fulfillment.SlottingHead) -> tuple[Fact, ...]:
    days = max(1, head.walked_days)
    return (
        Fact("Walks", f"{head.walks:,} on {counted(head.walked_days, 'day')}"),
        Fact("Now", f"{_meters(head.before_mm // days)} a day"),
        Fact("Then", f"{_meters(head.after_mm // days)} a day"),
        Fact("Pays in", counted(head.payback_days, "day")),
    )


def _state(each: fulfillment.SlottingChangeView) -> tuple[str, Tone]:
    if each.accepted_at:
        return "Accepted", "ok"
    return ("Stale", "warn") if each.stale else ("Proposed", "info")


def _row(visit: Visit, plan_id: str, each: fulfillment.SlottingChangeView, names: dict[str, str]) -> SlottingRow:
    words, tone = _state(each)
    items = tuple(
        SlottingItem(
            Link(move.name or move.sku, f"/items/{move.item_id}"), move.sku, names.get(move.tenant_id, ""),
            move.from_code, move.to_code, move.units, _why(move),
        )
        for move in each.moves
    )  # fmt: skip
    accept = Form(
        f"/slotting/{plan_id}/accept", "Accept", (Field("change", "", "hidden", str(each.number)),), tone="plain",
        csrf_token=visit.csrf_token,
    )  # fmt: skip
    units = sum(move.units for move in each.moves)
    return SlottingRow(
        items, _meters(each.saved_mm_per_day), _minutes(each.move_seconds),
        f"{_meters(each.move_mm)}, {counted(units, 'unit')}", _days(each.payback_days), words, tone, each.stale,
        len(items) > 1 and items[0].target == items[1].source,
        accept if tone == "info" else None,
    )  # fmt: skip


def _why(move: fulfillment.SlottingMoveView) -> str:
    with_others = f", often with {', '.join(move.together)}" if move.together else ""
    return f"On {counted(move.picks, 'walk')}{with_others}"


def _plan_row(head: fulfillment.SlottingHead) -> PlanRow:
    words, tone = _STATES[head.state]
    saved = _meters(head.saved_mm_per_day) if head.state == "ready" else ""
    label = f"{counted(head.days, 'day')}, pays within {counted(head.payback_days, 'day')}"
    return PlanRow(
        Link(label, f"/slotting/{head.id}"), head.created_at, words, tone, saved, head.changes, head.accepted
    )


def _ask(desk: Desk) -> Form:
    fields = (
        desk.site_field(),
        Field("days", "Walks of the last days", "number", "28", required=True, maximum=_LONGEST["days"]),
        Field("most", "At most so many changes", "number", "40", required=True, maximum=_LONGEST["most"]),
        Field("payback", "Pay within days", "number", "30", required=True, maximum=_LONGEST["payback"]),
    )
    words = "A worker measures on the floor plan what each change would have saved on the walks that were made."
    return Form("/slotting", "Work it out", fields, "Work out a plan", words, csrf_token=desk.visit.csrf_token)


def _accept_all(visit: Visit, plan: fulfillment.SlottingView) -> Form | None:
    if not any(each.accepted_at is None and not each.stale for each in plan.changes):
        return None
    path = f"/slotting/{plan.head.id}/accept"
    return Form(path, "Accept all", (Field("change", "", "hidden", "all"),), csrf_token=visit.csrf_token)
