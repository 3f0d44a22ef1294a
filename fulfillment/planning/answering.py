"""A worker plans what somebody asked for: it chooses places without a transaction, releases, and plans cart after cart;
between the parts it looks whether that was cancelled.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from fulfillment.commands.plan_batches import plan_batches
from fulfillment.planning.asking import UNDER_WAY
from fulfillment.planning.models import PlanRun
from fulfillment.planning.releasing import CHOOSE_SECONDS, proposals_for
from fulfillment.releasing.release_orders import Proposals, release_orders
from kernel import actors
from kernel.db.transactions import UnitOfWork, run, transaction

AT_ONCE = 300
"""Orders that are put on carts in one transaction."""
MOST_RELEASED = 2_000
_LOOK_SECONDS = 0.5
_LEASE = timedelta(seconds=110)
_ATTEMPTS = 3
_ACTOR = actors.system("planner")


@dataclass(frozen=True, slots=True)
class _Asked:
    id: str
    site_id: str
    release: bool
    max_orders: int


def answer_plan_request() -> int:
    """Plan what was asked for first, if anything was; return the number of new batches."""
    asked = run(_ACTOR, _claim)
    if asked is None:
        return 0
    if asked.release:
        proposals = proposals_for(asked.site_id, paced=False, is_over=_Watch(asked.id).is_over)
        if not run(_ACTOR, partial(_release, asked=asked, proposals=proposals)):
            return 0
    left, batches = asked.max_orders, 0
    while left > 0:
        planned = run(_ACTOR, partial(_plan, asked=asked, orders=min(left, AT_ONCE)))
        if not planned:
            break
        batches, left = batches + planned, left - AT_ONCE
    run(_ACTOR, partial(_finish, asked=asked))
    return batches


@dataclass(slots=True)
class _Watch:
    """Tells a search whether its time is over or it was cancelled; it looks twice a second."""

    run_id: str
    until: float = field(default_factory=lambda: time.thread_time() + CHOOSE_SECONDS)
    _looked: float = 0.0
    _is_cancelled: bool = False

    def is_over(self) -> bool:
        """Say whether to stop."""
        if time.monotonic() > self._looked + _LOOK_SECONDS:
            self._looked = time.monotonic()
            with transaction(_ACTOR) as uow:
                self._is_cancelled = _row(uow, self.run_id) is None
        return self._is_cancelled or time.thread_time() > self.until


def _claim(uow: UnitOfWork) -> _Asked | None:
    free = (PlanRun.claimed_until.is_(None)) | (PlanRun.claimed_until < uow.now)
    waiting = select(PlanRun).where(PlanRun.state.in_(UNDER_WAY), free).order_by(PlanRun.created_at).limit(1)
    row = uow.session.scalar(waiting.with_for_update(skip_locked=True))
    if row is None:
        return None
    if row.attempts >= _ATTEMPTS:
        row.state, row.finished_at, row.claimed_until = "failed", uow.now, None
        row.note = "Planning broke off several times. Ask for fewer orders, and tell an administrator."
        return None
    row.state, row.attempts, row.claimed_until = "choosing", row.attempts + 1, uow.now + _LEASE
    return _Asked(row.id, row.site_id, row.release, row.max_orders)


def _row(uow: UnitOfWork, run_id: str, *, lock: bool = False) -> PlanRun | None:
    """Return a run that nobody has cancelled."""
    statement = select(PlanRun).where(PlanRun.id == run_id, PlanRun.state.in_(UNDER_WAY))
    return uow.session.scalar(statement.with_for_update() if lock else statement)


def _step(uow: UnitOfWork, run_id: str, work: Callable[[PlanRun], int]) -> int:
    """Do one part of a run and note it, unless the run was cancelled; who cancels meanwhile waits for it."""
    row = _row(uow, run_id, lock=True)
    if row is None:
        return 0
    row.claimed_until = uow.now + _LEASE
    return work(row)


def _release(uow: UnitOfWork, *, asked: _Asked, proposals: Proposals) -> int:
    def work(row: PlanRun) -> int:
        decisions = release_orders(uow, site_id=asked.site_id, limit=MOST_RELEASED, proposals=proposals)
        queued = [decision for decision in decisions if not decision.released]
        row.state, row.progress = "planning", 50
        row.released += len(decisions) - len(queued)
        row.queued, row.why = len(queued), queued[0].why if queued else ""
        return 1

    return _step(uow, asked.id, work)


def _plan(uow: UnitOfWork, *, asked: _Asked, orders: int) -> int:
    def work(row: PlanRun) -> int:
        planned = len(plan_batches(uow, site_id=asked.site_id, max_orders=orders))
        row.state, row.batches = "planning", row.batches + planned
        row.progress = min(99, max(row.progress, 50) + 49 * orders // asked.max_orders)
        return planned

    return _step(uow, asked.id, work)


def _finish(uow: UnitOfWork, *, asked: _Asked) -> None:
    row = _row(uow, asked.id, lock=True)
    if row is None:
        return
    row.claimed_until = None
    if row.release and not asked.release:
        # Somebody wanted orders released as well while it was planned: that is a turn of its own.
        row.state, row.progress, row.attempts = "waiting", 0, 0
    else:
        row.state, row.progress, row.finished_at = "ready", 100, uow.now
