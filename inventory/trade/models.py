from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from inventory.models import of_item
from kernel.db.base import Base


class TradeFactsRow(Base):
    """What customs and carriers of dangerous goods have to know of an item; empty where it is not known."""

    __tablename__ = "item_trade"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    hs_code: Mapped[str]
    country_of_origin: Mapped[str]
    un_number: Mapped[str]
    proper_shipping_name: Mapped[str]
    hazard_class: Mapped[str]
    packing_group: Mapped[str]
    limited_quantity: Mapped[bool]
    subsidiary_hazards: Mapped[str] = mapped_column(server_default="")
    tunnel_code: Mapped[str] = mapped_column(server_default="")
    net_quantity: Mapped[int] = mapped_column(server_default="0")
    net_unit: Mapped[str] = mapped_column(server_default="g")
    battery_mark: Mapped[bool] = mapped_column(server_default="false")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    __table_args__ = (of_item(),)
