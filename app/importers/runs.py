from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.importers.csv_rows import Defect
from app.importers.models import ImportDefect, ImportRun
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


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
