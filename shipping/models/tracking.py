from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class RawPushRow(Base):
    """A carrier's message exactly as it came; `problem` says why nothing could be read from it. Append-only."""

    __tablename__ = "raw_push"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    carrier: Mapped[str]
    digest: Mapped[str]
    body: Mapped[str]
    problem: Mapped[str]
    received_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("carrier", "digest"),)


class RawScanRow(Base):
    """One scan as the carrier told it. Append-only; it has no tenant when its parcel was not known."""

    __tablename__ = "raw_scan"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    fingerprint: Mapped[str]
    source: Mapped[str]
    push_id: Mapped[str]
    scan: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("carrier", "fingerprint"),
        Index(
            "ix_raw_scan_carrier_tracking_number", "carrier", "tracking_number", postgresql_where=text("tenant_id = ''")
        ),
    )


class TrackingScanRow(Base):
    """What a raw scan says about a parcel; it has the raw scan's id. Append-only."""

    __tablename__ = "tracking_scan"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str]
    fingerprint: Mapped[str]
    carrier: Mapped[str]
    code: Mapped[str]
    text: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
    occurred_at: Mapped[datetime]
    utc_offset_minutes: Mapped[int | None]
    place: Mapped[str]
    received_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.id"]),
        Index("ix_tracking_scan_tenant_id_parcel_id", "tenant_id", "parcel_id"),
    )
