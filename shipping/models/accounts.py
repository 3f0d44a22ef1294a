from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class CarrierAccountRow(Base):
    """An account at a real carrier: a merchant's, or with no tenant the house's own.

    `connector` names the carrier in the library. `sealed` holds all settings under the house's key; `shown` repeats
    those that are no secret. `tried_*` tell how the last try went.
    """

    __tablename__ = "carrier_account"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str | None] = mapped_column(ForeignKey("merchant.id"), index=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str]
    connector: Mapped[str]
    test_mode: Mapped[bool]
    server_url: Mapped[str]
    shown: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    changed_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    tried_well: Mapped[bool | None]
    tried_said: Mapped[str] = mapped_column(server_default="")
    closed_at: Mapped[datetime | None]


class CarrierRouteRow(Base):
    """A service of a site that is bought through an account, by the code under which the carrier knows it."""

    __tablename__ = "carrier_route"
    account_id: Mapped[str] = mapped_column(ForeignKey("carrier_account.id"), primary_key=True)
    carrier: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    tenant_id: Mapped[str | None] = mapped_column(ForeignKey("merchant.id"), index=True)
    service_code: Mapped[str]
    __table_args__ = (
        UniqueConstraint(
            "site_id", "tenant_id", "carrier", "service", name="uq_carrier_route_site_id",
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip


class CarrierLabelRow(Base):
    """What a real carrier has to do with a label of ours.

    `asked_at` is when its purchase was sent last, while nobody knows whether it took hold; None when that is known.
    """

    __tablename__ = "carrier_label"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    label_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("carrier_account.id"), index=True)
    service_code: Mapped[str]
    asked_at: Mapped[datetime | None]
    shipment_identifier: Mapped[str] = mapped_column(server_default="")
    media_type: Mapped[str] = mapped_column(server_default="")
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    track_due_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "label_id"], ["label.tenant_id", "label.id"]),
        Index("ix_carrier_label_track_due_at", "track_due_at", postgresql_where=text("track_due_at is not null")),
        Index("ix_carrier_label_asked_at", "asked_at", postgresql_where=text("asked_at is not null")),
    )
