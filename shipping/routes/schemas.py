from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kernel.web.values import Day


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


DangerousKind = Literal["excepted", "excepted_on_ground", "limited_quantities", "fully_regulated"]
"""Batteries of special provision 188, those packed alone, limited quantities, and goods that travel with papers."""


class AddressOut(_Out):
    """Where a parcel goes; for a return, where it comes from."""

    name: str
    company: str
    street: str
    street2: str
    city: str
    region: str
    postal_code: str
    country: str = Field(examples=["DE"])
    phone: str
    email: str


class ContentOut(_Out):
    """Units of one order line in a parcel."""

    line_id: str
    item_id: str
    sku: str = Field(examples=["MUG-BLUE"])
    name: str
    quantity: int


class ParcelOut(_Out):
    """A parcel: sides in mm, weights in g, money in minor units of `currency`."""

    id: str = Field(examples=["par_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    tenant_id: str
    site_id: str
    kind: str = Field(description="outbound or return")
    order_id: str = Field(validation_alias="reference")
    customer_id: str = Field(validation_alias="party")
    state: str = Field(examples=["labelled"])
    clearance: str = Field(description="How the weight audit let it go: passed, released, not_weighed, or empty")
    sscc: str = Field(examples=["040123450000000016"])
    carton_code: str
    outer_mm: tuple[int, int, int]
    expected_g: int
    weight_g: int | None
    ship_to: AddressOut
    promised_on: date | None
    contents: list[ContentOut]
    carrier: str
    service: str
    tracking_number: str
    ship_date: date | None
    arrives_on: date | None
    manifest_id: str | None
    handed_over_at: datetime | None
    voided_at: datetime | None
    tracking_status: str = Field(examples=["in_transit"])
    tracking_reason: str
    tracking_flags: list[str]
    tracking_place: str = Field(description="A city at most", examples=["Leeds"])
    tracked_at: datetime | None
    delivered_at: datetime | None


class ParcelPage(_Out):
    """Parcels, newest first; `next` is the cursor of the next page."""

    items: list[ParcelOut]
    next: str | None


class AuditOut(_Out):
    """The judgement of a reading: PASS, RECHECK (weigh once more) or HOLD, with likely causes in words."""

    parcel_id: str
    decision: str = Field(examples=["PASS"])
    attempt: int
    reading_g: int
    expected_g: int
    sigma_g: float
    difference_g: int
    explanations: list[str] = Field(examples=[["1 x MUG-BLUE is missing."]])
    unseen_skus: list[str] = Field(description="Items so light that weight cannot vouch for their number")
    caution: str
    weighed_by: str
    weighed_at: datetime
    typed: str = Field(default="", description="Why a person typed it, in words; empty for a scale's own reading")


class HeldOut(_Out):
    """A held parcel and the reading that stopped it."""

    parcel: ParcelOut
    audit: AuditOut


class HeldList(_Out):
    """What the weight audit holds, longest waiting first."""

    items: list[HeldOut]


class ReleaseIn(_In):
    """Why a held parcel may go."""

    reason: str = Field(min_length=3, max_length=500, examples=["Catalog weight of MUG-BLUE is wrong"])
    evidence: str = Field(min_length=3, max_length=1_000, examples=["Opened, 3 of 3 counted, photo 4711"])
    contents_confirmed: bool = Field(default=False, description="The contents were seen to be right: learn from them")


class VoidIn(_In):
    """Why a parcel is given up."""

    reason: str = Field(min_length=3, max_length=500, examples=["Carton damaged before loading"])
    carton_reusable: bool = Field(default=False, description="The carton is on hand again, where the site counts it")


class LabelOut(_Out):
    """A label, wanted (`requested`) or bought (`purchased`). `saved_minor` is against the site's baseline service."""

    label_id: str
    parcel_id: str
    state: str
    carrier: str
    service: str
    price_minor: int
    currency: str
    saved_minor: int
    why: str
    ship_date: date
    arrives_on: date | None
    tracking_number: str


class QuoteOut(_Out):
    """One service's price for a parcel; the losing ones are kept as well."""

    rank: int
    carrier: str
    service: str
    price_minor: int
    currency: str
    arrives_on: date | None
    chosen: bool
    refused: str = Field(description="Why it does not take the dangerous goods inside, or empty")


class QuoteList(_Out):
    """Quotes, cheapest first."""

    items: list[QuoteOut]


class RatesIn(_In):
    """A parcel to be priced: outer sides in mm, gross weight in g."""

    site_id: str | None = Field(default=None, description="Left out: the site that handles the merchant's goods")
    length_mm: int = Field(gt=0, le=10_000, examples=[306])
    width_mm: int = Field(gt=0, le=10_000, examples=[226])
    height_mm: int = Field(gt=0, le=10_000, examples=[96])
    weight_g: int = Field(gt=0, le=2_000_000, examples=[1850])
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["DE"])]
    postal_code: str = Field(default="", max_length=20, examples=["04109"])
    residential: bool = True
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
    service_level: str = Field(default="standard", pattern="^(economy|standard|express)$")
    promised_on: Day | None = None
    dangerous_goods: list[DangerousKind] = Field(default=[], max_length=4, description="kinds inside, none left out")


class RatesOut(_Out):
    """Every service's price, cheapest first, and the one we would take, with the reason."""

    items: list[QuoteOut]
    why: str
    saved_minor: int


class ScanOut(_Out):
    """One scan in plain words."""

    occurred_at: datetime
    status: str
    sentence: str = Field(examples=["Out for delivery in Leeds"])
    place: str
    code: str


class TrackingOut(_Out):
    """Where a parcel is, with all its scans, newest first."""

    parcel: ParcelOut
    scans: list[ScanOut]


class ManifestIn(_In):
    """What to close: a carrier's parcels of a day, told in the site's own time."""

    site_id: str
    carrier: str = Field(min_length=1, max_length=60, examples=["swift_parcel"])
    ship_date: Day


class HandOverIn(_In):
    """Who took the parcels, and which stay behind."""

    driver: str = Field(default="", max_length=200)
    left_behind: list[str] = Field(
        default=[], max_length=10_000,
        description="Ids of the parcels that nobody scanned onto the truck, to confirm that they stay: those that the"
        " refusal `not_all_loaded` names",
    )  # fmt: skip


class ManifestOut(_Out):
    """A closed manifest. `reconciliation` counts what is on it and what stays behind, by reason."""

    id: str = Field(examples=["man_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    site_id: str
    carrier: str
    ship_date: date
    state: str
    content_hash: str
    parcel_count: int
    total_weight_g: int
    total_cost_minor: int
    reconciliation: dict[str, int]
    closed_at: datetime
    closed_by: str
    transmitted_at: datetime | None
    transmit_error: str
    handed_over_at: datetime | None
    driver: str
    pulled: int = Field(description="how many of its parcels were taken off it before it was loaded")


class ManifestPage(_Out):
    """Manifests, newest first."""

    items: list[ManifestOut]
    next: str | None


class CutOffOut(_Out):
    """Until when a service takes parcels next; `ship_date` is that collection's day at the site."""

    carrier: str
    service: str
    carrier_name: str
    service_name: str
    at_utc: datetime
    ship_date: date


class CutOffList(_Out):
    """Cut-offs, soonest first."""

    items: list[CutOffOut]


class QuarantineOut(_Out):
    """A carrier's message that belongs to no parcel, and why."""

    id: str
    carrier: str
    tracking_number: str
    why: str
    received_at: datetime


class QuarantineList(_Out):
    """Quarantined messages, newest first."""

    items: list[QuarantineOut]


class IntakeOut(_Out):
    """What became of a carrier's message."""

    recorded: int
    repeated: int
    quarantined: int
