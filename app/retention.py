"""What the house does not keep for ever."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from fulfillment.api import forget_photos
from inventory.api import forget_promises
from kernel import actors
from kernel.db.jobs import take_slot
from kernel.db.transactions import UnitOfWork, run
from kernel.db.upkeep import INBOX, KEYS, SESSIONS, Passing, forget_rows
from kernel.settings import Settings, settings

AT_ONCE = 2_000
"""Rows of one transaction."""
EVERY = timedelta(hours=1)
_WORK_S = 30.0
_PROOFS = Passing("packing_proof", "asked_at", timedelta(days=180))
"""Of what fits into which carton: whoever still packs it asks again."""
_CHOICES = Passing("carton_outcome", "decided_at", timedelta(days=400))
"""Of packers who took another carton than planned: older ones teach nothing any more."""
_CARTONS = Passing("carton_movement", "moved_at", timedelta(days=400))
"""Of how carton counts changed: the count itself stays."""
_RUNS = tuple(
    Passing(table, "created_at", timedelta(days=90))
    for table in ("consolidation_plan", "floor_file", "plan_run", "what_if")
)
"""Of what workers computed for somebody who wanted to know it then. Slotting plans stay: moves came of them."""
_Step = Callable[[UnitOfWork], int]


def forget_what_is_old(*, at_once: int = AT_ONCE) -> int:
    """Delete rows that have served their time, `at_once` in a transaction, once an hour; return how many.

    How long each kind is kept is configured; the audit trail says what was deleted. What one run does not finish in
    time is left to the next.
    """
    actor = actors.system("upkeep")
    if not run(actor, lambda uow: take_slot(uow, "retention", EVERY)):
        return 0
    ends_at, done = time.monotonic() + _WORK_S, 0
    for step in _steps(settings(), at_once):
        forgotten = at_once
        while forgotten >= at_once and time.monotonic() < ends_at:
            forgotten = run(actor, step)
            done += forgotten
    return done


def _steps(configured: Settings, at_once: int) -> Iterator[_Step]:
    yield partial(forget_rows, rows=KEYS, keep=timedelta(hours=configured.keep_keys_hours), limit=at_once)
    yield partial(forget_rows, rows=INBOX, keep=timedelta(days=configured.keep_inbox_days), limit=at_once)
    for passing in (SESSIONS, _PROOFS, _CHOICES, _CARTONS, *_RUNS):
        yield partial(forget_rows, rows=passing, keep=passing.shortest, limit=at_once)
    yield partial(forget_photos, keep=timedelta(days=configured.keep_photos_days), limit=at_once)
    yield partial(forget_promises, keep=timedelta(days=configured.keep_promises_days), limit=at_once)
