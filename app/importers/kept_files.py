"""Files that are kept for the worker, and what it takes of them part by part, whatever kind they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.importers.models import ImportFile
from app.importers.runs import record_run
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file as the worker found it: whose it is (a merchant's or a site's), how much of it is done, and its terms."""

    tenant_id: str
    site_id: str
    run_id: str
    name: str
    content: bytes
    position: int
    terms: dict[str, str]


class PartwiseFile(Protocol):
    """A file that was read: how many orders or rows it has, and how many are taken in one transaction."""

    @property
    def size(self) -> int:
        """How many orders or rows there are."""

    @property
    def part(self) -> int:
        """How many are taken in one transaction."""

    def take(self, uow: UnitOfWork, start: int, end: int) -> object:
        """Take what stands from `start` to before `end`, and write down how far the file is."""

    def finish(self, uow: UnitOfWork) -> object:
        """Write down what all of it came to."""


def keep_file(
    uow: UnitOfWork, *, kind: str, source: str, content: bytes, file: str, tenant_id: str = "", site_id: str = "",
    terms: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """Keep a file of a kind for the worker, and return the run's id."""
    run_id = record_run(
        uow, source=source, kind=kind, merchant_id=tenant_id or None, totals={"progress": [0, 0]}, defects=()
    )
    row: dict[str, Any] = {
        "run_id": run_id, "tenant_id": tenant_id or None, "site_id": site_id or None, "kind": kind,
        "terms": dict(terms or {}), "id": new_id("upl"), "name": file, "content": content, "position": 0,
        "attempts": 0, "claimed_until": uow.now, "created_at": uow.now,
    }  # fmt: skip
    statement = insert(ImportFile).values(row)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["run_id"], set_=row))
    return run_id


def drop_file(uow: UnitOfWork, *, run_id: str, tenant_id: str) -> None:
    """Let a merchant's file that still waits give way to another one of its name."""
    uow.session.execute(delete(ImportFile).where(ImportFile.tenant_id == tenant_id, ImportFile.run_id == run_id))
