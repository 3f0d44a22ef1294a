from typing import Literal

from pydantic import Field

from inventory.trade.domain import MAX_NET_QUANTITY, MAX_SHIPPING_NAME
from inventory.web.schemas import Body


class TradeFactsIn(Body):
    """All that customs and carriers of dangerous goods have to know of an item; what is left out is not known."""

    hs_code: str = Field(default="", max_length=20, examples=["691200"], description="6 to 10 digits")
    country_of_origin: str = Field(default="", max_length=2, examples=["DE"], description="ISO 3166-1 alpha-2")
    un_number: str = Field(default="", max_length=6, examples=["UN1950"], description="of dangerous goods")
    proper_shipping_name: str = Field(
        default="", max_length=MAX_SHIPPING_NAME, examples=["AEROSOLS"], description="left out: the item's name"
    )
    hazard_class: str = Field(default="", max_length=3, examples=["2.1"], description="class or division")
    packing_group: str = Field(default="", max_length=3, examples=["II"], description="I, II, III or empty")
    limited_quantity: bool = Field(default=False, description="its units travel as limited quantities")
    subsidiary_hazards: str = Field(default="", max_length=40, examples=["6.1"], description="further classes")
    tunnel_code: str = Field(default="", max_length=6, examples=["D/E"], description="ADR 8.6, without brackets; or -")
    net_quantity: int = Field(
        default=0, ge=0, le=MAX_NET_QUANTITY, examples=[400], description="dangerous goods in a unit; 0 is not known"
    )
    net_unit: Literal["g", "ml"] = Field(default="g", description="what the net quantity is told in")
    battery_mark: bool = Field(default=False, description="small batteries with the mark of special provision 188")
