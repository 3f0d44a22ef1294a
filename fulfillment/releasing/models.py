from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from kernel.db.base import Base


class ReleaseSetting(Base):
    """How a site sends orders to the floor; a site without a row streams at its measured pace.

    `wave_times` are local, as `HH:MM`. Without `pickers` or `lines_per_hour` (of one picker) they are measured.
    """

    __tablename__ = "release_setting"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    mode: Mapped[str]
    keep_busy_minutes: Mapped[int]
    slack_minutes: Mapped[int]
    wave_times: Mapped[list[str]] = mapped_column(ARRAY(Text))
    pickers: Mapped[int | None]
    lines_per_hour: Mapped[int | None]
    last_wave_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
