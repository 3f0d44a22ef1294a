from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base

_LIVE = text("state in ('open', 'claimed')")


class ForwardPick(Base):
    """A pick face of an item: filled up to `max_units` when `min_units` or fewer are free."""

    __tablename__ = "forward_pick"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"), primary_key=True, index=True)
    min_units: Mapped[int]
    max_units: Mapped[int]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    __table_args__ = (of_item(),)


class MoveTask(Base):
    """Units of one item and lot to be carried from one location to another, and how many of them were.

    Without a target it waits for a place to become free; `why` says in words why this place, or why none.
    """

    __tablename__ = "move_task"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    item_id: Mapped[str]
    lot: Mapped[str]
    from_location_id: Mapped[str] = mapped_column(ForeignKey("location.id"))
    to_location_id: Mapped[str | None] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[int]
    moved: Mapped[int]
    cause: Mapped[str]
    urgent: Mapped[bool]
    why: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str]
    note: Mapped[str]
    __table_args__ = (
        of_item(),
        Index("ix_move_task_live", "site_id", "from_location_id", postgresql_where=_LIVE),
        Index("ix_move_task_item", "tenant_id", "item_id", postgresql_where=_LIVE),
        Index("ix_move_task_cancelled", "closed_at", postgresql_where=text("state = 'cancelled'")),
        Index("ix_move_task_site_id_closed_at", "site_id", "closed_at", postgresql_where=text("closed_at is not null")),
    )


class MoveStep(Base):
    """Units that somebody carried at once, to the place that was suggested or, for a reason, to another."""

    __tablename__ = "move_step"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    to_location_id: Mapped[str] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[int]
    reason: Mapped[str]
    done_at: Mapped[datetime]
    done_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "task_id"], ["move_task.tenant_id", "move_task.id"]),
        Index("ix_move_step_done_by_done_at", "done_by", "done_at"),
    )
