from pydantic import BaseModel, Field

from inventory.counts.domain import MAX_REASON
from inventory.web.schemas import PRINTABLE, Body, Code, LotCode, SiteBody, Sku
from kernel.quantity import MAX_QUANTITY

_BARCODE = r"^[^\x00]*$"


class CountRequestIn(SiteBody):
    """What is to be counted: a location, an item wherever it lies at the site, or an item in a location."""

    location_code: str = Field(default="", max_length=32, pattern=PRINTABLE, examples=["A-03-2-B"])
    sku: str = Field(default="", max_length=64, pattern=PRINTABLE, description="Staff name its merchant_id as well")
    reason: str = Field(min_length=1, max_length=MAX_REASON, pattern=PRINTABLE, examples=["A pallet fell over"])


class ZeroCheckIn(SiteBody):
    """What somebody sees in a bin from which the last unit should have gone."""

    location_code: Code
    barcode: str = Field(min_length=1, max_length=200, pattern=_BARCODE, examples=["4006381333931"])
    empty: bool = Field(examples=[False])


class CountEntryIn(Body):
    """What was counted: the scanned location and item, and how many base units lie there.

    Only an empty bin is counted without scanning an item.
    """

    location_code: Code
    barcode: str = Field(default="", max_length=200, pattern=_BARCODE, examples=["4006381333931"])
    counted: int = Field(ge=0, le=MAX_QUANTITY, examples=[22])


class CountApprovalIn(Body):
    """Which of the entries is booked, and why; where several lots lie, of which one."""

    lot: str | None = Field(default=None, max_length=64, pattern=PRINTABLE, examples=["L-2026-11"])
    number: int = Field(ge=1, le=1_000, examples=[2])
    reason: str = Field(min_length=1, max_length=MAX_REASON, pattern=PRINTABLE, examples=["Looked myself"])


class CountReasonIn(Body):
    """Why a count is made once more, or not at all."""

    reason: str = Field(min_length=1, max_length=MAX_REASON, pattern=PRINTABLE, examples=["Neither figure convinces"])


class CountIn(SiteBody):
    """What a cycle count found in one location."""

    sku: Sku
    location_code: Code
    counted: int = Field(ge=0, le=MAX_QUANTITY, examples=[22])
    lot: LotCode | None = Field(default=None, description="Which lot, where several lie")


class Difference(BaseModel):
    """Units that the count found above (or below) the book."""

    difference: int
