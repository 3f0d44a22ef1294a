from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import runs
from kernel.db.base import Base


class WhatIf(runs.Run, Base):
    """A question what the walks of so many days would have been on another floor, or with fast items nearer.

    `by_day` holds `{day, walks, before_mm, after_mm}`; `hour_cost_minor` is what an hour of walking costs.
    """

    __tablename__ = "what_if"
    LEASE: ClassVar = timedelta(minutes=5)
    BROKE_OFF: ClassVar = {
        "note": "Working it out broke off several times. Ask for fewer days, and tell an administrator."
    }
    floor_version: Mapped[int | None]
    fast_items_nearer: Mapped[bool]
    days: Mapped[int]
    hour_cost_minor: Mapped[int]
    currency: Mapped[str]
    progress: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    by_day: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    __table_args__ = (
        ForeignKeyConstraint(
            ["site_id", "floor_version"], ["floor_plan_version.site_id", "floor_plan_version.version"]
        ),
        *runs.indexes(__tablename__),
    )
