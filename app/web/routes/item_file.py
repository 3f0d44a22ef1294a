"""A catalogue in by a form."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.importers.intake import Report
from app.importers.items.intake import ITEMS
from app.importers.uploads import file_name
from app.web.routes.answers import Done, PageRoute, submit
from app.web.routes.imports import Upload, Viewer, list_page, uploaded
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
_NAMED = 5


@router.post("/imports/items")
def take_items_file(request: Request, visit: Viewer, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Take a catalogue through the same command as the interface."""

    def work(uow: UnitOfWork) -> Done:
        tenant_id, name = upload.form["merchant"], file_name(upload.form["file_name"], otherwise="items.csv")
        if not tenant_id:
            raise Invalid("Choose whose items these are.", pointer="/merchant")
        if not upload.form["file_name"]:
            raise Invalid("Choose a file.", remedy="It is a CSV with a row for each item.", pointer="/file")
        report = ITEMS.receive(uow, tenant_id=tenant_id, content=upload.content, file=name)
        if isinstance(report, str):
            return Done(f"/imports/{report}", "The file is here. Its items are stored now; this page shows how far.")
        show = "?show=refused" if report.count("refused") and not report.flags else ""
        is_clean = not (report.faults or report.flags or report.ignored)
        return Done(f"/imports/{report.run_id}{show}", _told(report), "ok" if is_clean else "warn")

    return submit(request, visit, upload.form, work, again=lambda: list_page(visit))


def _told(report: Report) -> str:
    words = {"created": "created", "changed": "changed", "unchanged": "as they were", "refused": "refused"}
    said = [f"{report.count(outcome):,} {told}" for outcome, told in words.items() if report.count(outcome)]
    whole = f"{counted(len(report.results), 'item')} in the file: {', '.join(said)}."
    if report.flags:
        whole += f" {counted(len(report.flags), 'value')} to compare: the lines below say which."
    if report.ignored:
        more = f" and {len(report.ignored) - _NAMED} more" if len(report.ignored) > _NAMED else ""
        whole += f" Not read: {', '.join(report.ignored[:_NAMED])}{more}."
    return whole
