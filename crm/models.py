from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class TimelineEntry(Base):
    """One fact on a customer's timeline: a projection of the event log that can be thrown away and rebuilt."""

    __tablename__ = "timeline_entry"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    pos: Mapped[int]
    customer_id: Mapped[str]
    order_id: Mapped[str]
    kind: Mapped[str]
    type: Mapped[str]
    audience: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    summary: Mapped[str]
    __table_args__ = (
        Index(
            "ix_timeline_entry_tenant_id_customer_id_occurred_at_pos", "tenant_id", "customer_id", "occurred_at", "pos"
        ),
        Index("ix_timeline_entry_tenant_id_order_id_occurred_at_pos", "tenant_id", "order_id", "occurred_at", "pos"),
    )


class CustomerNote(Base):
    """What a person wrote about a customer or an order. The text stays here; the event names only the note."""

    __tablename__ = "customer_note"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    order_id: Mapped[str]
    author: Mapped[str]
    written_at: Mapped[datetime]
    body: Mapped[str]
    __table_args__ = (Index("ix_customer_note_tenant_id_customer_id", "tenant_id", "customer_id"),)
