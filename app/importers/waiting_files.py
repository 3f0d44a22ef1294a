"""Files that are too large to be imported while the sender waits: stored, and taken by the worker part by part."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import ColumnElement, delete, select, update

from app.importers.freight.parts import read_freight_part
from app.importers.items.intake import ITEMS
from app.importers.kept_files import PartwiseFile, Waiting
from app.importers.models import ImportFile, ImportRun
from app.importers.orders.intake import ORDERS
from kernel import actors, clock
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Refusal

LARGEST_BYTES = 50_000_000
TURN_SECONDS = 40.0
_LEASE = timedelta(seconds=110)
_ATTEMPTS = 5
_ACTOR = actors.system("import")
_READERS: Mapping[str, Callable[..., PartwiseFile]] = {
    ORDERS.kind: ORDERS.resume, ITEMS.kind: ITEMS.resume, "freight": read_freight_part,
}  # fmt: skip
"""What reads a file of each kind, and gives what takes it part by part."""


@dataclass(frozen=True, slots=True)
class _Claim:
    kind: str
    id: str
    file: Waiting


def import_waiting_files(*, turn_seconds: float = TURN_SECONDS) -> int:
    """Go on with the file that waits longest, for one part at least; return how many parts of it were taken.

    One file at a time: the other processes of the worker stay free for what cannot wait.
    """
    claim = run(_ACTOR, _claim)
    if claim is None:
        return 0
    try:
        reading = run(_ACTOR, partial(_READERS[claim.kind], file=claim.file))
    except Refusal as refusal:
        run(_ACTOR, partial(_give_up, claim=claim, why=str(refusal.problem()["detail"])))
        return 0
    until, position, parts = time.monotonic() + turn_seconds, claim.file.position, 0
    while position < reading.size and (not parts or time.monotonic() < until):
        if not run(_ACTOR, partial(_take, claim=claim, reading=reading, position=position)):
            return parts
        position, parts = position + reading.part, parts + 1
    done = position >= reading.size
    run(_ACTOR, lambda uow: _finish(uow, claim, reading) if done else _let_go(uow, claim))
    return parts


def _claim(uow: UnitOfWork) -> _Claim | None:
    uow.session.execute(select(ImportFile.id).with_for_update()).all()
    if uow.session.scalar(select(ImportFile.id).where(ImportFile.claimed_until > uow.now).limit(1)):
        return None
    row = uow.session.scalar(select(ImportFile).order_by(ImportFile.created_at, ImportFile.id).limit(1))
    if row is None:
        return None
    file = Waiting(
        row.tenant_id or "", row.site_id or "", row.run_id, row.name, row.content, row.position, dict(row.terms)
    )
    claim = _Claim(row.kind, row.id, file)
    if row.attempts >= _ATTEMPTS:
        _give_up(uow, claim=claim, why="The import broke off several times. Split the file, and tell an administrator.")
        return None
    row.attempts, row.claimed_until = row.attempts + 1, uow.now + _LEASE
    return claim


def _take(uow: UnitOfWork, *, claim: _Claim, reading: PartwiseFile, position: int) -> bool:
    """Take one part, if the file is still the one that waits."""
    following = min(position + reading.part, reading.size)
    still = update(ImportFile).where(*_of(claim), ImportFile.position == position)
    values = {"position": following, "attempts": 0, "claimed_until": clock.now() + _LEASE}
    if uow.session.execute(still.values(values).returning(ImportFile.id)).scalar_one_or_none() is None:
        return False
    reading.take(uow, position, following)
    return True


def _finish(uow: UnitOfWork, claim: _Claim, reading: PartwiseFile) -> None:
    if uow.session.execute(delete(ImportFile).where(*_of(claim)).returning(ImportFile.id)).scalar_one_or_none():
        reading.finish(uow)


def _let_go(uow: UnitOfWork, claim: _Claim) -> None:
    uow.session.execute(update(ImportFile).where(*_of(claim)).values(claimed_until=uow.now))


def _give_up(uow: UnitOfWork, *, claim: _Claim, why: str) -> None:
    if uow.session.execute(delete(ImportFile).where(*_of(claim)).returning(ImportFile.id)).scalar_one_or_none():
        failed = update(ImportRun).where(ImportRun.id == claim.file.run_id)
        uow.session.execute(failed.values(totals={"failed": why}, last_at=uow.now))


def _of(claim: _Claim) -> tuple[ColumnElement[bool], ...]:
    return ImportFile.run_id == claim.file.run_id, ImportFile.id == claim.id
