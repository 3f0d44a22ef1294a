from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


def of_order() -> ForeignKeyConstraint:
    """Return the reference of a row to its order."""
    return ForeignKeyConstraint(["tenant_id", "order_id"], ["sales_order.tenant_id", "sales_order.id"])


class Customer(Base):
    """Who buys from one merchant. `identity` is the shop's own id, or the e-mail address of a guest."""

    __tablename__ = "customer"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    identity: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    locale: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("tenant_id", "identity"), Index("uq_customer_id", "id", unique=True))


class SalesOrder(Base):
    """One order. Its state, next step and due time are derived from its lines and parcels, and stored."""

    __tablename__ = "sales_order"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    external_id: Mapped[str]
    fingerprint: Mapped[str]
    customer_id: Mapped[str]
    channel: Mapped[str]
    placed_at: Mapped[datetime]
    received_at: Mapped[datetime]
    currency: Mapped[str]
    goods_minor: Mapped[int]
    shipping_minor: Mapped[int]
    service_level: Mapped[str]
    split_policy: Mapped[str]
    gift: Mapped[bool]
    note: Mapped[str]
    flags: Mapped[list[str]]
    ship_name: Mapped[str]
    ship_company: Mapped[str]
    ship_street: Mapped[str]
    ship_street2: Mapped[str]
    ship_city: Mapped[str]
    ship_region: Mapped[str]
    ship_postal_code: Mapped[str]
    ship_country: Mapped[str]
    ship_phone: Mapped[str]
    ship_email: Mapped[str]
    first_promised_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    promised_until: Mapped[datetime | None]
    open_holds: Mapped[int]
    released_at: Mapped[datetime | None]
    release_why: Mapped[str]
    starts_at: Mapped[datetime | None]
    rushed_at: Mapped[datetime | None]
    pulled_back_at: Mapped[datetime | None]
    cut_off_at: Mapped[datetime | None]
    picking_started_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    answer_due_at: Mapped[datetime | None] = mapped_column(default=None)
    intercept_requested_at: Mapped[datetime | None]
    intercept: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    state: Mapped[str]
    state_since: Mapped[datetime]
    next_step: Mapped[str]
    next_step_owner: Mapped[str]
    due_at: Mapped[datetime | None]
    terminal: Mapped[bool]
    version: Mapped[int]
    ship_on: Mapped[date | None]
    hold_reference: Mapped[str] = mapped_column(server_default=text("''"))
    service_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    service_lead_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    __table_args__ = (
        UniqueConstraint("tenant_id", "external_id"),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.id"]),
        Index("uq_sales_order_id", "id", unique=True),
        Index("ix_sales_order_tenant_id_customer_id", "tenant_id", "customer_id"),
        Index("ix_sales_order_site_id_state", "site_id", "state"),
        Index("ix_sales_order_placed_at_id", "placed_at", "id"),
        Index(
            "ix_sales_order_site_id_intercept", "site_id", postgresql_where=text("intercept_requested_at is not null")
        ),
        Index("ix_sales_order_due_at_id", "due_at", "id", postgresql_where=text("not terminal")),
    )


class OrderLine(Base):
    """One line of an order with its quantity vector, see `fulfillment.domain.order_quantities`.

    `substitutes` is what the customer agreed to; a line that `replaces_line_id` came in place of units of that one.
    Lines of the order with the same `pack_with` share one carton wherever one holds them.
    """

    __tablename__ = "order_line"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    number: Mapped[int]
    external_id: Mapped[str]
    item_id: Mapped[str]
    sku: Mapped[str]
    name: Mapped[str]
    unit_price_minor: Mapped[int]
    ordered: Mapped[int]
    cancelled: Mapped[int]
    backordered: Mapped[int]
    promised: Mapped[int]
    allocated: Mapped[int]
    picked: Mapped[int]
    packed: Mapped[int]
    shipped: Mapped[int]
    delivered: Mapped[int]
    lost: Mapped[int]
    rts: Mapped[int]
    returned: Mapped[int]
    scheduled: Mapped[int] = mapped_column(server_default=text("0"))
    kit_id: Mapped[str] = mapped_column(server_default=text("''"))
    substitutes: Mapped[str] = mapped_column(default="", server_default=text("''"))
    pack_with: Mapped[str] = mapped_column(default="", server_default=text("''"))
    replaces_line_id: Mapped[str] = mapped_column(default="", server_default=text("''"))
    __table_args__ = (
        of_order(),
        Index("ix_order_line_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_order_line_scheduled", "tenant_id", "order_id", postgresql_where=text("scheduled > 0")),
        Index("ix_order_line_tenant_id_item_id", "tenant_id", "item_id", postgresql_where=text("backordered > 0")),
    )


class OrderKit(Base):
    """A line of a kit as it was ordered; its parts are lines of the order, each with this row's id as `kit_id`."""

    __tablename__ = "order_kit"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    number: Mapped[int]
    external_id: Mapped[str]
    item_id: Mapped[str]
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int]
    __table_args__ = (of_order(), Index("ix_order_kit_tenant_id_order_id", "tenant_id", "order_id"))


class OrderPolicyRow(Base):
    """How a merchant's orders are taken; without a row, as `fulfillment.domain.order_policy` says."""

    __tablename__ = "order_policy"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    on_shortage: Mapped[str]
    horizon_days: Mapped[int]
    version: Mapped[int]
    substitutes: Mapped[str] = mapped_column(default="agreed", server_default="agreed")
    on_short: Mapped[str] = mapped_column(default="wait", server_default="wait")
    answer_hours: Mapped[int] = mapped_column(default=24, server_default="24")
    on_silence: Mapped[str] = mapped_column(default="wait", server_default="wait")
    customs_facts: Mapped[str] = mapped_column(default="optional", server_default="optional")
    dangerous_facts: Mapped[str] = mapped_column(default="optional", server_default="optional")


class OrderHold(Base):
    """A reason why an order must not go on, until somebody releases it with a reason."""

    __tablename__ = "order_hold"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str]
    release_reason: Mapped[str]
    __table_args__ = (of_order(), Index("ix_order_hold_tenant_id_order_id", "tenant_id", "order_id"))


class OrderNote(Base):
    """What a colleague wrote on an order."""

    __tablename__ = "order_note"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (of_order(), Index("ix_order_note_tenant_id_order_id", "tenant_id", "order_id"))


class OrderTerm(Base):
    """One lower-case word by which an order is found. Erasing a person deletes the `personal` ones."""

    __tablename__ = "order_term"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    personal: Mapped[bool]
    __table_args__ = (
        of_order(),
        Index("ix_order_term_term_order_id", "term", "order_id"),
        Index("ix_order_term_tenant_id_order_id", "tenant_id", "order_id"),
    )


class TrackingLink(Base):
    """The hash of a customer's tracking token: the table alone opens no tracker page."""

    __tablename__ = "tracking_link"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str]
    order_id: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (of_order(), Index("ix_tracking_link_tenant_id_order_id", "tenant_id", "order_id"))


class OrderParcel(Base):
    """What the order knows of one of its parcels: its contents by line, and how far it is."""

    __tablename__ = "order_parcel"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    state: Mapped[str]
    lines: Mapped[list[dict[str, Any]]]
    tracking_number: Mapped[str]
    __table_args__ = (
        of_order(),
        Index("uq_order_parcel_parcel_id", "parcel_id", unique=True),
        Index("ix_order_parcel_tenant_id_order_id", "tenant_id", "order_id"),
    )


class ParcelOutcome(Base):
    """What was decided for the customer of a parcel that did not arrive: one decision for each parcel.

    `refund_minor` in minor units of the order's currency; `found_at` when the carrier delivered it after all.
    """

    __tablename__ = "parcel_outcome"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str]
    refund_minor: Mapped[int]
    replacement_id: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]
    found_at: Mapped[datetime | None]
    __table_args__ = (
        of_order(),
        ForeignKeyConstraint(["tenant_id", "parcel_id"], ["order_parcel.tenant_id", "order_parcel.parcel_id"]),
        Index("ix_parcel_outcome_tenant_id_order_id", "tenant_id", "order_id"),
        Index(
            "ix_parcel_outcome_tenant_id_replacement_id", "tenant_id", "replacement_id",
            postgresql_where=text("replacement_id <> ''"),
        ),
    )  # fmt: skip
