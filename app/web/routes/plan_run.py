"""What a worker releases and plans because somebody asked for it now: a part of the list of walks."""

from datetime import timedelta
from typing import Final

from app.web.faces.floor import PlanningCard
from app.web.faces.shell import Field, Form
from app.web.routes.answers import Done, Submitted
from app.web.routes.visits import Desk, Visit, at_desk
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted

_MOST_ORDERS: Final = 2_000
_TOLD: Final = timedelta(minutes=10)
"""So long after its end the outcome is still told."""
_STEPS: Final = {
    "waiting": "A worker releases and plans in a moment.",
    "choosing": "Choosing where to pick.",
    "planning": "Putting orders on carts.",
}


def ask_form(desk: Desk, words: str) -> Form:
    """Return the form that has everything released and planned."""
    return Form("/batches/release", words, (desk.site_field(),), csrf_token=desk.visit.csrf_token)


def ask_now(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Have a worker release what can go and plan its walks."""
    site_id = at_desk(uow, visit).require_site(form["site"])
    fulfillment.ask_for_plan(uow, site_id=site_id, release=True, max_orders=_MOST_ORDERS)
    return Done("/batches", "A worker releases and plans. This page shows how far.")


def cancel(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Have the worker stop."""
    fulfillment.cancel_plan_run(uow, form["run"], site_id=at_desk(uow, visit).require_site(form["site"]))
    return Done("/batches", "Stopped. What was released and planned by then stays.")


def planning_card(desk: Desk) -> PlanningCard | None:
    """Return how far the last run is, or what it came to; None where that is long ago."""
    found = fulfillment.latest_plan_run(desk.uow, site_id=desk.site_id)
    if found is None or (found.finished_at is not None and found.finished_at < desk.uow.now - _TOLD):
        return None
    if found.is_under_way:
        fields = (desk.site_field(), Field("run", "", "hidden", found.id))
        stop = Form("/batches/release/cancel", "Stop", fields, tone="plain", csrf_token=desk.visit.csrf_token)
        return PlanningCard(_STEPS[found.state], found.progress, stop)
    return PlanningCard(_outcome(found), found.progress)


def _outcome(found: fulfillment.PlanRunView) -> str:
    if found.state == "failed":
        return found.note
    stopped = "Stopped before its end: " if found.state == "cancelled" else ""
    planned = counted(found.batches, "new batch", "new batches")
    words = f"{stopped}{counted(found.released, 'order')} released, {planned} planned."
    if found.queued:
        words += f" {counted(found.queued, 'order waits', 'orders wait')}; the first because: {found.why}"
    return words
