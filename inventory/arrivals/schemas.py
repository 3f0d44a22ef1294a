from pydantic import Field

from inventory.arrivals.domain import MAX_LINES, MAX_NOTE, MAX_SUPPLIER
from inventory.serials.schemas import Serials
from inventory.web.schemas import PRINTABLE, Body, LotCode, Quantity, SiteBody, Sku
from kernel.web.values import Day


class ArrivalLineIn(Body):
    """How many base units of an item will come; on which plate, of which lot, good until when, if that is known."""

    sku: Sku
    quantity: Quantity
    sscc: str = Field(default="", pattern=r"^([0-9]{18})?$", examples=["340123450000000018"])
    lot: LotCode = ""
    expires_on: Day | None = Field(default=None, examples=["2027-03-31"])


class ArrivalIn(SiteBody):
    """What will come to a site, and on which day."""

    external_id: str = Field(min_length=1, max_length=64, pattern=PRINTABLE, examples=["ASN-2025-0117"])
    supplier: str = Field(default="", max_length=MAX_SUPPLIER, pattern=PRINTABLE, examples=["Emaillewerk Thale"])
    expected_on: Day = Field(examples=["2026-12-01"])
    note: str = Field(default="", max_length=MAX_NOTE, pattern=PRINTABLE)
    lines: list[ArrivalLineIn] = Field(min_length=1, max_length=MAX_LINES)


class ArrivalReceiptIn(Body):
    """Units that came: what was scanned, how many, what they are like and where they lie.

    Damaged units need no location; an item that was not announced needs a reason. Lot, expiry date and serial number
    are taken from the scan where it carries them; of several units that have serial numbers, all are listed.
    """

    barcode: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$", examples=["4006381333931"])
    quantity: Quantity
    condition: str = Field(default="good", pattern="^(good|damaged)$", examples=["good"])
    location_code: str = Field(default="", max_length=32, pattern=PRINTABLE, examples=["A-03-2-B"])
    reason: str = Field(default="", max_length=200, pattern=PRINTABLE)
    lot: LotCode = ""
    expires_on: Day | None = Field(default=None, examples=["2027-03-31"])
    serials: Serials = Field(default=[])


class ArrivalCloseIn(Body):
    """The end of an arrival."""

    missing: int | None = Field(default=None, ge=0, description="How many missing units you agree to; left out: any")
