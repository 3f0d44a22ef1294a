from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class BillOfLadingRow(Base):
    """The number of a manifest's bill of lading, given once, and what the carrier told about its collection."""

    __tablename__ = "bill_of_lading"
    manifest_id: Mapped[str] = mapped_column(ForeignKey("manifest.id"), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), index=True)
    carrier: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    scac: Mapped[str]
    pro_number: Mapped[str]
    trailer: Mapped[str]
    seal: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
