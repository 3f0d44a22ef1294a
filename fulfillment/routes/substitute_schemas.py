from typing import Literal

from pydantic import Field

from fulfillment.routes.schemas import Minor, Name, Strict

MAX_SUBSTITUTES = 20


class SubstituteIn(Strict):
    """An item that may go out instead of another."""

    sku: Name = Field(examples=["PEN-BLUE-M"])
    price_rule: Literal["same", "lower", "never_more"] = Field(
        default="never_more", description="What the customer pays for it; never more than for what was ordered",
    )  # fmt: skip
    unit_price_minor: Minor | None = Field(default=None, examples=[1199], description="Its own price")


class SubstitutesIn(Strict):
    """The items that may go out instead of one, the best first."""

    substitutes: list[SubstituteIn] = Field(max_length=MAX_SUBSTITUTES)


class SubstitutesCsvIn(Strict):
    """A file with the columns sku, substitute_sku, price_rule and unit_price_minor."""

    csv: str = Field(max_length=1_000_000, examples=["sku,substitute_sku,price_rule,unit_price_minor\nA,B,same,\n"])


class AnswerIn(Strict):
    """What a customer chose, or an agent for them."""

    choice: Literal["wait", "substitute", "leave_out", "cancel"] = Field(examples=["substitute"])
