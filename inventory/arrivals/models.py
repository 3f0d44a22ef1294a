from datetime import date, datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base


class Arrival(Base):
    """A delivery that a merchant announced, and how far it is taken in."""

    __tablename__ = "arrival"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    external_id: Mapped[str]
    supplier: Mapped[str]
    expected_on: Mapped[date]
    state: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str]
    __table_args__ = (
        UniqueConstraint("tenant_id", "external_id", name="uq_arrival_tenant_id_external_id"),
        Index("ix_arrival_site_id_state_expected_on", "site_id", "state", "expected_on"),
    )


class ArrivalLine(Base):
    """One item of an arrival. `outcome` is empty until the arrival closes; `reason` says why an item was taken in that
    was not announced.
    """

    __tablename__ = "arrival_line"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    arrival_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    expected: Mapped[int]
    received: Mapped[int]
    damaged: Mapped[int]
    reason: Mapped[str]
    outcome: Mapped[str]
    __table_args__ = (
        of_item(),
        ForeignKeyConstraint(["tenant_id", "arrival_id"], ["arrival.tenant_id", "arrival.id"]),
        UniqueConstraint("tenant_id", "arrival_id", "item_id", name="uq_arrival_line_tenant_id_arrival_id_item_id"),
        Index(
            "ix_arrival_line_tenant_id_item_id", "tenant_id", "item_id", postgresql_where=text("outcome = ''"),
        ),
    )  # fmt: skip


class ArrivalPlate(Base):
    """Units that an arrival is to bring on a plate of this SSCC; they are among its lines' units."""

    __tablename__ = "arrival_plate"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    arrival_id: Mapped[str] = mapped_column(primary_key=True)
    sscc: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    quantity: Mapped[int]
    lot: Mapped[str]
    expires_on: Mapped[date | None]
    __table_args__ = (
        of_item(),
        ForeignKeyConstraint(["tenant_id", "arrival_id"], ["arrival.tenant_id", "arrival.id"]),
    )


class ArrivalReceipt(Base):
    """Units of an arrival that somebody took in at once, into a bin unless they are damaged."""

    __tablename__ = "arrival_receipt"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    arrival_id: Mapped[str]
    number: Mapped[int]
    quantity: Mapped[int]
    condition: Mapped[str]
    location_code: Mapped[str]
    lot: Mapped[str]
    serials: Mapped[list[str]]
    received_at: Mapped[datetime]
    received_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "arrival_id", "number"],
            ["arrival_line.tenant_id", "arrival_line.arrival_id", "arrival_line.number"],
        ),
        Index("ix_arrival_receipt_tenant_id_arrival_id", "tenant_id", "arrival_id"),
    )
