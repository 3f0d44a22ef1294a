"""When a webhook is tried again, and when its endpoint is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate

from notifications.domain.outcomes import DeliveryKind, DeliveryOutcome

# The example schedule of the Standard Webhooks specification: the waiting time before each of ten attempts.
DELAYS: tuple[timedelta, ...] = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER_SHARE = 0.2
LONGEST_RETRY_AFTER = timedelta(hours=24)
DISABLE_AFTER = timedelta(days=5)
WARN_OWNER_AFTER: tuple[timedelta, ...] = (
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(hours=72),
    timedelta(hours=120),
)


class ParkReason(StrEnum):
    """Why a message waits for a person."""

    SCHEDULE_EXHAUSTED = "schedule_exhausted"


class DisableReason(StrEnum):
    """Why an endpoint gets no more messages until its owner turns it on again."""

    GONE = "gone"
    FAILING_FOR_FIVE_DAYS = "failing_for_five_days"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has the message; nothing is left to do."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try the same message again, not before ``at``."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Park:
    """Keep the message and its customer's later ones until a person replays or skips it."""

    reason: ParkReason


@dataclass(frozen=True, slots=True)
class DisableEndpoint:
    """Stop sending to the endpoint; its messages stay in the log and resume from there."""

    reason: DisableReason


NextStep = Delivered | RetryAt | Park | DisableEndpoint


def next_attempt(
    attempts: int,
    outcome: DeliveryOutcome,
    now: datetime,
    jitter: float,
    *,
    failing_since: datetime | None = None,
) -> NextStep:
    """Decide what follows the ``attempts``-th attempt of one message.

    Args:
        attempts: how many attempts were made, this one included; at least 1.
        outcome: how this attempt ended.
        now: when it ended.
        jitter: a random number in [0, 1) drawn by the caller; it lengthens the wait by up to 20 %.
        failing_since: when the endpoint began to fail without a single success since, or None.

    A Retry-After is honoured within [wait, 2 x wait] of the schedule and up to 24 hours, so that a receiver can
    neither hurry us nor postpone its messages for ever. An endpoint that answers 410, or at which every attempt
    failed for five days, is disabled.
    """
    if outcome.kind is DeliveryKind.DELIVERED:
        return Delivered()
    if outcome.kind is DeliveryKind.GONE:
        return DisableEndpoint(DisableReason.GONE)
    if failing_since is not None and now - failing_since >= DISABLE_AFTER:
        return DisableEndpoint(DisableReason.FAILING_FOR_FIVE_DAYS)
    if attempts >= len(DELAYS):
        return Park(ParkReason.SCHEDULE_EXHAUSTED)
    return RetryAt(now + _wait(DELAYS[attempts], outcome.retry_after_s) * (1 + JITTER_SHARE * jitter))


def warnings_due(failing_since: datetime, warned_until: datetime | None, now: datetime) -> tuple[timedelta, ...]:
    """Return the warning marks (1, 24, 72, 120 h of failure) reached by ``now`` and not covered by the last warning.

    Args:
        failing_since: start of the unbroken failure.
        warned_until: when the owner was last warned of this failure, or None.
        now: the moment of asking.
    """
    told = warned_until - failing_since if warned_until is not None else timedelta(0)
    return tuple(mark for mark in WARN_OWNER_AFTER if told < mark <= now - failing_since)


def total_span() -> timedelta:
    """Return the time from the first to the last attempt without jitter: 75 h 35 min 5 s."""
    return list(accumulate(DELAYS))[-1]


def _wait(base: timedelta, retry_after_s: int | None) -> timedelta:
    if retry_after_s is None:
        return base
    longest = max(base, min(2 * base, LONGEST_RETRY_AFTER))
    # Compared in seconds first: a receiver may send a number that no timedelta can hold.
    seconds = min(max(retry_after_s, 0), int(longest.total_seconds()))
    return max(base, timedelta(seconds=seconds))
