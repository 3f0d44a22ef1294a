from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base

_LIVE = text("state in ('open', 'recount', 'counted')")


class CountTask(Base):
    """One bin and one item to be counted, and what came of it. `returned_by` sent it back for another count.

    `expected` and `difference` are what was booked; `shorted` are the promises that the booking took units from.
    """

    __tablename__ = "count_task"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    item_id: Mapped[str]
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"))
    cause: Mapped[str]
    abc: Mapped[str]
    state: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    returned_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str]
    decision: Mapped[str]
    expected: Mapped[int | None]
    difference: Mapped[int | None]
    shorted: Mapped[list[dict[str, Any]]]
    __table_args__ = (
        of_item(),
        Index(
            "uq_count_task_live", "tenant_id", "item_id", "location_id", unique=True, postgresql_where=_LIVE,
        ),
        Index("ix_count_task_live", "site_id", "location_id", postgresql_where=_LIVE),
        Index(
            "ix_count_task_site_id_closed_at", "site_id", "closed_at", postgresql_where=text("closed_at is not null"),
        ),
        Index(
            "ix_count_task_bin", "tenant_id", "item_id", "location_id", "closed_at",
            postgresql_where=text("state = 'approved'"),
        ),
    )  # fmt: skip


class CountEntry(Base):
    """What one person counted, and what the book said at that moment."""

    __tablename__ = "count_entry"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    expected: Mapped[int]
    counted: Mapped[int]
    counted_at: Mapped[datetime]
    counted_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "task_id"], ["count_task.tenant_id", "count_task.id"]),)


class ItemClass(Base):
    """How much of what a merchant's items move at a site an item is: A most, B some, C the rest."""

    __tablename__ = "item_class"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    abc: Mapped[str]
    units: Mapped[int]
    classed_at: Mapped[datetime]
    __table_args__ = (of_item(),)
