from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class ReturnRequest(Base):
    """A return authorization (RMA): a plan, until units arrive."""

    __tablename__ = "return_request"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    customer_id: Mapped[str]
    site_id: Mapped[str]
    state: Mapped[str]
    note: Mapped[str]
    decision: Mapped[str]
    currency: Mapped[str]
    refund_minor: Mapped[int]
    parcel_id: Mapped[str]
    tracking_number: Mapped[str]
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    version: Mapped[int]
    __table_args__ = (
        Index("ix_return_request_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_return_request_state_id", "state", "id"),
    )


class ReturnLine(Base):
    """Units of one order line: announced, received and graded."""

    __tablename__ = "return_line"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    return_id: Mapped[str] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    sku: Mapped[str]
    name: Mapped[str]
    reason: Mapped[str]
    unit_price_minor: Mapped[int]
    announced: Mapped[int]
    received: Mapped[int]
    graded: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "return_id"], ["return_request.tenant_id", "return_request.id"]),
    )


class Inspection(Base):
    """The fact: units looked at, their grade, and where they went; a swap, where they are not those that the order got.
    Append-only.
    """

    __tablename__ = "inspection"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    return_id: Mapped[str]
    line_id: Mapped[str]
    quantity: Mapped[int]
    grade: Mapped[str]
    disposition: Mapped[str]
    refund_minor: Mapped[int]
    note: Mapped[str]
    serials: Mapped[list[str]]
    is_swap: Mapped[bool]
    inspected_by: Mapped[str]
    inspected_at: Mapped[datetime]
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "return_id", "line_id"],
            ["return_line.tenant_id", "return_line.return_id", "return_line.line_id"],
        ),
        Index("ix_inspection_tenant_id_return_id", "tenant_id", "return_id"),
    )
