from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class BatchSearch(Base):
    """How far a site's walks that nobody has claimed are improved: `subject` are they, `quiet_rounds` the turns since
    one got better, `methods` what found the present ones. Nobody else searches until `claimed_until`.
    """

    __tablename__ = "batch_search"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    state: Mapped[str]
    subject: Mapped[str]
    orders: Mapped[int]
    batches: Mapped[int]
    rounds: Mapped[int]
    quiet_rounds: Mapped[int]
    cpu_ms: Mapped[int]
    seed: Mapped[int]
    methods: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    claimed_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class PlanRun(Base):
    """That somebody wants walks planned now: how far a worker is, what it released and planned, and why orders wait.
    `state` is waiting, choosing, planning, ready, cancelled or failed.
    """

    __tablename__ = "plan_run"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str]
    release: Mapped[bool]
    max_orders: Mapped[int]
    progress: Mapped[int]
    released: Mapped[int]
    queued: Mapped[int]
    why: Mapped[str]
    batches: Mapped[int]
    note: Mapped[str]
    attempts: Mapped[int]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_plan_run_site_id_under_way", "site_id", unique=True,
            postgresql_where=text("state in ('waiting', 'choosing', 'planning')"),
        ),
        Index("ix_plan_run_site_id_created_at", "site_id", "created_at"),
    )  # fmt: skip
