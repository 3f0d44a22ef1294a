from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class FreightInvoiceRow(Base):
    """A carrier's invoice to a merchant with a contract of its own (`tenant_id`) or to a site (`site_id`), never both.

    It is "reading" while a worker takes its rows.
    """

    __tablename__ = "freight_invoice"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str | None] = mapped_column(ForeignKey("merchant.id"))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("site.id"))
    carrier: Mapped[str]
    number: Mapped[str]
    invoice_date: Mapped[date | None]
    currency: Mapped[str]
    digest: Mapped[str]
    file: Mapped[str]
    run_id: Mapped[str]
    state: Mapped[str]
    taken_at: Mapped[datetime]
    taken_by: Mapped[str]
    __table_args__ = (
        Index(
            "uq_freight_invoice_number", text("coalesce(tenant_id, '')"), text("coalesce(site_id, '')"), "carrier",
            "number", unique=True,
        ),
        Index("ix_freight_invoice_taken_at", "taken_at", "id"),
    )  # fmt: skip


class FreightLineRow(Base):
    """One row of a carrier's invoice, what it should have cost and on what evidence, and what was decided."""

    __tablename__ = "freight_line"
    invoice_id: Mapped[str] = mapped_column(ForeignKey("freight_invoice.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str | None] = mapped_column(ForeignKey("merchant.id"))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("site.id"))
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    service: Mapped[str]
    weight: Mapped[str]
    zone: Mapped[str]
    base_minor: Mapped[int | None]
    surcharges: Mapped[list[Any]] = mapped_column(JSONB)
    billed_minor: Mapped[int]
    expected_minor: Mapped[int | None]
    disputed_minor: Mapped[int]
    cause: Mapped[str]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)
    merchant_id: Mapped[str]
    parcel_id: Mapped[str]
    reference: Mapped[str]
    decision: Mapped[str]
    note: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str]
    __table_args__ = (
        Index(
            "ix_freight_line_carrier_tracking_number", "carrier", "tracking_number",
            postgresql_where=text("tracking_number <> ''"),
        ),
    )  # fmt: skip


class FreightTermsRow(Base):
    """What a merchant's contract makes of late and lost parcels."""

    __tablename__ = "freight_terms"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    currency: Mapped[str]
    late_penalty_minor: Mapped[int]
    value_share_bp: Mapped[int]


class ServiceRecordRow(Base):
    """What a site has seen of a service: arrivals by days after the carrier's day, adjustments, and claims."""

    __tablename__ = "service_record"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    arrivals: Mapped[dict[str, Any]] = mapped_column(JSONB)
    billed: Mapped[int]
    adjusted: Mapped[int]
    adjusted_minor: Mapped[int]
    claims: Mapped[int]
    learned_at: Mapped[datetime]
