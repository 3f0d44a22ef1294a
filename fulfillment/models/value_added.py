from datetime import datetime

from sqlalchemy import Double, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fulfillment.models.orders import of_order
from kernel.db.base import Base


def _of_asked() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "asked_id"], ["asked_service.tenant_id", "asked_service.id"])


class ValueAddedService(Base):
    """What a merchant has done to goods while they are packed: what it weighs in g, how long one takes in seconds, and
    what the merchant pays for one, in minor units of its currency.
    """

    __tablename__ = "value_added_service"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    tare_g: Mapped[int]
    tare_sd_g: Mapped[float] = mapped_column(Double)
    seconds: Mapped[int]
    price_minor: Mapped[int]
    photo_required: Mapped[bool]
    lead_days: Mapped[int]
    active: Mapped[bool]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)


class AskedService(Base):
    """A service that an order asks for, as it was offered on that day; for the whole order while `line_id` is empty."""

    __tablename__ = "asked_service"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    number: Mapped[int]
    line_id: Mapped[str]
    service_id: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    quantity: Mapped[int]
    text: Mapped[str]
    tare_g: Mapped[int]
    tare_sd_g: Mapped[float] = mapped_column(Double)
    seconds: Mapped[int]
    price_minor: Mapped[int]
    photo_required: Mapped[bool]
    lead_days: Mapped[int]
    __table_args__ = (
        of_order(),
        ForeignKeyConstraint(
            ["tenant_id", "service_id"], ["value_added_service.tenant_id", "value_added_service.id"]
        ),
        Index("ix_asked_service_tenant_id_order_id", "tenant_id", "order_id"),
    )  # fmt: skip


class ServicePhoto(Base):
    """A picture of what was done, drawn anew without what a camera writes into its files."""

    __tablename__ = "service_photo"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    asked_id: Mapped[str]
    content: Mapped[bytes]
    content_type: Mapped[str]
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime]
    taken_by: Mapped[str]
    __table_args__ = (_of_asked(), Index("ix_service_photo_tenant_id_asked_id", "tenant_id", "asked_id"))


class ServiceStep(Base):
    """So many of an asked service were confirmed or excused at the bench. `parcel_id` is empty until the goods are in a
    closed parcel; then a confirmed step is performed, and reversed when that parcel is taken apart.
    """

    __tablename__ = "service_step"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    asked_id: Mapped[str]
    quantity: Mapped[int]
    state: Mapped[str]
    parcel_id: Mapped[str]
    seconds: Mapped[int]
    photo_id: Mapped[str]
    reason: Mapped[str]
    done_at: Mapped[datetime]
    done_by: Mapped[str]
    __table_args__ = (of_order(), _of_asked(), Index("ix_service_step_tenant_id_order_id", "tenant_id", "order_id"))


class ServiceCharge(Base):
    """What a merchant owes for a performed step; a reversed one has the same price and the opposite quantity."""

    __tablename__ = "service_charge"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    step_id: Mapped[str]
    kind: Mapped[str]
    order_id: Mapped[str]
    line_id: Mapped[str]
    parcel_id: Mapped[str]
    service_id: Mapped[str]
    code: Mapped[str]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int]
    currency: Mapped[str]
    seconds: Mapped[int]
    photo_id: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("tenant_id", "step_id", "kind"),
        ForeignKeyConstraint(["tenant_id", "step_id"], ["service_step.tenant_id", "service_step.id"]),
        Index("ix_service_charge_tenant_id_at", "tenant_id", "at"),
    )
