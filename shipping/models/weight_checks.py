from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class WeightCheckRow(Base):
    """A labelled parcel that was weighed again, by a scale of ours or its carrier's, against its declared weight.

    `outcome` is agrees, vouched (as one that was released or found before), stopped (it stays here) or found (it is
    gone); the last two stay open until `verdict` is released, given_up or settled. `reading_id` is the device's own.
    """

    __tablename__ = "weight_check"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str]
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    source: Mapped[str]
    device: Mapped[str]
    reading_id: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reading_g: Mapped[int]
    declared_g: Mapped[int]
    sigma_g: Mapped[float] = mapped_column(Double)
    limit_g: Mapped[int]
    outcome: Mapped[str]
    manifest_id: Mapped[str | None] = mapped_column(ForeignKey("manifest.id"))
    checked_by: Mapped[str]
    checked_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str]
    role: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str]
    proof: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.id"]),
        UniqueConstraint("tenant_id", "parcel_id", "source", "device", "reading_id"),
        Index(
            "ix_weight_check_site_id_checked_at", "site_id", "checked_at",
            postgresql_where=text("outcome in ('stopped', 'found') and closed_at is null"),
        ),
    )  # fmt: skip


class WeightToleranceRow(Base):
    """By how much a carrier lets a site's parcels differ from their declared weight."""

    __tablename__ = "weight_tolerance"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    grams: Mapped[int]
    share_bp: Mapped[int]
