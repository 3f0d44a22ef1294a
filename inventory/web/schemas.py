from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from inventory.domain.lots import MAX_LOT
from kernel.quantity import MAX_QUANTITY

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Sku = Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE, examples=["MUG-0042"])]
Word = Annotated[str, Field(max_length=64, pattern=PRINTABLE)]
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=PRINTABLE, examples=["A-03-2-B"])]
Reason = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE, examples=["found"])]
Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY, examples=[24])]
LotCode = Annotated[str, Field(max_length=MAX_LOT, pattern=PRINTABLE, examples=["L2403-A"])]


class Body(BaseModel):
    """A request body: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MerchantBody(Body):
    """A body about one merchant's goods; API keys leave `merchant_id` out."""

    merchant_id: Word = Field(default="", description="Only for staff: whose goods these are")


class SiteBody(MerchantBody):
    """A body about goods at a site."""

    site: Word = Field(default="", description="Code of the site; the first that serves the merchant if left out")
