from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base

_OF_ENDPOINT = ["webhook_endpoint.tenant_id", "webhook_endpoint.id"]


class WebhookEndpoint(Base):
    """A receiver that a merchant named. `position` is how far it was fed from the event feed: an endpoint is a
    subscriber of its own, so that whatever it missed while it was paused or off still lies before it.

    `failures` counts the failed attempts since the last success, over all its streams; while there are several, only
    one attempt is made until `retry_at`. `warned_at` is when its owner was last told of the present failure.
    """

    __tablename__ = "webhook_endpoint"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    description: Mapped[str]
    types: Mapped[list[str]]
    salts: Mapped[list[dict[str, Any]]]
    state: Mapped[str]
    disabled_reason: Mapped[str]
    position: Mapped[int]
    failing_since: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    failures: Mapped[int]
    retry_at: Mapped[datetime]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WebhookStream(Base):
    """The deliveries of one customer (or other subject) to one endpoint, numbered 1 to `head`; those up to `done` are
    settled, the next one is the only one that may be sent. `claim` names the worker that has it until `claimed_until`.
    """

    __tablename__ = "webhook_stream"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    head: Mapped[int]
    done: Mapped[int]
    next_at: Mapped[datetime]
    parked: Mapped[bool]
    claim: Mapped[str]
    claimed_until: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "endpoint_id"], _OF_ENDPOINT, ondelete="CASCADE"),
        Index(
            "ix_webhook_stream_tenant_id_endpoint_id_next_at", "tenant_id", "endpoint_id", "next_at",
            postgresql_where=text("done < head and not parked"),
        ),
    )  # fmt: skip


class WebhookDelivery(Base):
    """One event for one endpoint. `attempts` counts all, `tries` those since it was last put back to the start."""

    __tablename__ = "webhook_delivery"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[str]
    pos: Mapped[int]
    type: Mapped[str]
    replay: Mapped[bool]
    state: Mapped[str]
    attempts: Mapped[int]
    tries: Mapped[int]
    queued_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "endpoint_id"], _OF_ENDPOINT, ondelete="CASCADE"),
        Index(
            "ix_webhook_delivery_tenant_id_endpoint_id_event_id", "tenant_id", "endpoint_id", "event_id",
            unique=True, postgresql_where=text("not replay"),
        ),
        Index("ix_webhook_delivery_tenant_id_endpoint_id_pos_n", "tenant_id", "endpoint_id", "pos", "n"),
    )  # fmt: skip


class WebhookAttempt(Base):
    """One try to deliver, as the receiver answered it; `answer` is at most 2 kB."""

    __tablename__ = "webhook_attempt"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    status: Mapped[int | None]
    latency_ms: Mapped[int]
    answer: Mapped[str]
    error: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "endpoint_id", "stream", "n"],
            [f"webhook_delivery.{column}" for column in ("tenant_id", "endpoint_id", "stream", "n")],
            ondelete="CASCADE",
        ),
        Index("ix_webhook_attempt_at", "at"),
    )


class Message(Base):
    """One letter to a customer, or without an order to the owner of a webhook endpoint. It holds references only;
    names, addresses and words are read when it is sent.

    `subject` is the parcel, return or endpoint that it is about, where the order alone does not say it; `cause` is why
    a parcel is late, or which failure of an endpoint is meant. Together with order and kind they are unique, so that
    nobody is written the same thing twice.
    """

    __tablename__ = "message"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    customer_id: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    cause: Mapped[str]
    event_id: Mapped[str]
    occurred_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    claim: Mapped[str]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str]
    __table_args__ = (
        Index("ix_message_tenant_id_event_id_kind", "tenant_id", "event_id", "kind", unique=True),
        Index(
            "ix_message_tenant_id_order_id_kind_subject_cause", "tenant_id", "order_id", "kind", "subject", "cause",
            unique=True,
        ),
        Index("ix_message_next_at", "next_at", postgresql_where=text("state = 'queued'")),
        Index("ix_message_tenant_id_subject", "tenant_id", "subject", "id", postgresql_where=text("order_id = ''")),
    )  # fmt: skip
