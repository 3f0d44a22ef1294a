from datetime import date
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.consolidation import ConsolidationPage, HubRow, PlanRow
from app.web.faces.shell import Tone
from app.web.formats import long_date, money
from app.web.pages import Empty, Fact, Field, Form, Link, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.consolidation_file import COLUMNS, read_parcels
from app.web.routes.imports import Upload, uploaded
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_REFRESH_SECONDS: Final = 2
_STATES: Final[dict[str, tuple[str, Tone]]] = {
    "waiting": ("Waits for a worker", "info"),
    "computing": ("Being worked out", "info"),
    "ready": ("Planned", "ok"),
    "cancelled": ("Cancelled", "muted"),
    "failed": ("No plan", "warn"),
}
_EMPTY: Final = Empty("Nobody has asked yet.", "Ask which parcels are cheaper on pallets to a hub.")
_CSV: Final = ("reference", "hub", "direct_minor", "via_minor", "currency")


@router.get("/consolidation")
def show_latest(visit: Lead) -> Response:
    """Show the latest plan."""
    return staff_page(visit, _page(visit))


@router.post("/consolidation")
def ask(request: Request, visit: Lead, form: Sent) -> Response:
    """Have the parcels that stand in the house planned."""
    return submit(request, visit, form, lambda uow: _ask(uow, visit, form), again=lambda: _page(visit))


@router.post("/consolidation/file")
def ask_for_file(request: Request, visit: Lead, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Have the parcels of a file planned."""

    def work(uow: UnitOfWork) -> Done:
        if not upload.content:
            raise Invalid("Choose a file.", remedy=f"Its first line is {','.join(COLUMNS)}.", pointer="/file")
        return _ask(uow, visit, upload.form, read_parcels(upload.content))

    return submit(request, visit, upload.form, work, again=lambda: _page(visit))


@router.post("/consolidation/cancel")
def cancel(request: Request, visit: Lead, form: Sent) -> Response:
    """Have the worker stop."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        shipping.cancel_consolidation(uow, form["plan"], site_id=site_id)
        return Done("/consolidation", "Cancelled.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.get("/consolidation/{plan_id}.csv")
def download(visit: Lead, plan_id: str) -> Response:
    """Return where a plan sends each parcel as CSV; prices in minor units."""
    with desk_of(visit) as desk:
        plan = shipping.get_consolidation(desk.uow, plan_id, site_id=desk.site_id)
        parcels = shipping.planned_parcels(desk.uow, plan_id, site_id=desk.site_id)
    lines = (
        csv_line((p.reference, p.hub, p.direct_minor, "" if p.via_minor is None else p.via_minor, plan.currency))
        for p in parcels
    )
    headers = {"content-disposition": 'attachment; filename="consolidation.csv"'}
    return Response("".join((csv_line(_CSV), *lines)), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/consolidation/{plan_id}")
def show(visit: Lead, plan_id: str) -> Response:
    """Show one plan."""
    return staff_page(visit, _page(visit, plan_id))


def _ask(
    uow: UnitOfWork, visit: Visit, form: Submitted, parcels: list[shipping.LooseParcel] | None = None
) -> Done:  # fmt: skip
    site_id = at_desk(uow, visit).require_site(form["site"])
    try:
        ship_on = date.fromisoformat(form["ship_on"])
    except ValueError as error:
        raise Invalid("This is not a day.", remedy="Enter such as 2026-11-24.", pointer="/ship_on") from error
    shipping.ask_for_consolidation(uow, site_id=site_id, ship_on=ship_on, currency=form["currency"], parcels=parcels)
    return Done("/consolidation", "A worker plans. This page shows how far.")


def _page(visit: Visit, plan_id: str = "") -> ConsolidationPage:
    with desk_of(visit) as desk:
        listed = shipping.find_consolidations(desk.uow, site_id=desk.site_id)
        plan = next(iter(listed), None)
        if plan_id:
            plan = shipping.get_consolidation(desk.uow, plan_id, site_id=desk.site_id)
        is_waiting = plan is not None and plan.is_under_way
        is_ready = plan is not None and plan.state == "ready"
        return ConsolidationPage(
            frame=desk.frame,
            shell=desk.shell("/manifests"),
            title=_title(plan) if plan else "Pallets to hubs",
            say=_say(plan) if plan and is_ready else "",
            note=_note(plan) if plan else "",
            progress=_STATES[plan.state][0] if plan and is_waiting else "",
            percent=plan.progress if plan else 0,
            facts=_facts(plan) if plan and is_ready else (),
            hubs=tuple(_hub(plan, hub) for hub in plan.hubs) if plan else (),
            csv_href=f"/consolidation/{plan.id}.csv" if plan and is_ready else "",
            plans=tuple(_row(each) for each in listed),
            plans_empty=_EMPTY,
            forms=() if is_waiting else _forms(desk),
            cancel=_cancel(desk, plan) if plan and is_waiting else None,
            refresh_s=_REFRESH_SECONDS if is_waiting else 0,
        )


def _title(plan: shipping.ConsolidationPlan) -> str:
    what = "a file" if plan.source == "file" else "what stands in the house"
    return f"Pallets to hubs: {what}, {long_date(plan.ship_on)}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"


def _say(plan: shipping.ConsolidationPlan) -> str:
    base, most = plan.baseline_minor, _percent(plan.bound_minor, plan.baseline_minor)
    if not plan.saved_minor:
        return f"Everything goes straight: no pallet pays for itself. At most {most} could be saved by any plan."
    saved = f"{money(plan.saved_minor, plan.currency)} saved ({_percent(plan.saved_minor, base)})"
    return f"{saved}. No plan can save more than {money(plan.bound_minor, plan.currency)} ({most})."


def _note(plan: shipping.ConsolidationPlan) -> str:
    if plan.state == "ready":
        return f"A proposal: no label is changed by it. {plan.note}".strip()
    return plan.note if plan.state != "cancelled" else "This plan was cancelled."


def _facts(plan: shipping.ConsolidationPlan) -> tuple[Fact, ...]:
    return (
        Fact("All straight", money(plan.baseline_minor, plan.currency)),
        Fact("By this plan", money(plan.baseline_minor - plan.saved_minor, plan.currency)),
        Fact("On pallets", counted(plan.parcels - plan.direct_parcels, "parcel")),
        Fact("Straight", counted(plan.direct_parcels, "parcel")),
    )


def _hub(plan: shipping.ConsolidationPlan, hub: shipping.PlannedHub) -> HubRow:
    if not hub.parcels:
        return HubRow(hub.name, 0, "", "", "", "", hub.why)
    return HubRow(
        hub.name, hub.parcels, counted(hub.pallets, "pallet"),
        f"{hub.volume_mm3 // 1_000_000:,} l, {hub.weight_g / 1_000:,.0f} kg",
        money(hub.linehaul_minor + hub.last_mile_minor, plan.currency), money(hub.saved_minor, plan.currency),
        f"Pallets {money(hub.linehaul_minor, plan.currency)}, last miles {money(hub.last_mile_minor, plan.currency)}",
    )  # fmt: skip


def _row(plan: shipping.ConsolidationPlan) -> PlanRow:
    words, tone = _STATES[plan.state]
    saved = _percent(plan.saved_minor, plan.baseline_minor) if plan.state == "ready" else ""
    return PlanRow(Link(_title(plan), f"/consolidation/{plan.id}"), plan.created_at, words, tone, saved)


def _cancel(desk: Desk, plan: shipping.ConsolidationPlan) -> Form:
    fields = (desk.site_field(), Field("plan", "", "hidden", plan.id))
    return Form("/consolidation/cancel", "Stop", fields, tone="plain", csrf_token=desk.visit.csrf_token)


def _forms(desk: Desk) -> tuple[Form, ...]:
    hubs = shipping.injection_hubs(desk.uow, site_id=desk.site_id)
    if not hubs:
        return ()
    today = desk.uow.now.astimezone(ZoneInfo(desk.frame.zone)).date().isoformat()
    currencies = tuple(Option(each, each) for each in dict.fromkeys(hub.currency for hub in hubs))
    common = (
        desk.site_field(),
        Field("ship_on", "Ship date", "date", today, required=True),
        Field("currency", "Prices in", "select", options=currencies, required=True),
    )
    file = Field("file", "CSV file", "file", required=True, hint=f"Its first line: {', '.join(COLUMNS)}.")
    token = desk.visit.csrf_token
    intro = "Parcels that are weighed or labelled for that day and on no manifest yet."
    house = Form("/consolidation", "Plan them", common, "What stands in the house", intro, csrf_token=token)
    sent = (*common, file)
    return (house, Form("/consolidation/file", "Plan it", sent, "Parcels of a file", tone="plain", csrf_token=token))
