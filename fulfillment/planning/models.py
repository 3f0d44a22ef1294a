from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class BatchSearch(Base):
    """How far a site's walks that nobody has claimed are improved: `subject` are they, `quiet_rounds` the turns since
    one got better. Nobody else searches until `claimed_until`.
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
    claimed_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
