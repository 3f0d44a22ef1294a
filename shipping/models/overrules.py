from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class CartonOutcomeRow(Base):
    """What a packer did with a planned carton: took another one for a reason, or with reason "" the planned one.

    `mix` says how many units of each item there were. Plans that were followed are kept only where the same one was
    overruled before: nothing else is learned from them.
    """

    __tablename__ = "carton_outcome"
    __table_args__ = (
        Index("ix_carton_outcome_site_id_mix_key", "tenant_id", "site_id", "mix_key", "carton_code", "decided_at"),
        Index("ix_carton_outcome_site_id_decided_at", "site_id", "decided_at"),
    )
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    reference: Mapped[str]
    mix_key: Mapped[str]
    mix: Mapped[dict[str, Any]] = mapped_column(JSONB)
    carton_code: Mapped[str]
    chosen_code: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]


class CartonBarRow(Base):
    """A carton that is planned no more for a multiset of items at a site, until a lead takes it back."""

    __tablename__ = "carton_bar"
    __table_args__ = (
        Index(
            "uq_carton_bar_tenant_id_site_id_mix_key_carton_code", "tenant_id", "site_id", "mix_key", "carton_code",
            unique=True, postgresql_where=text("lifted_at is null"),
        ),
    )  # fmt: skip
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    mix_key: Mapped[str]
    mix: Mapped[dict[str, Any]] = mapped_column(JSONB)
    carton_code: Mapped[str]
    barred_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str]
