from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.importers import stored_runs
from app.importers.items.intake import ITEMS
from app.importers.uploads import file_name
from app.web.addresses import address
from app.web.formats import money, quantity
from app.web.pages import (
    Chip,
    ControlTotal,
    Empty,
    FlaggedRow,
    ImportOutcome,
    ImportRow,
    ImportsPage,
    Pager,
)
from app.web.routes.answers import PageRoute, Submitted, staff_page
from app.web.routes.import_forms import export_form, items_form, orders_form
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:write", of_the_house=True))]
Words = Annotated[str, Query(max_length=400)]
_ROWS = 200
_EMPTY = Empty(
    "Imports will be listed here with their control totals.",
    "Send a file of orders or items with the buttons above, or run: pickstream import.",
)
_FIGURES = {
    "orders": ("Orders", False),
    "pieces": ("Pieces", False),
    "goods_minor": ("Value of the goods", True),
    "freight_minor": ("Freight", True),
}
_ITEM_FIGURES = {"items": ("Items", False)}
_OUTCOMES = {
    "": "All", "taken": "Taken", "known": "Here already", "skipped": "Left out", "created": "Created",
    "changed": "Changed", "unchanged": "As they were", "refused": "Refused",
}  # fmt: skip
_DONE = {True: "DONE_WITH_FLAGS", False: "DONE"}
_STATES = {
    "taken": "TAKEN", "known": "KNOWN", "skipped": "LEFT_OUT", "refused": "REFUSED", "created": "CREATED",
    "changed": "CHANGED", "unchanged": "UNCHANGED",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with a file: the name that the file has on the sender's disk, and what is in it."""

    form: Submitted
    name: str
    content: bytes


async def uploaded(request: Request) -> Upload:
    """Read a form with one file."""
    async with request.form(max_files=1, max_fields=20) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = (file.filename or "") if isinstance(file, UploadFile) else ""
    entered = {key: value for key, value in fields.items() if key not in ("op_id", "csrf_token")}
    # The digest stands for the file where the form is compared with an earlier one of the same operation.
    entered |= {"file_name": name, "file_digest": (await run_in_threadpool(sha256, content)).hexdigest()}
    return Upload(Submitted(entered, fields.get("op_id", ""), fields.get("csrf_token", "")), file_name(name), content)


@router.get("/imports")
def list_imports(visit: Viewer, cursor: Words = "") -> Response:
    """Show what was imported, the last first."""
    return staff_page(visit, list_page(visit, cursor))


@router.get("/imports/{run_id}")
def show_import(visit: Viewer, run_id: str, show: Words = "", after: Annotated[int, Query(ge=0)] = 0) -> Response:
    """Show one import: its control totals against the source's, and what became of its orders or rows."""
    with desk_of(visit) as desk:
        page = _page_of_one(desk, stored_runs.get_run(desk.uow, run_id), show if show in _OUTCOMES else "", after)
    return staff_page(visit, page)


@router.get("/imports/{run_id}/refused.csv")
def download_refused(visit: Viewer, run_id: str) -> Response:
    """Return the rows of what was refused as they were, each with what to mend; the file can be sent again."""
    with desk_of(visit) as desk:
        run = stored_runs.get_run(desk.uow, run_id)
        lines = tuple(_refused_lines(desk.uow, run))
    what = "items" if run.kind == ITEMS.kind else "orders"
    headers = {"content-disposition": f'attachment; filename="refused-{what}.csv"'}
    return StreamingResponse(iter(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _refused_lines(uow: UnitOfWork, run: stored_runs.StoredRun) -> Iterator[str]:
    yield csv_line((*run.columns, "What to mend"))
    for row, why in stored_runs.refused_rows(uow, run.id):
        yield csv_line((*(row.get(column, "") for column in run.columns), why))


def list_page(visit: Visit, cursor: str = "") -> ImportsPage:
    """Return the list of imports, with its forms."""
    with desk_of(visit) as desk:
        found = stored_runs.find_runs(desk.uow, cursor=cursor or None)
        names = desk.merchants()
        return ImportsPage(
            frame=desk.frame,
            shell=desk.shell("/imports"),
            runs=tuple(_run(run, names) for run in found.items),
            empty=_EMPTY,
            upload=orders_form(visit.csrf_token, names),
            upload_items=items_form(visit.csrf_token, names),
            export_items=export_form(names),
            pager=Pager("", "", address("/imports", cursor=found.next)) if found.next else Pager(),
        )


def _run(run: stored_runs.StoredRun, names: Mapping[str, str]) -> ImportRow:
    imported, aside = run.totals.get("imported", {}), run.totals.get("set_aside", {})
    unit = "items" if run.kind == ITEMS.kind else "orders"
    state = "RUNNING" if run.is_running else "FAILED" if run.failed else _DONE[bool(run.defects)]
    source = f"{run.kind.capitalize()}, {names[run.merchant_id]}" if run.merchant_id in names else run.kind.capitalize()
    return ImportRow(
        run.name, f"/imports/{run.id}", run.last_at, source, state, imported.get(unit, run.done),
        aside.get(unit, 0), run.defects,
    )  # fmt: skip


def _page_of_one(desk: Desk, run: stored_runs.StoredRun, show: str, after: int) -> ImportsPage:
    counts = stored_runs.count_outcomes(desk.uow, run.id)
    found = stored_runs.results_of(desk.uow, run.id, outcome=show, after_line=after, limit=_ROWS + 1) if counts else []
    here = f"/imports/{run.id}"
    following = address(here, show=show, after=str(found[_ROWS - 1].line)) if len(found) > _ROWS else ""
    return ImportsPage(
        frame=desk.frame, shell=desk.shell("/imports"), runs=(_run(run, desk.merchants()),), empty=_EMPTY,
        chosen=run.name, totals=_totals(run) if run.totals else (), refresh_s=5 if run.is_running else 0,
        failed=run.failed, progress=_progress(run), flagged=() if counts else _flagged(desk, run.id),
        outcomes=tuple(_outcome(result, run.kind) for result in found[:_ROWS]),
        outcome_chips=_chips(here, show, counts),
        orders_href=_whole_href(run), by_order=bool(counts), noun="Item" if run.kind == ITEMS.kind else "Order",
        refused_href=f"{here}/refused.csv" if counts.get("refused") else "", pager=Pager("", "", following),
    )  # fmt: skip


def _whole_href(run: stored_runs.StoredRun) -> str:
    return "/items" if run.kind == ITEMS.kind else address("/orders", merchant=run.merchant_id, site="all")


def _progress(run: stored_runs.StoredRun) -> str:
    if not run.is_running:
        return ""
    noun = "item" if run.kind == ITEMS.kind else "order"
    return f"{run.done:,} of {counted(run.of, noun)} tried so far." if run.of else "The file waits for its turn."


def _outcome(result: stored_runs.StoredResult, kind: str) -> ImportOutcome:
    where = f"/{'items' if kind == ITEMS.kind else 'orders'}/{result.order_id}" if result.order_id else ""
    return ImportOutcome(
        result.line,
        result.number or ("Without a SKU" if kind == ITEMS.kind else "Without a number"),
        where,
        _STATES[result.outcome],
        " ".join(result.faults),
    )


def _chips(here: str, show: str, counts: Mapping[str, int]) -> tuple[Chip, ...]:
    if not counts:
        return ()
    shown: Iterable[str] = ("", *(outcome for outcome in _OUTCOMES if counts.get(outcome)))
    return tuple(
        Chip(_OUTCOMES[key], address(here, show=key), key == show, counts.get(key, sum(counts.values())))
        for key in shown
    )


def _totals(run: stored_runs.StoredRun) -> tuple[ControlTotal, ...]:
    """Return each figure of the source beside ours; what was set aside on purpose is told and counted."""
    source, ours, aside = (run.totals.get(name, {}) for name in ("source", "imported", "set_aside"))
    return tuple(
        _total(words, source.get(name, 0), ours.get(name, 0), aside.get(name, 0), run.currency if is_amount else None)
        for name, (words, is_amount) in (_ITEM_FIGURES if run.kind == ITEMS.kind else _FIGURES).items()
    )


def _total(words: str, source: int, ours: int, aside: int, currency: str | None) -> ControlTotal:
    def told(value: int) -> str:
        if currency is None:
            return quantity(value)
        return money(value, currency) if currency else f"{value / 100:,.2f}"

    here = f"{told(ours)} + {told(aside)} set aside" if aside else told(ours)
    return ControlTotal(words, told(source), here, source == ours + aside)


def _flagged(desk: Desk, run_id: str) -> tuple[FlaggedRow, ...]:
    rows = stored_runs.defects_of(desk.uow, run_id, limit=_ROWS)
    return tuple(
        FlaggedRow(
            f"{row.file}:{row.line}", row.key, f"{row.code.replace('_', ' ').capitalize()}: {row.detail}",
            "Set aside, not imported" if row.set_aside else "Kept, and flagged",
        )
        for row in rows
    )  # fmt: skip
