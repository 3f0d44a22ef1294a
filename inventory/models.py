from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base

_LIVE = text("quantity > 0")


def of_item() -> ForeignKeyConstraint:
    """Return what ties a row to its merchant's item."""
    return ForeignKeyConstraint(["tenant_id", "item_id"], ["item.tenant_id", "item.id"])


class Item(Base):
    """A sellable thing of one merchant, with the size and weight of one base unit."""

    __tablename__ = "item"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str]
    name: Mapped[str]
    weight_g: Mapped[int]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    keep_upright: Mapped[bool]
    fragile: Mapped[bool]
    hazmat: Mapped[bool]
    lot_tracked: Mapped[bool]
    min_shelf_days: Mapped[int]
    serial_tracked: Mapped[bool]
    active: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    kit: Mapped[bool] = mapped_column(server_default=text("false"))
    oversell: Mapped[str] = mapped_column(server_default=text("'none'"))
    oversell_units: Mapped[int] = mapped_column(server_default=text("0"))
    oversell_until: Mapped[date | None]
    temperature_class: Mapped[str] = mapped_column(server_default=text("'ambient'"))
    max_load_g: Mapped[int | None]
    own_container: Mapped[bool] = mapped_column(server_default=text("false"))
    mailer_ok: Mapped[bool] = mapped_column(server_default=text("false"))
    pack_together: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (UniqueConstraint("tenant_id", "sku", name="uq_item_tenant_id_sku"),)


class ItemBarcode(Base):
    """A GTIN of an item, as 14 digits, and how many base units it stands for: one, or those of an inner or a case. Two
    items may carry the same: who scans it chooses.
    """

    __tablename__ = "item_barcode"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True, index=True)
    units: Mapped[int]
    __table_args__ = (of_item(),)


class Lot(Base):
    """Units of an item that were made together, and the last day on which they are good. `blocked` says why nobody may
    have them, if so.
    """

    __tablename__ = "lot"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    expires_on: Mapped[date | None]
    blocked: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        of_item(),
        Index("ix_lot_expires_on", "expires_on", postgresql_where=text("expires_on is not null")),
    )


class Location(Base):
    """A place of a site that goods of any merchant can lie in."""

    __tablename__ = "location"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str]
    kind: Mapped[str]
    zone: Mapped[str]
    aisle: Mapped[str]
    bay: Mapped[str]
    level: Mapped[str]
    x_mm: Mapped[int]
    y_mm: Mapped[int]
    max_weight_g: Mapped[int] = mapped_column(server_default=text("0"))
    max_volume_mm3: Mapped[int] = mapped_column(server_default=text("0"))
    hazmat_ok: Mapped[bool] = mapped_column(server_default=text("false"))
    temperature_class: Mapped[str] = mapped_column(server_default=text("'ambient'"))
    __table_args__ = (UniqueConstraint("site_id", "code", name="uq_location_site_id_code"),)


class StockMovement(Base):
    """One entry of the ledger. Append-only: a mistake is corrected by another movement."""

    __tablename__ = "stock_movement"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    item_id: Mapped[str]
    from_bucket: Mapped[str]
    from_location_id: Mapped[str | None] = mapped_column(ForeignKey("location.id"))
    to_bucket: Mapped[str]
    to_location_id: Mapped[str | None] = mapped_column(ForeignKey("location.id"))
    lot: Mapped[str]
    quantity: Mapped[int]
    reason: Mapped[str]
    reference: Mapped[str]
    container: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        of_item(),
        Index("ix_stock_movement_tenant_id_item_id_id", "tenant_id", "item_id", "id"),
        Index(
            "ix_stock_movement_tenant_id_item_id_lot", "tenant_id", "item_id", "lot",
            postgresql_where=text("lot <> ''"),
        ),
    )  # fmt: skip


class StockLevel(Base):
    """What a site can sell of an item: units in bins, and how many of them are promised. The hottest row there is."""

    __tablename__ = "stock_level"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    on_hand: Mapped[int]
    reserved: Mapped[int]
    held_back: Mapped[int] = mapped_column(server_default=text("0"))
    held_for: Mapped[dict[str, Any] | None]
    __table_args__ = (of_item(),)


class KitPartRow(Base):
    """How many units of another item are in one kit, and each one's share of the kit's price."""

    __tablename__ = "kit_part"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    kit_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    value_share: Mapped[int]
    __table_args__ = (
        of_item(),
        ForeignKeyConstraint(["tenant_id", "kit_id"], ["item.tenant_id", "item.id"]),
        Index("ix_kit_part_tenant_id_item_id", "tenant_id", "item_id"),
    )


class BinStock(Base):
    """What a bin holds of an item and lot, and how much of it is set aside for orders. A frozen bin waits for its
    count. The lot is empty where it is not known, and for items without lots.
    """

    __tablename__ = "bin_stock"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"), primary_key=True, index=True)
    lot: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    allocated: Mapped[int]
    frozen: Mapped[bool]
    count_wanted_at: Mapped[datetime | None]
    __table_args__ = (of_item(),)


class BucketStock(Base):
    """The balance of a bucket that has no bins."""

    __tablename__ = "bucket_stock"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    bucket: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    __table_args__ = (of_item(),)


class Reservation(Base):
    """Units promised to an order line: `granted` at first, `quantity` still neither picked nor given up.

    A `hold` belongs to a reference of the merchant's own, say a cart, and always ends by itself.
    """

    __tablename__ = "reservation"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str]
    item_id: Mapped[str]
    order_id: Mapped[str]
    customer_id: Mapped[str]
    line_id: Mapped[str]
    granted: Mapped[int]
    quantity: Mapped[int]
    hold: Mapped[bool]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_reservation_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_reservation_tenant_id_item_id", "tenant_id", "item_id", postgresql_where=_LIVE),
        Index(
            "ix_reservation_expires_at", "expires_at",
            postgresql_where=text("quantity > 0 and expires_at is not null"),
        ),
    )  # fmt: skip


class AllocationRow(Base):
    """Units of a bin set aside for an order line; gone when picked or given back."""

    __tablename__ = "allocation"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    location_id: Mapped[str] = mapped_column(primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    quantity: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "item_id", "location_id", "lot"],
            ["bin_stock.tenant_id", "bin_stock.item_id", "bin_stock.location_id", "bin_stock.lot"],
        ),
        Index("ix_allocation_tenant_id_item_id", "tenant_id", "item_id"),
    )
