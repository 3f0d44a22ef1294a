from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from notifications.events import EndpointTested
from notifications.models import WebhookEndpoint
from notifications.repository import lock_endpoint

MAX_REPLAY = 20_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay set going: `queued` events again behind what waits, `reopened` ones that were stuck."""

    queued: int
    reopened: int


# An event that still waits in its stream is put back to the start where it stands; one that is settled, or was never
# given to this endpoint, is queued again at the end of its stream, so that it overtakes nothing.
_WANTED = {
    "events": "f.event_id = any(:events)",
    "range": "e.recorded_at >= :since and e.recorded_at < :until and webhook_wants(w.types, f.type)",
    "failed": """e.recorded_at >= :since and e.recorded_at < :until and (
        select d.state from webhook_delivery d where d.tenant_id = w.tenant_id and d.endpoint_id = w.id
        and d.pos = f.pos order by d.n desc limit 1) in ('retry', 'parked', 'skipped')""",
}
_PICKED = """
    with picked as materialized (
      select f.pos, f.event_id, f.type, coalesce(nullif(e.customer_id, ''), e.stream) as stream,
             exists (select 1 from webhook_delivery d where d.tenant_id = w.tenant_id and d.endpoint_id = w.id
                     and d.pos = f.pos and d.state in ('pending', 'retry', 'parked')) as waiting
      from webhook_endpoint w, event_feed f join event e on e.id = f.event_id
      where w.tenant_id = :tenant and w.id = :endpoint and f.tenant_id = w.tenant_id and f.pos <= w.position
        and (f.type <> :test or f.stream = w.id) and {wanted}
      order by f.pos limit :limit)
"""
_REOPEN = """,
    freed as (
      update webhook_stream s set parked = false, next_at = :now
      from (select distinct stream from picked where waiting) p
      where s.tenant_id = :tenant and s.endpoint_id = :endpoint and s.stream = p.stream
        and exists (select 1 from picked h join webhook_delivery d on d.pos = h.pos where h.waiting
                    and d.tenant_id = s.tenant_id and d.endpoint_id = s.endpoint_id and d.stream = s.stream
                    and d.n = s.done + 1)
        and (s.claimed_until is null or s.claimed_until <= clock_timestamp())
      returning s.stream, s.done + 1 as n)
    update webhook_delivery d set state = 'pending', tries = 0 from freed
    where d.tenant_id = :tenant and d.endpoint_id = :endpoint and d.stream = freed.stream and d.n = freed.n
"""
_QUEUE = """,
    heads as (
      insert into webhook_stream (tenant_id, endpoint_id, stream, head, done, next_at, parked, claim)
      select :tenant, :endpoint, stream, count(*), 0, :now, false, '' from picked where not waiting
      group by stream order by stream
      on conflict (tenant_id, endpoint_id, stream) do update set head = webhook_stream.head + excluded.head,
        next_at = case when webhook_stream.done = webhook_stream.head then excluded.next_at
                       else webhook_stream.next_at end
      returning stream, head)
    insert into webhook_delivery (tenant_id, endpoint_id, stream, n, event_id, pos, type, replay, state, attempts,
                                  tries, queued_at, reason)
    select :tenant, :endpoint, p.stream,
           h.head - count(*) over (partition by p.stream) + row_number() over (partition by p.stream order by p.pos),
           p.event_id, p.pos, p.type, true, 'pending', 0, 0, :now, ''
    from picked p join heads h on h.stream = p.stream where not p.waiting
"""
_COUNT = "select count(*) from picked"


def replay_events(uow: UnitOfWork, *, endpoint_id: str, event_ids: Sequence[str]) -> Replayed:
    """Deliver these events again, with the same webhook ids, whatever the endpoint's filter.

    Raises:
        NotFound: this caller has no such endpoint.
        Invalid: one of the events is not in the feed.
    """
    endpoint = lock_endpoint(uow, endpoint_id)
    wanted = sorted(set(event_ids))
    return _replay(uow, endpoint, "events", {"events": wanted}, expected=len(wanted))


def replay_range(uow: UnitOfWork, *, endpoint_id: str, since: datetime, until: datetime | None = None) -> Replayed:
    """Deliver again what was recorded from `since` to before `until` (now) and passes the endpoint's filter, also what
    happened before the endpoint was registered.

    Raises:
        NotFound: this caller has no such endpoint.
        Invalid: these are more than 20,000 events.
    """
    return _replay(uow, lock_endpoint(uow, endpoint_id), "range", {"since": since, "until": until or uow.now})


def replay_failed(uow: UnitOfWork, *, endpoint_id: str, since: datetime) -> Replayed:
    """Deliver again what was recorded since then and is parked, waiting for a retry, or was skipped.

    Raises:
        NotFound: this caller has no such endpoint.
        Invalid: these are more than 20,000 events.
    """
    return _replay(uow, lock_endpoint(uow, endpoint_id), "failed", {"since": since, "until": uow.now})


def _replay(
    uow: UnitOfWork, endpoint: WebhookEndpoint, which: str, bounds: dict[str, object], expected: int | None = None
) -> Replayed:
    key = {"tenant": endpoint.tenant_id, "endpoint": endpoint.id}
    facts = key | {"now": uow.now, "limit": MAX_REPLAY + 1, "test": EndpointTested.TYPE} | bounds
    picked = _PICKED.format(wanted=_WANTED[which])
    found = int(uow.session.execute(text(picked + _COUNT), facts).scalar_one())
    if found > MAX_REPLAY:
        raise Invalid(f"These are more than {MAX_REPLAY:,} events.", remedy="Take a shorter time.", pointer="/since")
    if expected is not None and found < expected:
        raise Invalid("Not all of these events were told to this endpoint's merchant yet.", pointer="/event_ids")
    reopened = uow.session.execute(text(picked + _REOPEN), facts).rowcount  # type: ignore[attr-defined]  # a DML result
    queued = uow.session.execute(text(picked + _QUEUE), facts).rowcount  # type: ignore[attr-defined]  # a DML result
    uow.audit(
        "webhook_endpoint.replayed", subject=endpoint.id, tenant_id=endpoint.tenant_id, queued=queued, reopened=reopened
    )
    return Replayed(queued, reopened)
