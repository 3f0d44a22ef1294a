from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fulfillment.models.orders import of_order
from kernel.db.base import Base


class ItemSubstitute(Base):
    """An item that may go out instead of another of the same merchant; the lowest `rank` first. Its own price in minor
    units of the merchant's currency, None while it is not known.
    """

    __tablename__ = "item_substitute"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    substitute_id: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int]
    price_rule: Mapped[str]
    unit_price_minor: Mapped[int | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class CustomerQuestion(Base):
    """What a customer is asked about units that are missing: so many of a line, and what could go out instead, at which
    price of one. It is open while `choice` is empty; `hold_id` is the hold of the order that waits for it.
    """

    __tablename__ = "customer_question"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    line_id: Mapped[str]
    substitute_id: Mapped[str]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int]
    on_silence: Mapped[str]
    hold_id: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    choice: Mapped[str]
    answered_by: Mapped[str]
    answered_at: Mapped[datetime | None]
    __table_args__ = (
        of_order(),
        ForeignKeyConstraint(["tenant_id", "line_id"], ["order_line.tenant_id", "order_line.id"]),
        Index("ix_customer_question_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_customer_question_due_at", "due_at", postgresql_where=text("choice = ''")),
        Index(
            "uq_customer_question_tenant_id_line_id", "tenant_id", "line_id", unique=True,
            postgresql_where=text("choice = ''"),
        ),
    )  # fmt: skip


class ShortReport(Base):
    """A short pick, what became of it in words, and which other orders relied on the bin (`touched`)."""

    __tablename__ = "short_report"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    order_id: Mapped[str]
    line_id: Mapped[str]
    item_id: Mapped[str]
    location_code: Mapped[str]
    expected: Mapped[int]
    found: Mapped[int]
    elsewhere: Mapped[int]
    missing: Mapped[int]
    reason: Mapped[str]
    became: Mapped[str]
    touched: Mapped[list[dict[str, Any]]]
    at: Mapped[datetime]
    reported_by: Mapped[str]
    __table_args__ = (of_order(), Index("ix_short_report_site_id_at", "site_id", "at"))
