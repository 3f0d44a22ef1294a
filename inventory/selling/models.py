from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base


class SafetyStockRow(Base):
    """Units of an item that a channel must leave at a site; an empty channel or site means every one."""

    __tablename__ = "safety_stock"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    units: Mapped[int]
    __table_args__ = (of_item(),)


class PlannedDemand(Base):
    """Units that an order wants on a later day, of which nothing is promised yet."""

    __tablename__ = "planned_demand"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    quantity: Mapped[int]
    ship_on: Mapped[date]
    __table_args__ = (of_item(), Index("ix_planned_demand_tenant_id_item_id", "tenant_id", "item_id"))
