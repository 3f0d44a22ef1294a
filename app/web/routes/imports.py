from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import Row, text
from starlette.responses import Response

from app.web.formats import quantity
from app.web.pages import ControlTotal, Empty, FlaggedRow, ImportRow, ImportsPage
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from kernel.errors import NotFound

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:write", of_the_house=True))]
_ROWS = 500
_RUNS = text(
    "select r.id, r.source, r.kind, r.first_at, r.last_at, r.totals,"
    " (select count(*) from import_defect d where d.run_id = r.id) as defects"
    " from import_run r order by r.last_at desc, r.id limit 50"
)
_DEFECTS = text(
    "select file, line, code, key, detail, set_aside from import_defect where run_id = :run"
    " order by set_aside desc, file, line, code limit :rows"
)
_EMPTY = Empty(
    "Imports will be listed here with their control totals.", "Run: pickstream import olist, with the folder's path."
)
_FIGURES = {
    "orders": ("Orders", False),
    "pieces": ("Pieces", False),
    "goods_minor": ("Value of the goods", True),
    "freight_minor": ("Freight", True),
}


@router.get("/imports")
def list_imports(visit: Viewer) -> Response:
    """Show what was imported."""
    with desk_of(visit) as desk:
        page = _page(desk, "")
    return staff_page(visit, page)


@router.get("/imports/{run_id}")
def show_import(visit: Viewer, run_id: str) -> Response:
    """Show one import: its control totals against the source's, and the rows that were not as they should be."""
    with desk_of(visit) as desk:
        page = _page(desk, run_id)
    return staff_page(visit, page)


def _page(desk: Desk, run_id: str) -> ImportsPage:
    runs = desk.uow.session.execute(_RUNS).all()
    chosen = next((run for run in runs if run.id == run_id), None)
    if run_id and chosen is None:
        raise NotFound("There is no such import.")
    return ImportsPage(
        frame=desk.frame,
        shell=desk.shell("/imports"),
        runs=tuple(_run(run) for run in runs),
        empty=_EMPTY,
        chosen=_name(chosen.source) if chosen else "",
        totals=_totals(chosen.totals) if chosen else (),
        flagged=_flagged(desk, run_id) if chosen else (),
    )


def _run(run: Row[Any]) -> ImportRow:
    imported, aside = run.totals.get("imported", {}), run.totals.get("set_aside", {})
    state = "DONE_WITH_FLAGS" if run.defects else "DONE"
    return ImportRow(
        _name(run.source), f"/imports/{run.id}", run.last_at, run.kind.capitalize(), state, imported.get("orders", 0),
        aside.get("orders", 0), run.defects,
    )  # fmt: skip


def _name(source: str) -> str:
    return source.rstrip("/").rpartition("/")[2]


def _totals(totals: Mapping[str, Mapping[str, int]]) -> tuple[ControlTotal, ...]:
    """Return each figure of the source beside ours; what was set aside on purpose is told and counted."""
    source, ours, aside = (totals.get(name, {}) for name in ("source", "imported", "set_aside"))
    return tuple(
        _total(words, source.get(name, 0), ours.get(name, 0), aside.get(name, 0), is_amount=is_amount)
        for name, (words, is_amount) in _FIGURES.items()
    )


def _total(words: str, source: int, ours: int, aside: int, *, is_amount: bool) -> ControlTotal:
    def told(value: int) -> str:
        return f"{value / 100:,.2f}" if is_amount else quantity(value)

    here = f"{told(ours)} + {told(aside)} set aside" if aside else told(ours)
    return ControlTotal(words, told(source), here, source == ours + aside)


def _flagged(desk: Desk, run_id: str) -> tuple[FlaggedRow, ...]:
    rows = desk.uow.session.execute(_DEFECTS, {"run": run_id, "rows": _ROWS})
    return tuple(
        FlaggedRow(
            f"{row.file}:{row.line}", row.key, f"{row.code.replace('_', ' ').capitalize()}: {row.detail}",
            "Set aside, not imported" if row.set_aside else "Kept, and flagged",
        )
        for row in rows
    )  # fmt: skip
