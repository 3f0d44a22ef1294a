"""A worker plans what somebody asked for: it chooses places without a transaction, releases, and plans cart after cart;
between the parts it looks whether that was cancelled.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fulfillment.commands.plan_batches import plan_batches
from fulfillment.planning.models import PlanRun
from fulfillment.planning.releasing import CHOOSE_SECONDS, proposals_for
from fulfillment.releasing.release_orders import Proposals, release_orders
from kernel import actors, runs
from kernel.db.transactions import UnitOfWork, run

AT_ONCE = 300
"""Orders that are put on carts in one transaction."""
MOST_RELEASED = 2_000
_LOOK_SECONDS = 0.5
_ACTOR = actors.system("planner")


@dataclass(frozen=True, slots=True)
class _Asked:
    site_id: str
    release: bool
    max_orders: int


def answer_plan_request() -> int:
    """Plan what was asked for first, if anything was; return the number of new batches."""
    claim = run(_ACTOR, partial(runs.claim, kind=PlanRun))
    asked = runs.step(_ACTOR, claim, lambda _, row: _Asked(row.site_id, row.release, row.max_orders))
    if claim is None or asked is None:
        return 0
    if asked.release:
        proposals = proposals_for(asked.site_id, paced=False, is_over=_end_of_choosing(claim))
        if runs.step(_ACTOR, claim, partial(_release, proposals=proposals)) is None:
            return 0
    left, batches = asked.max_orders, 0
    while left > 0:
        planned = runs.step(_ACTOR, claim, partial(_plan, orders=min(left, AT_ONCE), of=asked.max_orders))
        if not planned:
            break
        batches, left = batches + planned, left - AT_ONCE
    runs.step(_ACTOR, claim, partial(_finish, asked=asked))
    return batches


def _end_of_choosing(claim: runs.Claim[PlanRun]) -> Callable[[], bool]:
    """Tell a search whether its time is over or it was cancelled; it looks twice a second."""
    watch, until = runs.Watch(_ACTOR, claim, every=_LOOK_SECONDS), time.thread_time() + CHOOSE_SECONDS
    return lambda: not watch.is_wanted() or time.thread_time() > until


def _release(uow: UnitOfWork, row: PlanRun, *, proposals: Proposals) -> int:
    decisions = release_orders(uow, site_id=row.site_id, limit=MOST_RELEASED, proposals=proposals)
    queued = [decision for decision in decisions if not decision.released]
    row.state, row.progress = "planning", 50
    row.released += len(decisions) - len(queued)
    row.queued, row.why = len(queued), queued[0].why if queued else ""
    return row.released


def _plan(uow: UnitOfWork, row: PlanRun, *, orders: int, of: int) -> int:
    planned = len(plan_batches(uow, site_id=row.site_id, max_orders=orders))
    row.state, row.batches = "planning", row.batches + planned
    row.progress = min(99, max(row.progress, 50) + 49 * orders // of)
    return planned


def _finish(uow: UnitOfWork, row: PlanRun, *, asked: _Asked) -> None:
    if row.release and not asked.release:
        # Somebody wanted orders released as well while it was planned: that is a turn of its own.
        row.state, row.progress, row.attempts, row.claimed_until = "waiting", 0, 0, None
    else:
        row.progress = 100
        runs.end(uow, row, "ready")
