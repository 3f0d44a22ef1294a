from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.importers.csv_rows import Defect
from app.importers.models import ImportDefect, ImportRun
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One source that was read, and what became of it."""

    id: str
    source: str
    kind: str
    totals: Mapping[str, Any]
    defects: int


def record_run(uow: UnitOfWork, *, source: str, kind: str, totals: Mapping[str, Any], defects: Sequence[Defect]) -> str:
    """Write down what was read from a source and which of its rows were defective; return the run's id.

    Reading the same source again updates its one row, and replaces the defects by those found now.
    """
    row = {"id": new_id("imp"), "source": source, "kind": kind, "first_at": uow.now, "last_at": uow.now}
    statement = insert(ImportRun).values(row | {"totals": dict(totals)})
    newer = {"last_at": uow.now, "totals": statement.excluded.totals}
    upsert = statement.on_conflict_do_update(index_elements=[ImportRun.source], set_=newer)
    run_id = uow.session.execute(upsert.returning(ImportRun.id)).scalar_one()
    uow.session.execute(delete(ImportDefect).where(ImportDefect.run_id == run_id))
    rows = _rows(run_id, defects)
    if rows:
        uow.session.execute(insert(ImportDefect), rows)
    return run_id


def _rows(run_id: str, defects: Iterable[Defect]) -> list[dict[str, Any]]:
    found = {
        (defect.file, defect.line, defect.code): {
            "run_id": run_id, "file": defect.file, "line": defect.line, "code": defect.code, "key": defect.key,
            "detail": defect.detail, "set_aside": defect.set_aside, "raw": dict(defect.raw),
        }
        for defect in defects
    }  # fmt: skip
    return list(found.values())


def find_runs(uow: UnitOfWork) -> list[StoredRun]:
    """Return what was imported, newest first."""
    runs = uow.session.scalars(select(ImportRun).order_by(ImportRun.last_at.desc(), ImportRun.id)).all()
    counts = Counter(uow.session.scalars(select(ImportDefect.run_id)))
    return [StoredRun(run.id, run.source, run.kind, run.totals, counts[run.id]) for run in runs]


def defects_of(uow: UnitOfWork, run_id: str) -> list[Defect]:
    """Return the defective rows of a run, by file and line."""
    statement = select(ImportDefect).where(ImportDefect.run_id == run_id)
    rows = uow.session.scalars(statement.order_by(ImportDefect.file, ImportDefect.line, ImportDefect.code))
    return [Defect(row.file, row.line, row.key, row.code, row.detail, row.raw, set_aside=row.set_aside) for row in rows]
