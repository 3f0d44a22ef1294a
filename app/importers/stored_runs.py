from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, tuple_

from app.importers.models import ImportDefect, ImportResult, ImportRun
from app.importers.runs import Key, key_of
from kernel.access.models import Merchant
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.web.paging import Page, decode_cursor, encode_cursor

SHOWN = 50
_ROWS = 200


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One source that was read: when last, its control totals by figure, and how many of its rows had defects.

    While `is_running`, `done` orders `of` all that can be tried were tried; `failed` says why nothing was, or not all.
    `totals` are those of the `source`, what of it was `imported` and what was `set_aside`; amounts in minor units of
    `currency`, which is empty for a source of many merchants.
    """

    id: str
    merchant_id: str
    name: str
    kind: str
    first_at: datetime
    last_at: datetime
    totals: Mapping[str, Mapping[str, int]]
    columns: tuple[str, ...]
    currency: str
    defects: int
    done: int = 0
    of: int = 0
    is_running: bool = False
    failed: str = ""

    @property
    def state(self) -> str:
        """Say whether the file is waiting (or being taken), done or failed."""
        return "failed" if self.failed else "waiting" if self.is_running else "done"


@dataclass(frozen=True, slots=True)
class StoredDefect:
    """A row that was not as it should be."""

    file: str
    line: int
    code: str
    key: str
    detail: str
    set_aside: bool


@dataclass(frozen=True, slots=True)
class StoredResult:
    """What became of one order of a file, and what was wrong with it, in sentences."""

    line: int
    number: str
    outcome: str
    order_id: str
    faults: tuple[str, ...]


def find_runs(uow: UnitOfWork, *, cursor: str | None = None) -> Page[StoredRun]:
    """Return the imports that the actor may see, the one that was read last first.

    Raises:
        Invalid: the cursor was not given out here.
    """
    statement = _visible().order_by(ImportRun.last_at.desc(), ImportRun.id.desc()).limit(SHOWN + 1)
    if cursor:
        at, last = decode_cursor("imports", cursor)
        before = (datetime.fromisoformat(str(at)), str(last))
        statement = statement.where(tuple_(ImportRun.last_at, ImportRun.id) < before)
    runs = tuple(_run(row) for row in uow.session.execute(statement))
    last_shown = runs[:SHOWN][-1] if len(runs) > SHOWN else None
    following = encode_cursor("imports", last_shown.last_at.isoformat(), last_shown.id) if last_shown else None
    return Page(runs[:SHOWN], following)


def get_run(uow: UnitOfWork, run_id: str) -> StoredRun:
    """Return one import.

    Raises:
        NotFound: the actor sees no such import.
    """
    row = uow.session.execute(_visible().where(ImportRun.id == run_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such import.")
    return _run(row)


def _visible() -> Select[Any]:
    """Select the runs of the merchants that row-level security shows, and those of the house itself."""
    defects = select(func.count()).where(ImportDefect.run_id == ImportRun.id).scalar_subquery()
    mine = or_(ImportRun.merchant_id.is_(None), ImportRun.merchant_id.in_(select(Merchant.id)))
    currency = select(Merchant.currency).where(Merchant.id == ImportRun.merchant_id).scalar_subquery()
    return select(ImportRun, defects.label("defects"), currency.label("currency")).where(mine)


def _run(found: Any) -> StoredRun:  # noqa: ANN401 - a row of `_visible`
    row: ImportRun = found.ImportRun
    totals = {name: figures for name, figures in row.totals.items() if name in ("source", "imported", "set_aside")}
    done, of = row.totals.get("progress", (0, 0))
    return StoredRun(
        row.id, row.merchant_id or "", row.source.rstrip("/").rpartition("/")[2], row.kind, row.first_at, row.last_at,
        totals, tuple(row.totals.get("columns", ())), found.currency or "", found.defects,
        done, of, "progress" in row.totals, row.totals.get("failed", ""),
    )  # fmt: skip


def defects_of(uow: UnitOfWork, run_id: str, *, limit: int) -> list[StoredDefect]:
    """Return the defective rows of an import, those first that could not be taken."""
    place = ImportDefect.file, ImportDefect.line, ImportDefect.code
    columns = *place, ImportDefect.key, ImportDefect.detail, ImportDefect.set_aside
    statement = select(*columns).where(ImportDefect.run_id == run_id)
    rows = uow.session.execute(statement.order_by(ImportDefect.set_aside.desc(), *place).limit(limit))
    return [StoredDefect(*row) for row in rows]


def count_outcomes(uow: UnitOfWork, run_id: str) -> dict[str, int]:
    """Return how many orders of a file had each outcome; nothing for a source without results by order."""
    statement = select(ImportResult.outcome, func.count()).where(ImportResult.run_id == run_id)
    rows = uow.session.execute(statement.group_by(ImportResult.outcome))
    return {row[0]: row[1] for row in rows}


def results_of(
    uow: UnitOfWork, run_id: str, *, outcome: str = "", after_line: int = 0, limit: int = _ROWS
) -> list[StoredResult]:
    """Return what became of the orders of a file, line by line; `outcome` picks those that became that."""
    columns = ImportResult.line, ImportResult.number, ImportResult.outcome, ImportResult.order_id
    statement = select(*columns).where(ImportResult.run_id == run_id, ImportResult.line > after_line)
    if outcome:
        statement = statement.where(ImportResult.outcome == outcome)
    rows = uow.session.execute(statement.order_by(ImportResult.line).limit(limit)).all()
    numbers = {row.number for row in rows}
    lines = {row.line for row in rows if not row.number}
    said: dict[Key, list[str]] = {}
    faults = select(ImportDefect).where(
        ImportDefect.run_id == run_id, or_(ImportDefect.key.in_(numbers), ImportDefect.line.in_(lines))
    )
    for fault in uow.session.scalars(faults.order_by(ImportDefect.line, ImportDefect.code)):
        said.setdefault(key_of(fault.key, fault.line), []).append(_sentence(fault))
    return [StoredResult(*row, tuple(said.get(key_of(row.number, row.line), ()))) for row in rows]


def _sentence(fault: ImportDefect) -> str:
    column = fault.code.partition(":")[2]
    return f"Line {fault.line}, {column}: {fault.detail}" if column else f"Line {fault.line}: {fault.detail}"


def refused_rows(uow: UnitOfWork, run_id: str) -> Iterator[tuple[Mapping[str, str], str]]:
    """Yield the rows of the refused orders as they stood in the file, each with what was wrong with its order."""
    after = 0
    kept = select(ImportResult.line, ImportResult.rows).where(ImportResult.run_id == run_id)
    while results := results_of(uow, run_id, outcome="refused", after_line=after):
        after = results[-1].line
        lines = [result.line for result in results]
        rows = {row.line: row.rows for row in uow.session.execute(kept.where(ImportResult.line.in_(lines)))}
        for result in results:
            for row in rows[result.line]:
                yield row, " ".join(result.faults)
