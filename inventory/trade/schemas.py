from pydantic import Field

from inventory.trade.domain import MAX_SHIPPING_NAME
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
