from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class PackingProofRow(Base):
    """Whether pieces of these shapes fit into inner sides, in mm; "open" until it is proven, "unknown" if it was tried.

    `places` says for each of the shapes where it lies, as [[x, y, z], [length, width, height]]. No merchant's: shapes
    alone decide.
    """

    __tablename__ = "packing_proof"
    __table_args__ = (
        Index("ix_packing_proof_due", "next_attempt_at", postgresql_where=text("answer = 'open'")),
        Index("ix_packing_proof_asked_at", "asked_at", postgresql_using="brin"),
    )
    shapes_key: Mapped[str] = mapped_column(primary_key=True)
    inner_length_mm: Mapped[int] = mapped_column(primary_key=True)
    inner_width_mm: Mapped[int] = mapped_column(primary_key=True)
    inner_height_mm: Mapped[int] = mapped_column(primary_key=True)
    shapes: Mapped[list[Any]] = mapped_column(JSONB)
    answer: Mapped[str]
    places: Mapped[list[Any]] = mapped_column(JSONB)
    asked_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
