from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base

_OPEN = text("state = 'open'")


def _of_plate() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "plate_id"], ["plate.tenant_id", "plate.id"])


class Plate(Base):
    """A license plate: units of one merchant on one pallet, cage or case, which are carried together.

    `own` ones have an SSCC of the site, others their sender's. Without a location it is a label for a plate to come.
    """

    __tablename__ = "plate"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    sscc: Mapped[str]
    own: Mapped[bool]
    location_id: Mapped[str | None] = mapped_column(ForeignKey("location.id"))
    parent_id: Mapped[str | None]
    arrival_id: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "parent_id"], ["plate.tenant_id", "plate.id"]),
        Index("uq_plate_sscc_open", "sscc", unique=True, postgresql_where=_OPEN),
        Index("ix_plate_location_id_open", "location_id", postgresql_where=_OPEN),
        Index("ix_plate_tenant_id_parent_id", "tenant_id", "parent_id"),
        Index("ix_plate_site_id_created_at", "site_id", "created_at"),
        Index("ix_plate_sscc", "sscc"),
    )


class PlateContent(Base):
    """Units of an item and lot on a plate. They are among those that its location holds, never beside them."""

    __tablename__ = "plate_content"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    plate_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    __table_args__ = (_of_plate(), of_item())


class PlateSerial(Base):
    """A unit with a serial number that was put on a plate last; it is there as long as it is in stock."""

    __tablename__ = "plate_serial"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(primary_key=True)
    plate_id: Mapped[str]
    __table_args__ = (
        _of_plate(),
        ForeignKeyConstraint(
            ["tenant_id", "item_id", "serial"],
            ["serial_unit.tenant_id", "serial_unit.item_id", "serial_unit.serial"],
        ),
        Index("ix_plate_serial_tenant_id_plate_id", "tenant_id", "plate_id"),
    )
