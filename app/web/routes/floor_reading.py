"""Files of a floor: taken at once or by a worker, and how far that is. A part of the page of the floor."""

from datetime import timedelta
from typing import Final

from app.web.faces.floor_plan import FloorReading
from app.web.faces.shell import Field, Form, Option
from app.web.routes.answers import Done, Submitted
from app.web.routes.imports import Upload
from app.web.routes.visits import Desk, Visit, at_desk
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

_TOLD: Final = timedelta(minutes=10)
"""So long after its end the outcome is still told."""
_UNITS: Final = {"": "As the file says", "mm": "mm", "cm": "cm", "m": "m", "in": "Inches", "ft": "Feet"}
_FORMATS: Final = {"csv": "CSV", "geojson": "GeoJSON", "dxf": "DXF"}
_STEPS: Final = {
    "waiting": "A worker reads {name} in a moment.",
    "reading": "Reading {name}.",
    "checking": "Checking {name}: every location and every way.",
}


def keep_file(uow: UnitOfWork, visit: Visit, upload: Upload) -> Done:
    """Keep the floor that a file draws, or have a worker do so where it is large."""
    form = upload.form
    if not form["file_name"]:
        raise Invalid("Choose a file.", pointer="/file")
    is_large = len(upload.content) > fulfillment.AT_ONCE_BYTES
    take = fulfillment.ask_for_floor_file if is_large else fulfillment.import_floor_plan
    view = take(
        uow, site_id=at_desk(uow, visit).require_site(form["site"]), content=upload.content,
        form=form["format"] or upload.name.rpartition(".")[2].casefold(), unit=form["unit"], layers=form["layers"],
        note=form["note"], file=upload.name,
    )  # fmt: skip
    if isinstance(view, str):
        return Done("/floor", "A worker reads it. This page shows how far.")
    here = f"/floor/{view.head.version}"
    if view.faults:
        return Done(here, f"Kept as a draft: {counted(len(view.faults), 'fault')}, numbered on the plan.", "warn")
    return Done(here, f"Kept as version {view.head.version}. Nothing is walked on it until you put it in force.")


def upload_form(desk: Desk) -> Form:
    """Return the form that loads a file."""
    fields = (
        desk.site_field(),
        Field("file", "File", "file", required=True, hint="CSV, GeoJSON or DXF, up to 50 MB."),
        Field("format", "Format", "select", options=(Option("", "By its ending"), *_options(_FORMATS))),
        Field("unit", "Unit of length", "select", options=_options(_UNITS)),
        Field("layers", "Layers of a drawing", hint="A-WALL = rack, X = ignore. RACKS, AISLES, BINS are known."),
        Field("note", "Note"),
    )
    words = "It is kept as a new version. What is wrong is shown on the plan; the plan in force stays."
    return Form("/floor/file", "Load it", fields, "Load a plan", words, csrf_token=desk.visit.csrf_token)


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


def _options(choices: dict[str, str]) -> tuple[Option, ...]:
    return tuple(Option(value, words) for value, words in choices.items())
