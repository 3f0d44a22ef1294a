from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class FloorFile(Base):
    """A large file that draws a floor: how far a worker is with it, and the version that it became.

    `state` is waiting, reading, checking, ready, cancelled or failed; `content` is forgotten with the end. `why` says
    why it did not become a version, or the version did not come into force.
    """

    __tablename__ = "floor_file"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str]
    name: Mapped[str]
    form: Mapped[str]
    unit: Mapped[str]
    layers: Mapped[str]
    note: Mapped[str]
    based_on: Mapped[int | None]
    in_force: Mapped[bool]
    confirmed: Mapped[bool]
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    version: Mapped[int | None]
    faults: Mapped[int]
    why: Mapped[str]
    attempts: Mapped[int]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_floor_file_site_id_under_way", "site_id", unique=True,
            postgresql_where=text("state in ('waiting', 'reading', 'checking')"),
        ),
        Index("ix_floor_file_site_id_created_at", "site_id", "created_at"),
    )  # fmt: skip
