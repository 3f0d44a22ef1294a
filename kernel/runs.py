"""The life of a run, of what a worker does for a site because it takes longer than a page may: asked for, claimed on a
lease, told how far it is, and ended or cancelled. A run whose worker fell silent goes to the next that looks.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ForeignKey, Index, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kernel.actors import Actor
from kernel.db import transactions
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal

ATTEMPTS = 3
"""How often a run may break off; whoever finds it then ends it as failed."""
COMPUTING = ("waiting", "computing")
"""The states under way of most kinds: the first is of nobody yet, the second whoever claims it sets."""


class Run:
    """Columns of every kind of run. A site has one at most under way; `state` is then one of `UNDER_WAY`, else ready,
    cancelled or failed. `BROKE_OFF` is written into one that broke off too often.
    """

    UNDER_WAY: ClassVar[tuple[str, ...]] = COMPUTING
    LEASE: ClassVar[timedelta]
    BROKE_OFF: ClassVar[Mapping[str, Any]]
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str]
    attempts: Mapped[int]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]


R = TypeVar("R", bound=Run)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Claim(Generic[R]):
    """A worker's hold of a run: `attempt` tells it from whoever took the run over."""

    kind: type[R]
    id: str
    attempt: int


@dataclass(slots=True)
class Watch:
    """What a worker tells while it works, and learns whether to go on: once in so many seconds."""

    actor: Actor
    claim: Claim[Any]
    every: float = 1.0
    _looked: float = 0.0
    _is_wanted: bool = True

    def is_wanted(self, **columns: Any) -> bool:  # noqa: ANN401 - columns of any kind
        """Note columns, and say whether the run is still this worker's."""
        if time.monotonic() > self._looked + self.every:
            self._is_wanted = transactions.run(self.actor, lambda uow: tell(uow, self.claim, **columns))
            self._looked = time.monotonic()
        return self._is_wanted


def indexes(table: str, under_way: tuple[str, ...] = COMPUTING) -> tuple[Index, Index]:
    """Return the indexes of a table of runs: one under way at a site, and the newest of a site."""
    states = ", ".join(f"'{state}'" for state in under_way)
    return (
        Index(f"uq_{table}_site_id_under_way", "site_id", unique=True, postgresql_where=text(f"state in ({states})")),
        Index(f"ix_{table}_site_id_created_at", "site_id", "created_at"),
    )


def ask(uow: UnitOfWork, kind: type[Run], **columns: Any) -> str | None:  # noqa: ANN401 - columns of any kind
    """Store a run for a worker; return its id, or None where the site has one under way."""
    row = {"state": kind.UNDER_WAY[0], "attempts": 0, "created_at": uow.now, "created_by": uow.actor.id} | columns
    stored: str | None = uow.session.scalar(insert(kind).values(row).on_conflict_do_nothing().returning(kind.id))
    return stored


def under_way(uow: UnitOfWork, kind: type[Run], *, site_id: str) -> str | None:
    """Return the id of a site's run that is under way."""
    return uow.session.scalar(select(kind.id).where(kind.site_id == site_id, kind.state.in_(kind.UNDER_WAY)))


def find(uow: UnitOfWork, kind: type[R], run_id: str, *, site_id: str, unknown: Refusal, lock: bool = False) -> R:
    """Return a site's run, or raise `unknown`."""
    row = uow.session.get(kind, run_id, with_for_update=lock or None, populate_existing=True)
    if row is None or row.site_id != site_id:
        raise unknown
    return row


def newest(uow: UnitOfWork, kind: type[R], *, site_id: str, limit: int = 1) -> list[R]:
    """Return the runs that a site asked for last, newest first."""
    statement = select(kind).where(kind.site_id == site_id).order_by(kind.created_at.desc(), kind.id.desc())
    return list(uow.session.scalars(statement.limit(limit)))


def cancel(uow: UnitOfWork, kind: type[R], run_id: str, *, site_id: str, unknown: Refusal, over: Refusal) -> R:
    """End a site's run that is under way, whoever has it, or raise `unknown` or `over`."""
    row = find(uow, kind, run_id, site_id=site_id, unknown=unknown, lock=True)
    if row.state not in kind.UNDER_WAY:
        raise over
    end(uow, row, "cancelled")
    return row


def claim(uow: UnitOfWork, kind: type[R]) -> Claim[R] | None:
    """Take the run that waits longest, for nobody or for a worker that fell silent; None when there is none. It should
    be committed before the work begins, or what breaks the work breaks the count of attempts with it.
    """
    free = kind.claimed_until.is_(None) | (kind.claimed_until < uow.now)
    first = select(kind).where(kind.state.in_(kind.UNDER_WAY), free).order_by(kind.created_at).limit(1)
    while row := uow.session.scalar(first.with_for_update(skip_locked=True)):
        if row.attempts < ATTEMPTS:
            row.state, row.attempts, row.claimed_until = kind.UNDER_WAY[1], row.attempts + 1, uow.now + kind.LEASE
            return Claim(kind, row.id, row.attempts)
        for name, value in kind.BROKE_OFF.items():
            setattr(row, name, value)
        end(uow, row, "failed")
    return None


def tell(uow: UnitOfWork, claimed: Claim[Any], **columns: Any) -> bool:  # noqa: ANN401 - columns of any kind
    """Renew a worker's lease and note columns; say whether the run is still its own: neither over nor taken over."""
    kind = claimed.kind
    mine = kind.id == claimed.id, kind.attempts == claimed.attempt, kind.state.in_(kind.UNDER_WAY)
    told = update(kind).where(*mine).values(claimed_until=uow.now + kind.LEASE, **columns).returning(kind.id)
    return uow.session.scalar(told) is not None


def step(actor: Actor, claimed: Claim[R] | None, work: Callable[[UnitOfWork, R], T]) -> T | None:
    """Do a part of a run in a transaction, its lease renewed and its row locked: who cancels it waits. None when there
    is no claim, or the run is over or was taken over.
    """
    return transactions.run(actor, lambda uow: _work_on(uow, claimed, work)) if claimed else None


def _work_on(uow: UnitOfWork, claimed: Claim[R], work: Callable[[UnitOfWork, R], T]) -> T | None:
    if not tell(uow, claimed):
        return None
    return work(uow, uow.session.get_one(claimed.kind, claimed.id, populate_existing=True))


def end(uow: UnitOfWork, row: Run, state: str) -> None:
    """Let go of a locked run for good."""
    row.state, row.finished_at, row.claimed_until = state, uow.now, None
    uow.session.flush()
