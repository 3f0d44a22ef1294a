from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.importers.csv_rows import Defect
from app.importers.models import ImportDefect, ImportResult, ImportRun
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

ROWS_KEPT = timedelta(days=30)
"""How long the rows of refused orders are kept: they name people, and serve only to be mended."""


Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What became of one order of a file: `taken`, `known` (it was here already), `skipped` or `refused`.

    `line` is where it begins in the file; `order_id` is ours, empty when it was not taken.
    """

    line: int
    order: str
    outcome: str
    order_id: str = ""


def key_of(name: str, line: int) -> Key:
    """Return what rows are told apart by: the order or item that they name, or else the line where they stand."""
    return (name, 0) if name else ("", line)


def record_run(
    uow: UnitOfWork, *, source: str, kind: str, totals: Mapping[str, Any], defects: Sequence[Defect] | None,
    merchant_id: str | None = None,
) -> str:  # fmt: skip
    """Write down what was read from a source and which of its rows were defective; return the run's id.

    Reading the same source again updates its one row, and replaces the defects by those found now; None leaves them.
    """
    row = {"id": new_id("imp"), "source": source, "kind": kind, "first_at": uow.now, "last_at": uow.now}
    row["merchant_id"] = merchant_id
    statement = insert(ImportRun).values(row | {"totals": dict(totals)})
    newer = {"last_at": uow.now, "totals": statement.excluded.totals}
    upsert = statement.on_conflict_do_update(index_elements=[ImportRun.source], set_=newer)
    run_id = uow.session.execute(upsert.returning(ImportRun.id)).scalar_one()
    if defects is not None:
        uow.session.execute(delete(ImportDefect).where(ImportDefect.run_id == run_id))
        append_defects(uow, run_id, defects)
    return run_id


def append_defects(uow: UnitOfWork, run_id: str, defects: Sequence[Defect]) -> None:
    """Write down further defective rows of a run."""
    rows = _rows(run_id, defects)
    if rows:
        uow.session.execute(insert(ImportDefect).on_conflict_do_nothing(), rows)


def restart_results(uow: UnitOfWork, *, run_id: str, tenant_id: str) -> None:
    """Forget what an earlier reading of a file said of its orders, and the rows that the merchant had time to mend."""
    of_run = ImportResult.tenant_id == tenant_id, ImportResult.run_id == run_id
    uow.session.execute(delete(ImportResult).where(*of_run))
    old = select(ImportRun.id).where(ImportRun.last_at < uow.now - ROWS_KEPT, ImportRun.merchant_id == tenant_id)
    forget = update(ImportResult).where(ImportResult.tenant_id == tenant_id, ImportResult.run_id.in_(old))
    uow.session.execute(forget.values(rows=[]))


def append_results(
    uow: UnitOfWork, *, run_id: str, tenant_id: str, results: Sequence[OrderResult],
    rows: Mapping[Key, Sequence[Mapping[str, str]]],
) -> None:  # fmt: skip
    """Write down what became of orders of a file; `rows` has those of the refused ones."""
    told = [
        {
            "tenant_id": tenant_id, "run_id": run_id, "line": result.line, "number": result.order,
            "outcome": result.outcome, "order_id": result.order_id,
            "rows": [dict(row) for row in rows.get(key_of(result.order, result.line), ())],
        }
        for result in results
    ]  # fmt: skip
    if told:
        uow.session.execute(insert(ImportResult), told)


def _rows(run_id: str, defects: Iterable[Defect]) -> list[dict[str, Any]]:
    found = {
        (defect.file, defect.line, defect.code): {
            "run_id": run_id, "file": defect.file, "line": defect.line, "code": defect.code, "key": defect.key,
            "detail": defect.detail, "set_aside": defect.set_aside, "raw": dict(defect.raw),
        }
        for defect in defects
    }  # fmt: skip
    return list(found.values())
