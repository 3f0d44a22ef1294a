from pydantic import Field

from inventory.serials.schemas import Serials
from inventory.web.schemas import PRINTABLE, Body, Code, LotCode, Quantity, SiteBody, Word
from kernel.web.values import Day

_SSCC = Field(default="", max_length=64, pattern=r"^[^\x00]*$", examples=["340123450000000018"])


class PlateIn(SiteBody):
    """A plate that comes into use: with its sender's SSCC, or with one of ours; where it lies, if it does."""

    sscc: str = _SSCC
    location_code: str = Field(default="", max_length=32, pattern=PRINTABLE, examples=["DOCK-1"])


class PlateLoadIn(Body):
    """Units beside a plate that are put on it."""

    barcode: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$", examples=["4006381333931"])
    quantity: Quantity
    lot: LotCode = ""
    serials: Serials = Field(default=[])


class PlateMoveIn(Body):
    """Where a plate is put down."""

    to_code: Code


class PlateNestIn(Body):
    """The SSCC of the plate that it is put on."""

    parent: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$", examples=["340123450000000018"])


class PlateLineIn(Body):
    """Units on a plate that was not announced, as they are scanned."""

    barcode: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$", examples=["4006381333931"])
    quantity: Quantity
    lot: LotCode = ""
    expires_on: Day | None = Field(default=None, examples=["2027-03-31"])
    serials: Serials = Field(default=[])


class PlateReceiptIn(Body):
    """A plate of an arrival: all that was announced on it, or `lines` if they say what is."""

    sscc: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$", examples=["340123450000000018"])
    location_code: Code
    lines: list[PlateLineIn] = Field(default=[], max_length=200)
    reason: Word = ""
