from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class WhatIf(Base):
    """A question what the walks of so many days would have been on another floor, or with fast items nearer.

    `by_day` holds `{day, walks, before_mm, after_mm}`; `hour_cost_minor` is what an hour of walking costs.
    """

    __tablename__ = "what_if"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str]
    floor_version: Mapped[int | None]
    fast_items_nearer: Mapped[bool]
    days: Mapped[int]
    hour_cost_minor: Mapped[int]
    currency: Mapped[str]
    progress: Mapped[int]
    note: Mapped[str]
    by_day: Mapped[list[dict[str, Any]]]
    attempts: Mapped[int]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["site_id", "floor_version"], ["floor_plan_version.site_id", "floor_plan_version.version"]
        ),
        Index(
            "uq_what_if_site_id_under_way", "site_id", unique=True,
            postgresql_where=text("state in ('waiting', 'computing')"),
        ),
        Index("ix_what_if_site_id_created_at", "site_id", "created_at"),
    )  # fmt: skip
