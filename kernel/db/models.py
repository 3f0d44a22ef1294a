from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class Stream(Base):
    """The head of one subject's event sequence; locking it puts the subject's transactions in order."""

    __tablename__ = "stream"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    head: Mapped[int]


class EventRow(Base):
    """The append-only log: `body` holds the exact bytes that are signed, pulled and replayed."""

    __tablename__ = "event"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    audience: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    order_id: Mapped[str]
    customer_id: Mapped[str]
    actor: Mapped[str]
    summary: Mapped[str]
    body: Mapped[str]


class OutboxRow(Base):
    """An event that has no place in the feed yet, see `kernel.db.feed`."""

    __tablename__ = "outbox"
    n: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[str]


class FeedRow(Base):
    """The event's place in the one gap-free sequence that every subscriber and pull client reads."""

    __tablename__ = "event_feed"
    pos: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(unique=True)
    tenant_id: Mapped[str]
    stream: Mapped[str]
    type: Mapped[str]
    __table_args__ = (Index("ix_event_feed_tenant_id_pos", "tenant_id", "pos"),)


class SubscriptionRow(Base):
    """How far a subscriber has read the feed."""

    __tablename__ = "subscription"
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class ParkedEvent(Base):
    """An event that a subscriber could not take, or that waits behind such a one in the same stream."""

    __tablename__ = "parked_event"
    subscription: Mapped[str] = mapped_column(primary_key=True)
    pos: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    stream: Mapped[str]
    attempts: Mapped[int]
    error: Mapped[str]
    next_at: Mapped[datetime]


class InboxRow(Base):
    """A message that a consumer has taken: its effect and this row commit together."""

    __tablename__ = "inbox"
    consumer: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    __table_args__ = (Index("ix_inbox_received_at", "received_at", postgresql_using="brin"),)


class IdempotencyKey(Base):
    """What was answered to a caller's key: the effect and the stored answer commit together."""

    __tablename__ = "idempotency_key"
    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    state: Mapped[str]
    locked_until: Mapped[datetime]
    created_at: Mapped[datetime]
    status: Mapped[int | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    media_type: Mapped[str | None]
    __table_args__ = (Index("ix_idempotency_key_created_at", "created_at", postgresql_using="brin"),)


class AuditEntry(Base):
    """Who did what, when, to what, and why. Append-only."""

    __tablename__ = "audit_entry"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    details: Mapped[dict[str, Any]]


class JobRun(Base):
    """One slot of a periodic job: whoever inserts the row runs it, so that two schedulers do no harm."""

    __tablename__ = "job_run"
    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime]
