from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base


class SerialUnit(Base):
    """One unit of an item by its serial number: where it is, and which order and parcel have it. `location_code` is
    where it was put last, `left_at` since when a unit of an order is out of the house.
    """

    __tablename__ = "serial_unit"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    location_code: Mapped[str]
    lot: Mapped[str]
    order_id: Mapped[str]
    line_id: Mapped[str]
    parcel_id: Mapped[str]
    left_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    __table_args__ = (
        of_item(),
        Index("ix_serial_unit_serial", "serial"),
        Index(
            "ix_serial_unit_tenant_id_order_id", "tenant_id", "order_id", postgresql_where=text("order_id <> ''"),
        ),
    )  # fmt: skip


class SerialStep(Base):
    """One fact in the life of a unit. Append-only."""

    __tablename__ = "serial_step"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    serial: Mapped[str]
    kind: Mapped[str]
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    reference: Mapped[str]
    parcel_id: Mapped[str]
    note: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "item_id", "serial"],
            ["serial_unit.tenant_id", "serial_unit.item_id", "serial_unit.serial"],
        ),
        Index("ix_serial_step_tenant_id_item_id_serial", "tenant_id", "item_id", "serial"),
    )


class SerialStart(Base):
    """How units and serial numbers of an item stood to each other at a site when tracking began."""

    __tablename__ = "serial_start"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    units: Mapped[int]
    __table_args__ = (of_item(),)
