from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class SortLaneRow(Base):
    """A place before a dock door where the parcels of one carrier are gathered, until it is closed."""

    __tablename__ = "sort_lane"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str]
    carrier: Mapped[str]
    services: Mapped[list[str]] = mapped_column(JSONB)
    routes: Mapped[list[str]] = mapped_column(JSONB)
    requires_staging: Mapped[bool]
    loads_by_scan: Mapped[bool]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_sort_lane_site_id_code", "site_id", "code", unique=True, postgresql_where=text("closed_at is null")),
    )


class SortLaneRuleRow(Base):
    """What an open lane takes; empty fields mean any. The key allows no two lanes the same rule."""

    __tablename__ = "sort_lane_rule"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    postal_prefix: Mapped[str] = mapped_column(primary_key=True)
    lane_id: Mapped[str] = mapped_column(ForeignKey("sort_lane.id"), index=True)


class SortContainerRow(Base):
    """A pallet, cage or bag on a lane, with a license plate of its own; it holds parcels of one carrier."""

    __tablename__ = "sort_container"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    lane_id: Mapped[str] = mapped_column(ForeignKey("sort_lane.id"), index=True)
    carrier: Mapped[str]
    kind: Mapped[str]
    sscc: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    loaded_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_sort_container_site_id_state", "site_id", "state"),)


class ParcelStageRow(Base):
    """Where a parcel stands; the key allows it one lane and one container."""

    __tablename__ = "parcel_stage"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    lane_id: Mapped[str] = mapped_column(ForeignKey("sort_lane.id"), index=True)
    container_id: Mapped[str | None] = mapped_column(ForeignKey("sort_container.id"))
    staged_at: Mapped[datetime]
    staged_by: Mapped[str]
    loaded_at: Mapped[datetime | None]
    loaded_by: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.id"]),
        Index("ix_parcel_stage_container_id", "container_id", postgresql_where=text("container_id is not null")),
    )
