"""Files of orders and of items in by a form."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.importers.intake import Intake, Report
from app.importers.items.intake import ITEMS
from app.importers.orders.intake import ORDERS
from app.importers.uploads import file_name
from app.web.routes.answers import Done, PageRoute, submit
from app.web.routes.imports import Upload, Viewer, list_page, uploaded
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
T = TypeVar("T")
_NAMED = 5
_OUTCOMES = {
    "taken": "taken", "known": "here already", "skipped": "left out", "created": "created", "changed": "changed",
    "unchanged": "as they were", "refused": "refused",
}  # fmt: skip


@router.post("/imports/shopify")
def take_shopify_file(request: Request, visit: Viewer, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Take a Shopify order export through the same command as the interface."""
    return _take(request, visit, upload, ORDERS, "It is the CSV that the shop exports.", "taken")


@router.post("/imports/items")
def take_items_file(request: Request, visit: Viewer, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Take a catalogue through the same command as the interface."""
    return _take(request, visit, upload, ITEMS, "It is a CSV with a row for each item.", "stored")


def _take(request: Request, visit: Viewer, upload: Upload, intake: Intake[T], file_is: str, done: str) -> Response:
    def work(uow: UnitOfWork) -> Done:
        tenant_id, name = upload.form["merchant"], upload.form["file_name"]
        if not tenant_id:
            raise Invalid(f"Choose whose {intake.noun} these are.", pointer="/merchant")
        if not name:
            raise Invalid("Choose a file.", remedy=file_is, pointer="/file")
        name = file_name(name, otherwise=f"{intake.noun}.csv")
        report = intake.receive(uow, tenant_id=tenant_id, content=upload.content, file=name)
        if isinstance(report, str):
            told = f"The file is here. Its {intake.noun} are {done} now; this page shows how far."
            return Done(f"/imports/{report}", told)
        show = "?show=refused" if report.count("refused") and not report.flags else ""
        is_clean = not (report.faults or report.flags or report.ignored)
        return Done(f"/imports/{report.run_id}{show}", _told(intake, report), "ok" if is_clean else "warn")

    return submit(request, visit, upload.form, work, again=lambda: list_page(visit))


def _told(intake: Intake[T], report: Report) -> str:
    said = [f"{report.count(outcome):,} {told}" for outcome, told in _OUTCOMES.items() if report.count(outcome)]
    whole = f"{counted(len(report.results), intake.noun.removesuffix('s'))} in the file: {', '.join(said)}."
    if report.flags:
        whole += f" {counted(len(report.flags), 'value')} to compare: the lines below say which."
    if report.ignored:
        more = f" and {len(report.ignored) - _NAMED} more" if len(report.ignored) > _NAMED else ""
        whole += f" Not read: {', '.join(report.ignored[:_NAMED])}{more}."
    return whole
