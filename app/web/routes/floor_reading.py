"""How far a worker is with a large file of a floor: a part of the page of the floor."""

from datetime import timedelta
from typing import Final

from app.web.faces.floor_plan import FloorReading
from app.web.faces.shell import Field, Form
from app.web.formats import counted
from app.web.routes.answers import Done, Submitted
from app.web.routes.visits import Desk, Visit, at_desk
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork

_TOLD: Final = timedelta(minutes=10)
"""So long after its end the outcome is still told."""
_STEPS: Final = {
    "waiting": "A worker reads {name} in a moment.",
    "reading": "Reading {name}.",
    "checking": "Checking {name}: every location and every way.",
}


def cancel_reading(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Have the worker drop the file."""
    fulfillment.cancel_floor_file(uow, form["id"], site_id=at_desk(uow, visit).require_site(form["site"]))
    return Done("/floor", "Stopped. Nothing of the file was kept.")


def reading_card(desk: Desk) -> FloorReading | None:
    """Return how far the last large file is, or what it came to; None where that is long ago."""
    found = fulfillment.latest_floor_file(desk.uow, site_id=desk.site_id)
    if found is None or (found.finished_at is not None and found.finished_at < desk.uow.now - _TOLD):
        return None
    if found.is_under_way:
        fields = (desk.site_field(), Field("id", "", "hidden", found.id))
        stop = Form("/floor/file/cancel", "Stop", fields, tone="plain", csrf_token=desk.visit.csrf_token)
        return FloorReading(_STEPS[found.state].format(name=found.name), found.progress, stop)
    return FloorReading(_outcome(found), 100, href=f"/floor/{found.version}" if found.version else "")


def _outcome(found: fulfillment.FloorFileView) -> str:
    if found.state == "cancelled":
        return f"{found.name} was stopped: nothing of it was kept."
    if found.version is None:
        return f"{found.name} could not be read: {found.why}"
    faults = f" with {counted(found.faults, 'fault')}" if found.faults else ""
    return f"{found.name} was kept as version {found.version}{faults}. {found.why}".strip()
