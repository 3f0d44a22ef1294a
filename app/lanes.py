import time
from collections.abc import Callable
from datetime import timedelta

from app.importers.waiting_files import import_waiting_files
from app.retention import forget_what_is_old
from app.rooms import SUBSCRIPTIONS
from fulfillment.jobs import (
    answer_plan_request,
    answer_silent_questions,
    answer_what_if,
    find_limbo,
    improve_batches,
    read_floor_files,
    release_and_plan,
    reserve_due_orders,
    work_out_slotting,
)
from inventory.api import (
    MOVE_PLANNER,
    MOVE_PLANNING,
    admit_strays,
    expire_lots,
    expire_reservations,
    find_drift,
    plan_counts,
)
from kernel import actors
from kernel.db.jobs import take_slot
from kernel.db.relay import relay, retry_parked
from kernel.db.transactions import UnitOfWork, run
from kernel.settings import settings
from notifications.jobs import (
    default_mailer,
    default_sender,
    deliver_due,
    forget_old_attempts,
    send_due_messages,
    warn_failing_owners,
)
from shipping.accounts.tracking import fetch_due_tracking
from shipping.api import answer_consolidation, prove_packings
from shipping.jobs import learn_from_freight, purchase_pending_labels, transmit_manifests
from shipping.weights.fits import refit_weights


def run_lane(name: str) -> int:
    """Do what is due in one lane and return how much was done.

    Any number of processes may run any lane at any time: each piece of work is claimed in PostgreSQL.
    """
    return LANES[name]()


def _relay() -> int:
    return relay(SUBSCRIPTIONS) + _retry_when_due()


_RETRY_SECONDS = 1.0
"""No parked event is due sooner: this process need not look more often, however often it is nudged."""
_retry_at = 0.0


def _retry_when_due() -> int:
    global _retry_at  # noqa: PLW0603 - when this process looked last
    if time.monotonic() < _retry_at:
        return 0
    _retry_at = time.monotonic() + _RETRY_SECONDS
    return sum(retry_parked(subscription) for subscription in SUBSCRIPTIONS)


def _webhooks() -> int:
    return deliver_due(default_sender(settings()))


def _mail() -> int:
    return send_due_messages(default_mailer(settings()))


def _labels() -> int:
    return purchase_pending_labels() + transmit_manifests()


_UPKEEP_SECONDS = 30
_DRIFT_TURNS = 120
"""Every stock level is held against the ledger once in so many upkeeps: once in an hour. Counts are planned alike."""


def _tidy(uow: UnitOfWork) -> int | None:
    """Do what is due in the present slot, None when somebody else has it."""
    if not take_slot(uow, "upkeep", timedelta(seconds=_UPKEEP_SECONDS)):
        return None
    return (
        expire_reservations(uow, limit=1_000)
        + expire_lots(uow, limit=100)
        + admit_strays(uow, limit=100)
        + find_drift(uow, turn=_turn(uow), turns=_DRIFT_TURNS)
    )


def _turn(uow: UnitOfWork) -> int:
    return int(uow.now.timestamp()) // _UPKEEP_SECONDS


def _plan_counts(uow: UnitOfWork) -> int:
    return plan_counts(uow, turn=_turn(uow), turns=_DRIFT_TURNS)


_MOST_ROUNDS = 20
"""How often one upkeep repeats a step that finds something to move each time."""


def _repeated(step: Callable[[UnitOfWork], int]) -> int:
    done = 0
    for _ in range(_MOST_ROUNDS):
        changed = run(actors.system(MOVE_PLANNER), step)
        if not changed:
            break
        done += changed
    return done


def _upkeep() -> int:
    done = run(actors.system("upkeep"), _tidy)
    if done is None:
        return 0
    done += forget_what_is_old()
    done += warn_failing_owners() + forget_old_attempts(keep=timedelta(days=settings().keep_attempts_days))
    done += run(actors.system("counting"), _plan_counts)
    done += sum(_repeated(step) for step in MOVE_PLANNING)
    return done + reserve_due_orders() + answer_silent_questions() + find_limbo()


def _imports() -> int:
    return import_waiting_files() + read_floor_files()


def _weights() -> int:
    return refit_weights() + learn_from_freight()


def _studies() -> int:
    return work_out_slotting() + answer_what_if() + answer_consolidation()


LANES: dict[str, Callable[[], int]] = {
    "relay": _relay,
    "webhooks": _webhooks,
    "mail": _mail,
    "labels": _labels,
    "floor": release_and_plan,
    "plans": answer_plan_request,
    "walks": improve_batches,
    "imports": _imports,
    "upkeep": _upkeep,
    "studies": _studies,
    "weights": _weights,
    "proofs": prove_packings,
    "tracking": fetch_due_tracking,
}
