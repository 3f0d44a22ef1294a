from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
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
    merchant_id: Mapped[str | None] = mapped_column(ForeignKey("merchant.id"))
    __table_args__ = (Index("ix_import_run_last_at_id", "last_at", "id"),)


class ImportResult(Base):
    """What became of one order of a file. Of a refused one its rows are kept, to be mended and sent again."""

    __tablename__ = "import_result"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("import_run.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    outcome: Mapped[str]
    order_id: Mapped[str]
    rows: Mapped[list[dict[str, Any]]]
    __table_args__ = (Index("ix_import_result_run_id_line", "run_id", "line"),)


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


class ImportFile(Base):
    """A file that waits for the worker, or that it is in the middle of: `position` of its orders or rows are done.

    `id` is new with each sending, so that a worker that is at an older one of the same name stops. It belongs to a
    merchant, or to a site; `terms` is what the sender said of it besides.
    """

    __tablename__ = "import_file"
    run_id: Mapped[str] = mapped_column(ForeignKey("import_run.id"), primary_key=True)
    tenant_id: Mapped[str | None] = mapped_column(ForeignKey("merchant.id"))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[str]
    terms: Mapped[dict[str, Any]]
    id: Mapped[str]
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    position: Mapped[int]
    attempts: Mapped[int]
    claimed_until: Mapped[datetime]
    created_at: Mapped[datetime]
