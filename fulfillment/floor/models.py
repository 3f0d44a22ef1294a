from datetime import timedelta
from typing import ClassVar

from sqlalchemy.orm import Mapped, mapped_column

from kernel import runs
from kernel.db.base import Base


class FloorFile(runs.Run, Base):
    """A large file that draws a floor: how far a worker is with it, and the version that it became.

    `state` is waiting, reading, checking, ready, cancelled or failed; `content` is forgotten with the end. `why` says
    why it did not become a version, or the version did not come into force.
    """

    __tablename__ = "floor_file"
    UNDER_WAY: ClassVar = ("waiting", "reading", "checking")
    LEASE: ClassVar = timedelta(minutes=10)
    BROKE_OFF: ClassVar = {
        "why": "Reading broke off several times. Send a smaller file, and tell an administrator.", "content": None
    }  # fmt: skip
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
    faults: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(default="")
    __table_args__ = runs.indexes(__tablename__, UNDER_WAY)
