from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kernel import runs
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


class ConsolidationPlanRow(runs.Run, Base):
    """What somebody wanted planned, and what came of it.

    `asked` holds the parcels of a file, `loads` a hub each, `lines` a parcel each: `{reference, hub, direct_minor,
    via_minor}`, without who gets it. Who does not look at a parcel reads neither `asked` nor `lines`.
    """

    __tablename__ = "consolidation_plan"
    LEASE: ClassVar = timedelta(minutes=3)
    BROKE_OFF: ClassVar = {
        "note": "Planning broke off several times. Ask for fewer parcels, and tell an administrator."
    }
    source: Mapped[str]
    ship_on: Mapped[date]
    currency: Mapped[str]
    asked: Mapped[list[dict[str, Any]]] = mapped_column(deferred=True)
    progress: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    parcels: Mapped[int] = mapped_column(default=0)
    baseline_minor: Mapped[int] = mapped_column(default=0)
    saved_minor: Mapped[int] = mapped_column(default=0)
    bound_minor: Mapped[int] = mapped_column(default=0)
    loads: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(default=list, deferred=True)
    __table_args__ = runs.indexes(__tablename__)
