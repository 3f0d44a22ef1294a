from typing import Annotated

from pydantic import Field

from inventory.serials.domain import MAX_SERIAL
from inventory.web.schemas import PRINTABLE, Body, Reason, Word

SerialNumber = Annotated[str, Field(min_length=1, max_length=MAX_SERIAL, pattern=PRINTABLE, examples=["SN-20417"])]
Serials = Annotated[list[SerialNumber], Field(max_length=1_000)]


class SerialsIn(Body):
    """Serial numbers of units that lie in a site since before their item was tracked."""

    site: Word = Field(default="", description="Code of the site; the first that serves the merchant if left out")
    serials: list[SerialNumber] = Field(min_length=1, max_length=1_000)


class SerialWriteOffIn(Body):
    """A serial number whose unit is gone, and why."""

    serial: SerialNumber
    reason: Reason
