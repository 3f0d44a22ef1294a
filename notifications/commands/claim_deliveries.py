from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select, text

from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id
from notifications.models import WebhookEndpoint
from notifications.repository import signing_secrets

LEASE_SECONDS = 60
RUN = 10
"""How many deliveries of one stream are sent in a row before the database hears of them."""
SUSPECT_AFTER = 3
PROBE_SECONDS = 30
"""After three failures in a row an endpoint gets one attempt in 30 s, until one succeeds."""


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """One event to be sent: its place in its stream, and the exact bytes."""

    n: int
    event_id: str
    attempts: int
    tries: int
    body: bytes


@dataclass(frozen=True, slots=True)
class ClaimedStream:
    """The next deliveries of one stream, in order, for whoever holds `claim`."""

    claim: str
    tenant_id: str
    endpoint_id: str
    stream: str
    url: str
    secrets: tuple[str, ...]
    deliveries: tuple[DueDelivery, ...]


# Streams of one endpoint are chosen through its own index, so that neither many endpoints nor a long queue of one make
# the choice dear. A stream is leased by the database's clock: simulated time and the clocks of workers do not matter.
_CLAIM = text(
    """
    with due as (
      select s.tenant_id, s.endpoint_id, s.stream, e.failures
      from webhook_endpoint e cross join lateral (
        select w.tenant_id, w.endpoint_id, w.stream, w.next_at from webhook_stream w
        where w.tenant_id = e.tenant_id and w.endpoint_id = e.id and w.done < w.head and not w.parked
          and w.next_at <= :now and (w.claimed_until is null or w.claimed_until <= clock_timestamp())
        order by w.next_at, w.stream limit case when e.failures >= :suspect then 1 else :limit end
        for update skip locked) s
      where e.state = 'active' and (e.failures < :suspect or e.retry_at <= :now)
      order by s.next_at, s.stream limit :limit)
    update webhook_stream s
    set claim = :claim, claimed_until = clock_timestamp() + make_interval(secs => :lease)
    from due where s.tenant_id = due.tenant_id and s.endpoint_id = due.endpoint_id and s.stream = due.stream
    returning s.tenant_id, s.endpoint_id, s.stream, s.done, due.failures
    """
)
_PROBE = text(
    "update webhook_endpoint set retry_at = :now + make_interval(secs => :pause)"
    " where id = any(:endpoints) and failures >= :suspect"
)
_READ = text(
    """
    select c.tenant_id, c.endpoint_id, c.stream, d.n, d.event_id, d.attempts, d.tries, e.body
    from unnest(cast(:tenants as text[]), cast(:endpoints as text[]), cast(:streams as text[]),
                cast(:done as bigint[]), cast(:runs as bigint[])) c(tenant_id, endpoint_id, stream, done, run)
    join webhook_delivery d on d.tenant_id = c.tenant_id and d.endpoint_id = c.endpoint_id and d.stream = c.stream
      and d.n > c.done and d.n <= c.done + c.run
    join event e on e.id = d.event_id
    order by c.tenant_id, c.endpoint_id, c.stream, d.n
    """
)


def claim_deliveries(uow: UnitOfWork, *, limit: int) -> list[ClaimedStream]:
    """Take up to `limit` streams that have something due, each for 60 s and for one worker only.

    Of each stream only the first open deliveries are handed out, in their order; other streams do not wait for it.
    """
    claim = new_id("clm")
    facts = {"now": uow.now, "limit": limit, "suspect": SUSPECT_AFTER, "lease": LEASE_SECONDS, "claim": claim}
    rows = uow.session.execute(_CLAIM, facts).all()
    if not rows:
        return []
    _space_probes(uow, [row.endpoint_id for row in rows if row.failures >= SUSPECT_AFTER])
    ids = {row.endpoint_id for row in rows}
    endpoints = {e.id: e for e in uow.session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id.in_(ids)))}
    due = _due(uow, rows)
    return [_claimed(uow, claim, row, endpoints[row.endpoint_id], due) for row in rows]


def _space_probes(uow: UnitOfWork, endpoints: list[str]) -> None:
    if endpoints:
        wait = {"now": uow.now, "pause": PROBE_SECONDS, "suspect": SUSPECT_AFTER, "endpoints": endpoints}
        uow.session.execute(_PROBE, wait)


_Due = dict[tuple[str, str], list[DueDelivery]]


def _due(uow: UnitOfWork, rows: Sequence[Row[tuple[object, ...]]]) -> _Due:
    columns = {
        "tenants": [row.tenant_id for row in rows],
        "endpoints": [row.endpoint_id for row in rows],
        "streams": [row.stream for row in rows],
        "done": [row.done for row in rows],
        "runs": [1 if row.failures >= SUSPECT_AFTER else RUN for row in rows],
    }
    due: _Due = {}
    for row in uow.session.execute(_READ, columns):
        one = DueDelivery(row.n, row.event_id, row.attempts, row.tries, row.body.encode())
        due.setdefault((row.endpoint_id, row.stream), []).append(one)
    return due


def _claimed(
    uow: UnitOfWork, claim: str, row: Row[tuple[object, ...]], endpoint: WebhookEndpoint, due: _Due
) -> ClaimedStream:
    deliveries = tuple(due[row.endpoint_id, row.stream])
    secrets = signing_secrets(uow, endpoint)
    return ClaimedStream(claim, row.tenant_id, row.endpoint_id, row.stream, endpoint.url, secrets, deliveries)
