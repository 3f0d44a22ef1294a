from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class ExportTermsRow(Base):
    """Who exports a merchant's goods, and on which terms; empty where it is not known."""

    __tablename__ = "export_terms"
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    eori: Mapped[str]
    vat_number: Mapped[str]
    signer: Mapped[str]
    phone: Mapped[str]
    incoterm: Mapped[str]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class ParcelExportRow(Base):
    """What customs asks of a parcel's goods, as it was told when it was packed or since: `goods` has an entry for each
    line. `invoice_number` is that of its commercial invoice.
    """

    __tablename__ = "parcel_export"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    parcel_id: Mapped[str] = mapped_column(primary_key=True)
    invoice_number: Mapped[str]
    goods: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "parcel_id"], ["parcel.tenant_id", "parcel.id"]),)
