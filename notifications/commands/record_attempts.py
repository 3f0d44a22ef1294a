from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from notifications.commands.claim_deliveries import PROBE_SECONDS, SUSPECT_AFTER, ClaimedStream, DueDelivery
from notifications.commands.switch_endpoint import ENDPOINT, disable_endpoint
from notifications.domain.outcomes import DeliveryKind, DeliveryOutcome
from notifications.domain.schedule import Delivered, DisableEndpoint, NextStep, Park, RetryAt, next_attempt
from notifications.models import WebhookEndpoint


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was made: what was sent, when it ended, and how."""

    delivery: DueDelivery
    at: datetime
    outcome: DeliveryOutcome


@dataclass(frozen=True, slots=True)
class Sent:
    """The attempts made with one claim, in their order; only the last one can have failed."""

    claimed: ClaimedStream
    attempts: tuple[Attempt, ...]


_STILL_OURS = text(
    "select s.endpoint_id, s.stream from webhook_stream s"
    " join unnest(cast(:tenants as text[]), cast(:endpoints as text[]), cast(:streams as text[]),"
    " cast(:claims as text[])) c(tenant_id, endpoint_id, stream, claim)"
    " on s.tenant_id = c.tenant_id and s.endpoint_id = c.endpoint_id and s.stream = c.stream and s.claim = c.claim"
    " order by s.tenant_id, s.endpoint_id, s.stream for update of s"
)
_ATTEMPT = text(
    "insert into webhook_attempt (tenant_id, endpoint_id, stream, n, number, at, status, latency_ms, answer, error)"
    " values (:tenant, :endpoint, :stream, :n, :number, :at, :status, :latency, :answer, :error)"
)
_DELIVERY = text(
    "update webhook_delivery set state = :state, attempts = :number, tries = tries + 1, settled_at = :settled,"
    " reason = :reason where tenant_id = :tenant and endpoint_id = :endpoint and stream = :stream and n = :n"
)
_STREAM = text(
    "update webhook_stream set done = done + :done, next_at = :next_at, parked = :parked, claim = '',"
    " claimed_until = null where tenant_id = :tenant and endpoint_id = :endpoint and stream = :stream"
)


def record_attempts(uow: UnitOfWork, sent: Sequence[Sent], *, jitter: float) -> int:
    """Record what came of claimed deliveries and decide what follows; return how many arrived. Emits EndpointDisabled.

    A claim that ran out and was taken by another worker counts no more: that worker sends the same ids again, and
    what it records is the truth.

    Args:
        uow: the transaction.
        sent: what was tried, each stream once.
        jitter: a random number in [0, 1) that spreads the retries.
    """
    endpoints = _lock_endpoints(uow, sent)
    held = _still_held(uow, sent)
    valid = [one for one in sent if (one.claimed.endpoint_id, one.claimed.stream) in held]
    rows: list[dict[str, Any]] = []
    streams: list[dict[str, Any]] = []
    for one in valid:
        endpoint = endpoints[one.claimed.endpoint_id]
        steps = [_judge(uow, endpoint, attempt, jitter) for attempt in one.attempts]
        rows.extend(_row(one.claimed, attempt, step) for attempt, step in zip(one.attempts, steps, strict=True))
        streams.append(_stream(uow, one.claimed, steps))
    if rows:
        uow.session.execute(_ATTEMPT, rows)
        uow.session.execute(_DELIVERY, rows)
    if streams:
        uow.session.execute(_STREAM, streams)
    return sum(row["state"] == "delivered" for row in rows)


def _lock_endpoints(uow: UnitOfWork, sent: Sequence[Sent]) -> dict[str, WebhookEndpoint]:
    ids = {one.claimed.endpoint_id for one in sent}
    locked = select(WebhookEndpoint).where(WebhookEndpoint.id.in_(ids))
    ordered = locked.order_by(WebhookEndpoint.tenant_id, WebhookEndpoint.id).with_for_update()
    return {row.id: row for row in uow.session.scalars(ordered)}


def _still_held(uow: UnitOfWork, sent: Sequence[Sent]) -> set[tuple[str, str]]:
    columns = {
        "tenants": [one.claimed.tenant_id for one in sent],
        "endpoints": [one.claimed.endpoint_id for one in sent],
        "streams": [one.claimed.stream for one in sent],
        "claims": [one.claimed.claim for one in sent],
    }
    return {(row.endpoint_id, row.stream) for row in uow.session.execute(_STILL_OURS, columns)}


def _judge(uow: UnitOfWork, endpoint: WebhookEndpoint, attempt: Attempt, jitter: float) -> NextStep:
    delivered = attempt.outcome.kind is DeliveryKind.DELIVERED
    if delivered and endpoint.failures:
        endpoint.failing_since, endpoint.warned_at, endpoint.failures = None, None, 0
    elif not delivered:
        endpoint.failing_since = endpoint.failing_since or attempt.at
        endpoint.failures += 1
        if endpoint.failures >= SUSPECT_AFTER:
            endpoint.retry_at = attempt.at + timedelta(seconds=PROBE_SECONDS)
    tries = attempt.delivery.tries + 1
    step = next_attempt(tries, attempt.outcome, attempt.at, jitter, failing_since=endpoint.failing_since)
    if isinstance(step, DisableEndpoint) and ENDPOINT.allows(endpoint.state, "disable"):
        disable_endpoint(uow, endpoint, step.reason)
    return step


def _row(claimed: ClaimedStream, attempt: Attempt, step: NextStep) -> dict[str, Any]:
    outcome, delivery = attempt.outcome, attempt.delivery
    state = {Delivered: "delivered", Park: "parked", RetryAt: "retry", DisableEndpoint: "retry"}[type(step)]
    return {
        "tenant": claimed.tenant_id,
        "endpoint": claimed.endpoint_id,
        "stream": claimed.stream,
        "n": delivery.n,
        "number": delivery.attempts + 1,
        "at": attempt.at,
        "status": outcome.status_code,
        "latency": outcome.latency_ms,
        "answer": outcome.answer_excerpt,
        "error": outcome.error,
        "state": state,
        "settled": attempt.at if state == "delivered" else None,
        "reason": step.reason.value if isinstance(step, Park) else outcome.error,
    }


def _stream(uow: UnitOfWork, claimed: ClaimedStream, steps: Sequence[NextStep]) -> dict[str, Any]:
    last = steps[-1] if steps else None
    return {
        "tenant": claimed.tenant_id,
        "endpoint": claimed.endpoint_id,
        "stream": claimed.stream,
        "done": sum(isinstance(step, Delivered) for step in steps),
        "next_at": last.at if isinstance(last, RetryAt) else uow.now,
        "parked": isinstance(last, Park),
    }
