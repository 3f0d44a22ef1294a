from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class ItemWeightRow(Base):
    """What weighed parcels taught about one item's weight, in g: the likeliest mean, and all that parcels saw."""

    __tablename__ = "item_weight"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    mean_g: Mapped[float] = mapped_column(Double)
    mean_sd_g: Mapped[float] = mapped_column(Double)
    parcels: Mapped[int]
    master_g: Mapped[int]
    updated_at: Mapped[datetime]
    seen_g: Mapped[float] = mapped_column(Double)
    precision: Mapped[float] = mapped_column(Double)


class SiteWeightRow(Base):
    """What the last fit taught about a site's packaging and scales, and the limits that follow from its parcels."""

    __tablename__ = "site_weight"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    tares: Mapped[dict[str, Any]] = mapped_column(JSONB)
    offsets: Mapped[dict[str, Any]] = mapped_column(JSONB)
    dunnage: Mapped[list[float]] = mapped_column(JSONB)
    noise: Mapped[list[float]] = mapped_column(JSONB)
    goods: Mapped[list[float]] = mapped_column(JSONB)
    recheck: Mapped[float] = mapped_column(Double)
    hold: Mapped[float] = mapped_column(Double)
    parcels: Mapped[int]
    fitted_at: Mapped[datetime]


class WeightFindingRow(Base):
    """Something that weighing shows and a person has to look at: a catalog weight, or a drift.

    Drifts of a scale, a packer or a carton belong to the house and have the empty tenant.
    """

    __tablename__ = "weight_finding"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    what: Mapped[str]
    believed_g: Mapped[float] = mapped_column(Double)
    learned_g: Mapped[float] = mapped_column(Double)
    parcels: Mapped[int]
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str]
    __table_args__ = (
        Index(
            "uq_weight_finding_tenant_id_site_id_kind_code", "tenant_id", "site_id", "kind", "code", unique=True,
            postgresql_where=text("settled_at is null"),
        ),
        Index("ix_weight_finding_site_id_found_at", "site_id", "found_at"),
    )  # fmt: skip
