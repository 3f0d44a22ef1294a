from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Passing:
    """A table whose rows are of use for some time only: which column says since when, and how long they are kept at
    least, whatever is configured.
    """

    table: str
    since: str
    shortest: timedelta


KEYS = Passing("idempotency_key", "created_at", timedelta(hours=24))
"""Of what was answered to a caller's key: our longest published schedule of retries ends within 76 hours, and a
receiver's own keys last as long.
"""
INBOX = Passing("inbox", "received_at", timedelta(days=7))
"""Of messages that were taken: they outlive the feed's slowest reader."""
SESSIONS = Passing("staff_session", "expires_at", timedelta(days=1))
"""Of sessions that ended."""


def forget_rows(uow: UnitOfWork, rows: Passing, *, keep: timedelta, limit: int) -> int:
    """Delete up to `limit` rows that are older than `keep`, and note in the audit trail how many they were; return it.

    Whoever calls it repeats it in transactions of its own, until fewer than `limit` are left: then no lock is held for
    long.
    """
    before = uow.now - max(keep, rows.shortest)
    old = f"select ctid from {rows.table} where {rows.since} < :before limit :limit"  # noqa: S608 - our own tables
    statement = text(f"delete from {rows.table} where ctid = any(array({old}))")  # noqa: S608 - our own tables
    found = uow.session.execute(statement, {"before": before, "limit": limit})
    return note_forgotten(uow, rows.table, int(found.rowcount), keep=keep)  # type: ignore[attr-defined]  # of a delete, there is one


def note_forgotten(uow: UnitOfWork, table: str, rows: int, *, keep: timedelta) -> int:
    """Note in the audit trail how many rows were deleted because of their age, if any were; return the number."""
    if rows:
        uow.audit("retention.forgotten", subject=table, rows=rows, kept_hours=int(keep.total_seconds()) // 3600)
    return rows
