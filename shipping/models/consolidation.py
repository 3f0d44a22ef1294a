from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class InjectionHubRow(Base):
    """A place where a carrier's service takes parcels in that came there on pallets: prices in minor units."""

    __tablename__ = "injection_hub"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str]
    postal_code: Mapped[str]
    currency: Mapped[str]
    fixed_minor: Mapped[int]
    pallet_minor: Mapped[int]
    max_volume_mm3: Mapped[int]
    max_weight_g: Mapped[int]
    transit_days: Mapped[int]
    carrier: Mapped[str]
    service: Mapped[str]
    changed_at: Mapped[datetime]


class ConsolidationPlanRow(Base):
    """What somebody wanted planned, and what came of it.

    `asked` holds the parcels of a file, `loads` a hub each, `lines` a parcel each: `{reference, hub, direct_minor,
    via_minor}`, without who gets it.
    """

    __tablename__ = "consolidation_plan"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str]
    source: Mapped[str]
    ship_on: Mapped[date]
    currency: Mapped[str]
    asked: Mapped[list[dict[str, Any]]]
    progress: Mapped[int]
    note: Mapped[str]
    parcels: Mapped[int]
    baseline_minor: Mapped[int]
    saved_minor: Mapped[int]
    bound_minor: Mapped[int]
    loads: Mapped[list[dict[str, Any]]]
    lines: Mapped[list[dict[str, Any]]]
    attempts: Mapped[int]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_consolidation_plan_site_id_under_way", "site_id", unique=True,
            postgresql_where=text("state in ('waiting', 'computing')"),
        ),
        Index("ix_consolidation_plan_site_id_created_at", "site_id", "created_at"),
    )  # fmt: skip
