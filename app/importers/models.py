from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class ImportRun(Base):
    """One source that was read: its control totals, and what they became here. Reading it again updates the row."""

    __tablename__ = "import_run"
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    totals: Mapped[dict[str, Any]]


class ImportDefect(Base):
    """A source row that is not as it should be, with the row itself."""

    __tablename__ = "import_defect"
    run_id: Mapped[str] = mapped_column(ForeignKey("import_run.id"), primary_key=True)
    file: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    detail: Mapped[str]
    set_aside: Mapped[bool]
    raw: Mapped[dict[str, Any]]
