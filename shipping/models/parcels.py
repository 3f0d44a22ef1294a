from datetime import date, datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class ManifestRow(Base):
    """What one carrier takes from one site in one collection. Once it is closed its content never changes."""

    __tablename__ = "manifest"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    carrier: Mapped[str]
    ship_date: Mapped[date]
    state: Mapped[str]
    content_hash: Mapped[str]
    parcel_count: Mapped[int]
    total_weight_g: Mapped[int]
    total_cost_minor: Mapped[int]
    reconciliation: Mapped[dict[str, Any]]
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]
    transmitted_at: Mapped[datetime | None]
    carrier_reference: Mapped[str]
    transmit_due_at: Mapped[datetime | None]
    transmit_error: Mapped[str]
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[str]
    driver: Mapped[str]
    __table_args__ = (Index("ix_manifest_site_id_ship_date", "site_id", "ship_date"),)


class ParcelRow(Base):
    """A closed carton: what it is for, what it should weigh, how it travels and where it is. `check_hold_id` names the
    second weighing that stops it before loading, `tare_proof` says where the tare of a foreign container is from.
    """

    __tablename__ = "parcel"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[str]
    reference: Mapped[str]
    party: Mapped[str]
    state: Mapped[str]
    clearance: Mapped[str]
    sscc: Mapped[str] = mapped_column(unique=True)
    carton_code: Mapped[str]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    tare_g: Mapped[int]
    tare_sd_g: Mapped[float] = mapped_column(Double)
    void_ml: Mapped[int]
    extras: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=text("'[]'"))
    expected_g: Mapped[int]
    weight_g: Mapped[int | None]
    ship_to: Mapped[dict[str, Any]]
    service_level: Mapped[str]
    promised_on: Mapped[date | None]
    value_minor: Mapped[int]
    currency: Mapped[str]
    tote: Mapped[str]
    packed_by: Mapped[str]
    packed_at: Mapped[datetime]
    label_id: Mapped[str | None]
    carrier: Mapped[str]
    service: Mapped[str]
    tracking_number: Mapped[str]
    ship_date: Mapped[date | None]
    arrives_on: Mapped[date | None]
    manifest_id: Mapped[str | None] = mapped_column(ForeignKey("manifest.id"))
    handed_over_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str]
    tracking_status: Mapped[str]
    tracking_reason: Mapped[str]
    tracking_flags: Mapped[list[str]]
    tracking_place: Mapped[str]
    tracked_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    check_hold_id: Mapped[str | None]
    tare_proof: Mapped[dict[str, Any] | None]
    __table_args__ = (
        Index("ix_parcel_id", "id"),
        Index("ix_parcel_tenant_id_reference", "tenant_id", "reference"),
        Index(
            "ix_parcel_site_id_carrier_ship_date", "site_id", "carrier", "ship_date",
            postgresql_where=text("state = 'labelled'"),
        ),
        Index(
            "ix_parcel_site_id_packed_at", "site_id", "packed_at",
            postgresql_where=text("state in ('packed', 'held', 'cleared')"),
        ),
        Index(
            "ix_parcel_carrier_tracking_number", "carrier", "tracking_number",
            postgresql_where=text("tracking_number <> ''"),
        ),
        Index(
            "ix_parcel_site_id_packed_by", "site_id", "packed_by", "packed_at",
            postgresql_where=text("state = 'labelled'"),
        ),
        Index("ix_parcel_manifest_id", "manifest_id", postgresql_where=text("manifest_id is not null")),
    )  # fmt: skip


def _of_parcel() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.id"])


def _of_label() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "label_id"], ["label.tenant_id", "label.id"])


class ParcelItemRow(Base):
    """Units of one order line in a parcel, with what one unit was known to measure when it was packed.

    `dangerous_goods` is the kind of dangerous goods that they are, "" for none; told anew until the label is bought.
    """

    __tablename__ = "parcel_item"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    weight_g: Mapped[int]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    dangerous_goods: Mapped[str] = mapped_column(server_default=text("''"))
    __table_args__ = (_of_parcel(),)


class WeightAuditRow(Base):
    """One judged reading, with everything that led to the decision. Append-only."""

    __tablename__ = "weight_audit"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str]
    site_id: Mapped[str]
    attempt: Mapped[int]
    reading_g: Mapped[int]
    stable: Mapped[bool]
    scale: Mapped[dict[str, Any]]
    expected_g: Mapped[int]
    sigma_g: Mapped[float] = mapped_column(Double)
    z: Mapped[float] = mapped_column(Double)
    decision: Mapped[str]
    explanations: Mapped[list[dict[str, Any]]]
    visibility: Mapped[list[dict[str, Any]]]
    caution: Mapped[str]
    weighed_by: Mapped[str]
    weighed_at: Mapped[datetime]
    score: Mapped[float | None] = mapped_column(Double)
    __table_args__ = (
        UniqueConstraint("tenant_id", "parcel_id", "attempt"),
        _of_parcel(),
        Index("ix_weight_audit_site_id_weighed_at", "site_id", "weighed_at"),
    )


class HoldReleaseRow(Base):
    """Who let a held parcel go, in which role, why, and on what evidence. Append-only."""

    __tablename__ = "hold_release"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str]
    role: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[str]
    contents_confirmed: Mapped[bool]
    released_by: Mapped[str]
    released_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("tenant_id", "parcel_id"), _of_parcel())


class LabelRow(Base):
    """The intent to buy a label, and what came of it. Its id is the carrier's idempotency key."""

    __tablename__ = "label"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str]
    state: Mapped[str]
    carrier: Mapped[str]
    service: Mapped[str]
    price_minor: Mapped[int]
    currency: Mapped[str]
    baseline_minor: Mapped[int]
    baseline: Mapped[str]
    why: Mapped[str]
    ship_date: Mapped[date]
    arrives_on: Mapped[date | None]
    serial: Mapped[int]
    tracking_number: Mapped[str]
    charged_minor: Mapped[int | None]
    requested_at: Mapped[datetime]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    purchased_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str | None]
    voided_at: Mapped[datetime | None]
    carrier_void: Mapped[str]
    error: Mapped[str]
    __table_args__ = (
        _of_parcel(),
        Index(
            "uq_label_tenant_id_parcel_id", "tenant_id", "parcel_id", unique=True,
            postgresql_where=text("state in ('requested', 'purchased')"),
        ),
        Index(
            "ix_label_next_attempt_at", "next_attempt_at",
            postgresql_where=text("state = 'requested' or carrier_void = 'due'"),
        ),
        Index("ix_label_ship_date", "ship_date", postgresql_where=text("state = 'purchased'")),
        Index(
            "ix_label_carrier_tracking_number", "carrier", "tracking_number",
            postgresql_where=text("tracking_number <> ''"),
        ),
    )  # fmt: skip


class RateQuoteRow(Base):
    """One service's price for a parcel: the chosen one and every losing one. Append-only."""

    __tablename__ = "rate_quote"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    label_id: Mapped[str]
    rank: Mapped[int]
    carrier: Mapped[str]
    service: Mapped[str]
    price_minor: Mapped[int]
    currency: Mapped[str]
    arrives_on: Mapped[date | None]
    chosen: Mapped[bool]
    details: Mapped[dict[str, Any]]
    __table_args__ = (_of_label(), Index("ix_rate_quote_tenant_id_label_id", "tenant_id", "label_id"))


class ManifestCarveOutRow(Base):
    """A parcel that was pulled off its closed manifest before it was loaded and given up, or `left_behind` for the next
    one. Append-only.
    """

    __tablename__ = "manifest_carve_out"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str] = mapped_column(primary_key=True)
    manifest_id: Mapped[str] = mapped_column(ForeignKey("manifest.id"), primary_key=True, index=True)
    reason: Mapped[str]
    pulled_at: Mapped[datetime]
    pulled_by: Mapped[str]
    left_behind: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "parcel_id", "manifest_id"],
            ["manifest_parcel.tenant_id", "manifest_parcel.parcel_id", "manifest_parcel.manifest_id"],
        ),
    )


class ManifestParcelRow(Base):
    """A parcel's place in its manifest; it gets one in another only when it was left behind. The lane that takes it,
    whether that lane asks for a scan, when there was one, and the container it stood in are as they were at the
    closing. Append-only.
    """

    __tablename__ = "manifest_parcel"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str] = mapped_column(primary_key=True)
    manifest_id: Mapped[str] = mapped_column(ForeignKey("manifest.id"), primary_key=True, index=True)
    label_id: Mapped[str]
    tracking_number: Mapped[str]
    sscc: Mapped[str]
    weight_g: Mapped[int]
    price_minor: Mapped[int]
    lane_id: Mapped[str | None] = mapped_column(ForeignKey("sort_lane.id"))
    staged_at: Mapped[datetime | None]
    staging_required: Mapped[bool] = mapped_column(server_default=text("false"))
    container_id: Mapped[str | None] = mapped_column(ForeignKey("sort_container.id"))
    container_sscc: Mapped[str | None]
    container_kind: Mapped[str | None]
    contained_at: Mapped[datetime | None]
    __table_args__ = (_of_parcel(), _of_label())
