from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel import runs
from kernel.db.base import Base


class SlottingPlan(runs.Run, Base):
    """A question which items of a site would better lie elsewhere, and how much the walks of so many days shrink.

    `before_mm` and `after_mm` are all those walks, as items lie now and as the plan wants them; `note` says why there
    is no answer, or none yet.
    """

    __tablename__ = "slotting_plan"
    LEASE: ClassVar = timedelta(seconds=150)
    BROKE_OFF: ClassVar = {
        "note": "Working it out broke off several times. Ask for fewer days, and tell an administrator."
    }
    days: Mapped[int]
    most_changes: Mapped[int]
    payback_days: Mapped[int]
    progress: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    walks: Mapped[int] = mapped_column(default=0)
    walked_days: Mapped[int] = mapped_column(default=0)
    before_mm: Mapped[int] = mapped_column(default=0)
    after_mm: Mapped[int] = mapped_column(default=0)
    __table_args__ = runs.indexes(__tablename__)


class SlottingChange(Base):
    """One item that goes to an empty place, or two that swap theirs or go side by side: what that saves, beside the
    changes before it.
    """

    __tablename__ = "slotting_change"
    plan_id: Mapped[str] = mapped_column(ForeignKey("slotting_plan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    saved_mm: Mapped[int]
    move_mm: Mapped[int]
    move_seconds: Mapped[int]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str]


class SlottingMove(Base):
    """One item of a change: `lots` are the units that lay there, `picks` on how many walks it was picked, `together`
    the SKUs that were ordered most with it. `min_units` and `max_units` are for a face that has no rule yet.
    """

    __tablename__ = "slotting_move"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    from_location_id: Mapped[str] = mapped_column(ForeignKey("location.id"))
    to_location_id: Mapped[str] = mapped_column(ForeignKey("location.id"))
    lots: Mapped[list[dict[str, Any]]]
    units: Mapped[int]
    picks: Mapped[int]
    together: Mapped[list[str]]
    min_units: Mapped[int]
    max_units: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "item_id"], ["item.tenant_id", "item.id"]),
        ForeignKeyConstraint(["plan_id", "number"], ["slotting_change.plan_id", "slotting_change.number"]),
        Index("ix_slotting_move_plan_id", "plan_id"),
    )
