from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Content:
    """Units of one order line; weight in g and sides in mm of one unit.

    On fragile units only fragile ones lie, and at most `max_load_g` on each unit, None for no limit. `kept_apart` says
    why they share no carton with other goods, "" if they may; units with `own_container` go into no carton at all.
    Lines with the same `pack_with` share one carton wherever one holds them all, "" for none. Units that are
    `mailer_ok` may go into a mailer, if they need no other care. `dangerous_goods` is the kind of these that they are,
    "" for none.
    """

    item_id: str
    line_id: str
    sku: str
    name: str
    quantity: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    keep_upright: bool = False
    fragile: bool = False
    kept_apart: str = ""
    max_load_g: int | None = None
    own_container: bool = False
    pack_with: str = ""
    mailer_ok: bool = False
    dangerous_goods: str = ""


@dataclass(frozen=True, slots=True)
class ShipTo:
    """An address with a person behind it: personal data, which never goes into events."""

    name: str
    street: str
    city: str
    postal_code: str
    country: str
    company: str = ""
    street2: str = ""
    region: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel as others see it. Sides and weights in mm and g, money in minor units of `currency`."""

    tenant_id: str
    id: str
    site_id: str
    kind: str
    reference: str
    party: str
    state: str
    clearance: str
    sscc: str
    carton_code: str
    outer_mm: tuple[int, int, int]
    expected_g: int
    weight_g: int | None
    ship_to: ShipTo
    service_level: str
    promised_on: date | None
    value_minor: int
    currency: str
    tote: str
    packed_by: str
    packed_at: datetime
    contents: tuple[Content, ...]
    label_id: str | None
    carrier: str
    service: str
    tracking_number: str
    ship_date: date | None
    arrives_on: date | None
    manifest_id: str | None
    handed_over_at: datetime | None
    voided_at: datetime | None
    tracking_status: str
    tracking_reason: str
    tracking_flags: tuple[str, ...]
    tracking_place: str
    tracked_at: datetime | None
    delivered_at: datetime | None
    tare_proof: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ScaleView:
    """A scale of a site with a valid calibration; its step and its greatest load in g. One that is `in_motion` weighs
    parcels on their way, not at a bench.
    """

    code: str
    interval_g: int
    max_g: int
    calibrated_until: date
    in_motion: bool = False


@dataclass(frozen=True, slots=True)
class AuditView:
    """The judgement of one reading: PASS, RECHECK or HOLD, the figures behind it in g, and likely causes in words.

    `typed` says why a person typed the reading, in words; it is empty for one that the scale told itself.
    """

    parcel_id: str
    decision: str
    attempt: int
    reading_g: int
    expected_g: int
    sigma_g: float
    difference_g: int
    explanations: tuple[str, ...]
    unseen_skus: tuple[str, ...]
    caution: str
    weighed_by: str
    weighed_at: datetime
    typed: str = ""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """An intent to buy a label, or what came of it; `label_id` is the carrier's idempotency key.

    `state` is requested, purchased, refused or voided. `tracking_number` is drawn from our own number range and may be
    replaced by the carrier's answer.
    """

    tenant_id: str
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


@dataclass(frozen=True, slots=True)
class QuoteView:
    """One service's price and arrival for a parcel. `details` say zone, billed weight and surcharges, and why it was
    `refused`, if it does not take the dangerous goods inside.
    """

    rank: int
    carrier: str
    service: str
    price_minor: int
    currency: str
    arrives_on: date | None
    chosen: bool
    details: dict[str, Any]

    @property
    def refused(self) -> str:
        """Why the service does not take the dangerous goods inside, "" where it does."""
        return str(self.details.get("refused", ""))


@dataclass(frozen=True, slots=True)
class ExpectedDelivery:
    """How goods that are not packed yet would travel: who takes them, on which day it collects and delivers."""

    carrier: str
    service: str
    carrier_name: str
    service_name: str
    ship_on: date
    delivery_on: date


@dataclass(frozen=True, slots=True)
class ManifestView:
    """What a carrier takes in one collection; `reconciliation` counts what is on it and what stays behind, and why.

    `pulled` of its `parcel_count` parcels were taken off it before it was loaded, or left behind.
    """

    id: str
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
    pulled: int


@dataclass(frozen=True, slots=True)
class CutOff:
    """The next instant until which a service still takes today's (or the next working day's) parcels.

    `level` is its service level, empty while it has no rates.
    """

    carrier: str
    service: str
    carrier_name: str
    service_name: str
    at_utc: datetime
    ship_date: date
    level: str = ""


@dataclass(frozen=True, slots=True)
class ScanView:
    """One scan of a parcel in plain words; `place` is a city at most."""

    occurred_at: datetime
    status: str
    sentence: str
    place: str
    code: str


@dataclass(frozen=True, slots=True)
class QuarantinedScan:
    """A carrier's message that belongs to no parcel we know, or that could not be read, and why."""

    id: str
    carrier: str
    tracking_number: str
    why: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """How many parcels of a site wait for the scale, a person, a label, a manifest, and the driver."""

    to_weigh: int
    held: int
    to_label: int
    to_manifest: int
    to_hand_over: int


@dataclass(frozen=True, slots=True)
class ScanCounts:
    """What became of a delivery of scans: new ones, repetitions, and those whose parcel is not known."""

    recorded: int
    repeated: int
    quarantined: int
