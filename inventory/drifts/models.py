from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base


class StockDrift(Base):
    """A counter that differs from the rows it counts, from when that was found until both agree again."""

    __tablename__ = "stock_drift"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    counter: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    ledger: Mapped[int]
    counted: Mapped[int]
    found_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    __table_args__ = (of_item(),)


class DriftTurn(Base):
    """When one in `turns` items were last held against the ledger."""

    __tablename__ = "drift_turn"
    turns: Mapped[int] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
