from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


def _of_carton() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["site_id", "carton_code"], ["carton_type.site_id", "carton_type.code"])


class CartonStockRow(Base):
    """How many of a carton a site has by the books. A carton without a row is not counted.

    At `reorder_point` or below it runs low, and `tell` names who orders new ones.
    """

    __tablename__ = "carton_stock"
    __table_args__ = (_of_carton(),)
    site_id: Mapped[str] = mapped_column(primary_key=True)
    carton_code: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    reorder_point: Mapped[int]
    tell: Mapped[str]
    changed_at: Mapped[datetime]


class CartonMovementRow(Base):
    """One change of a carton's count: `quantity` more or less, and what is `on_hand` after it.

    `kind` is received, counted, used for a parcel, given_back from one that was taken apart, or found: used though
    there was none by the books.
    """

    __tablename__ = "carton_movement"
    __table_args__ = (_of_carton(), Index("ix_carton_movement_site_id_moved_at", "site_id", "moved_at"))
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str]
    carton_code: Mapped[str]
    kind: Mapped[str]
    quantity: Mapped[int]
    on_hand: Mapped[int]
    parcel_id: Mapped[str]
    note: Mapped[str]
    moved_by: Mapped[str]
    moved_at: Mapped[datetime]
