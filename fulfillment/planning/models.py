from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kernel import runs
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


class PlanRun(runs.Run, Base):
    """That somebody wants walks planned now: how far a worker is, what it released and planned, and why orders wait.
    `state` is waiting, choosing, planning, ready, cancelled or failed.
    """

    __tablename__ = "plan_run"
    UNDER_WAY: ClassVar = ("waiting", "choosing", "planning")
    LEASE: ClassVar = timedelta(seconds=110)
    BROKE_OFF: ClassVar = {"note": "Planning broke off several times. Ask for fewer orders, and tell an administrator."}
    release: Mapped[bool]
    max_orders: Mapped[int]
    progress: Mapped[int] = mapped_column(default=0)
    released: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(default="")
    batches: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    __table_args__ = runs.indexes(__tablename__, UNDER_WAY)
