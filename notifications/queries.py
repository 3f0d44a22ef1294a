from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, tuple_

from fulfillment.api import orders_at
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, Page, decode_cursor, encode_cursor
from notifications.models import Message, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.repository import load_endpoint, signing_secrets


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint and how it fares: `waiting` deliveries, the age of the oldest in seconds, streams that are stuck."""

    id: str
    tenant_id: str
    url: str
    description: str
    types: tuple[str, ...]
    state: str
    disabled_reason: str
    failing_since: datetime | None
    warned_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    waiting: int
    oldest_seconds: int
    parked_streams: int


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt: when, how it was answered (None: not at all), in what time, and why it failed."""

    number: int
    at: datetime
    status: int | None
    latency_ms: int
    answer: str
    error: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event for one endpoint; `stream` and `n` are its place in its customer's queue."""

    endpoint_id: str
    stream: str
    n: int
    event_id: str
    type: str
    replay: bool
    state: str
    reason: str
    queued_at: datetime
    settled_at: datetime | None
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True, slots=True)
class MessageView:
    """A letter without its words and without the address."""

    id: str
    tenant_id: str
    order_id: str
    customer_id: str
    kind: str
    subject: str
    cause: str
    event_id: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None
    error: str


_HEALTH = text(
    """
    select e.id, coalesce(q.waiting, 0) as waiting, coalesce(q.stuck, 0) as stuck,
           coalesce(extract(epoch from :now - o.queued_at), 0) as oldest
    from webhook_endpoint e
    left join lateral (
      select sum(s.head - s.done) as waiting, count(*) filter (where s.parked) as stuck
      from webhook_stream s where s.tenant_id = e.tenant_id and s.endpoint_id = e.id and s.done < s.head) q on true
    left join lateral (
      select min(d.queued_at) as queued_at from webhook_stream s join webhook_delivery d on d.tenant_id = s.tenant_id
        and d.endpoint_id = s.endpoint_id and d.stream = s.stream and d.n = s.done + 1
      where s.tenant_id = e.tenant_id and s.endpoint_id = e.id and s.done < s.head) o on true
    where e.id = any(:ids)
    """
)


def get_endpoint(uow: UnitOfWork, endpoint_id: str) -> EndpointView:
    """Return one endpoint.

    Raises:
        NotFound: this caller has no such endpoint.
    """
    return _endpoints(uow, [load_endpoint(uow, endpoint_id)])[0]


def find_endpoints(uow: UnitOfWork) -> tuple[EndpointView, ...]:
    """Return the endpoints that the actor sees, oldest first."""
    return _endpoints(uow, uow.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all())


def newest_secret(uow: UnitOfWork, endpoint_id: str) -> str:
    """Return the secret that signs first for an endpoint. For its owner, when it was made; it is stored nowhere.

    Raises:
        NotFound: this caller has no such endpoint.
    """
    return signing_secrets(uow, load_endpoint(uow, endpoint_id))[0]


def find_deliveries(
    uow: UnitOfWork,
    endpoint_id: str,
    *,
    states: Sequence[str] = (),
    event_id: str = "",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[DeliveryView]:
    """Return an endpoint's deliveries with their attempts, newest event first.

    Raises:
        NotFound: this caller has no such endpoint.
        Invalid: the cursor was not given out here.
    """
    endpoint = load_endpoint(uow, endpoint_id)
    of_endpoint = WebhookDelivery.tenant_id == endpoint.tenant_id, WebhookDelivery.endpoint_id == endpoint_id
    statement = select(WebhookDelivery).where(*of_endpoint)
    if states:
        statement = statement.where(WebhookDelivery.state.in_(states))
    if event_id:
        statement = statement.where(WebhookDelivery.event_id == event_id)
    place = tuple_(WebhookDelivery.pos, WebhookDelivery.n)
    if cursor:
        pos, n = (int(part) for part in decode_cursor("deliveries", cursor))
        statement = statement.where(place < (pos, n))
    newest = statement.order_by(WebhookDelivery.pos.desc(), WebhookDelivery.n.desc())
    rows = uow.session.scalars(newest.limit(limit + 1)).all()
    page = rows[:limit]
    following = encode_cursor("deliveries", page[-1].pos, page[-1].n) if len(rows) > limit else None
    return Page(_deliveries(uow, page), following)


def find_messages(
    uow: UnitOfWork,
    *,
    order_id: str = "",
    customer_id: str = "",
    site_id: str = "",
    states: Sequence[str] = (),
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[MessageView]:
    """Return the letters to customers that the actor may see, newest first; `site_id` picks those on its orders.

    Raises:
        Invalid: the cursor was not given out here.
    """
    statement = select(Message).where(Message.order_id != "")
    if order_id:
        statement = statement.where(Message.order_id == order_id)
    if customer_id:
        statement = statement.where(Message.customer_id == customer_id)
    if site_id:
        statement = statement.where(tuple_(Message.tenant_id, Message.order_id).in_(orders_at(site_id)))
    if states:
        statement = statement.where(Message.state.in_(states))
    if cursor:
        statement = statement.where(Message.id < str(decode_cursor("messages", cursor)[0]))
    rows = uow.session.scalars(statement.order_by(Message.id.desc()).limit(limit + 1)).all()
    page = tuple(_message(row) for row in rows[:limit])
    return Page(page, encode_cursor("messages", page[-1].id) if len(rows) > limit else None)


def owner_letters(uow: UnitOfWork, endpoint_id: str, *, limit: int = 10) -> tuple[MessageView, ...]:
    """Return what the owner of an endpoint was written about it, newest first.

    Raises:
        NotFound: this caller has no such endpoint.
    """
    endpoint = load_endpoint(uow, endpoint_id)
    about = Message.tenant_id == endpoint.tenant_id, Message.subject == endpoint_id, Message.order_id == ""
    newest = select(Message).where(*about).order_by(Message.id.desc()).limit(limit)
    return tuple(_message(row) for row in uow.session.scalars(newest))


def _endpoints(uow: UnitOfWork, rows: Sequence[WebhookEndpoint]) -> tuple[EndpointView, ...]:
    found = uow.session.execute(_HEALTH, {"now": uow.now, "ids": [row.id for row in rows]})
    health = {row.id: row for row in found}
    return tuple(
        EndpointView(
            id=row.id, tenant_id=row.tenant_id, url=row.url, description=row.description, types=tuple(row.types),
            state=row.state, disabled_reason=row.disabled_reason, failing_since=row.failing_since,
            warned_at=row.warned_at, created_at=row.created_at, updated_at=row.updated_at, version=row.version,
            waiting=int(health[row.id].waiting), oldest_seconds=int(health[row.id].oldest),
            parked_streams=int(health[row.id].stuck),
        )
        for row in rows
    )  # fmt: skip


def _deliveries(uow: UnitOfWork, rows: Sequence[WebhookDelivery]) -> tuple[DeliveryView, ...]:
    attempts = _attempts(uow, rows)
    return tuple(
        DeliveryView(
            row.endpoint_id, row.stream, row.n, row.event_id, row.type, row.replay, row.state, row.reason,
            row.queued_at, row.settled_at, tuple(attempts.get((row.stream, row.n), ())),
        )
        for row in rows
    )  # fmt: skip


def _attempts(uow: UnitOfWork, rows: Sequence[WebhookDelivery]) -> dict[tuple[str, int], list[AttemptView]]:
    if not rows:
        return {}
    of_endpoint: tuple[Any, ...] = (
        WebhookAttempt.tenant_id == rows[0].tenant_id,
        WebhookAttempt.endpoint_id == rows[0].endpoint_id,
        tuple_(WebhookAttempt.stream, WebhookAttempt.n).in_([(row.stream, row.n) for row in rows]),
    )
    found: dict[tuple[str, int], list[AttemptView]] = {}
    for a in uow.session.scalars(select(WebhookAttempt).where(*of_endpoint).order_by(WebhookAttempt.number)):
        view = AttemptView(a.number, a.at, a.status, a.latency_ms, a.answer, a.error)
        found.setdefault((a.stream, a.n), []).append(view)
    return found


def _message(row: Message) -> MessageView:
    return MessageView(
        row.id, row.tenant_id, row.order_id, row.customer_id, row.kind, row.subject, row.cause, row.event_id,
        row.state, row.attempts, row.created_at, row.next_at, row.sent_at, row.error,
    )  # fmt: skip
