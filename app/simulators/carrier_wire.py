from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

Carrier = Literal["swift_parcel", "northpost", "cargo_line"]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Side = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a parcel starts or ends."""

    name: Line
    street: Line
    city: Line
    postal_code: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    region: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Quote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price that the shipper was quoted under its contract."""

    amount_minor: Annotated[int, msgspec.Meta(ge=0)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class ShipmentOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request for a label. `reference` is the shipper's own and makes the request repeatable.

    With `tracking_number` the shipper wrote the label already, from a number range of its own.
    """

    reference: Reference
    carrier: Carrier
    service: str
    weight_g: Annotated[int, msgspec.Meta(ge=1)]
    length_mm: Side
    width_mm: Side
    height_mm: Side
    ship_from: Address
    ship_to: Address
    quote: Quote | None = None
    tracking_number: Annotated[str, msgspec.Meta(max_length=40)] = ""


class ManifestOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A closed list of parcels. Without `handed_over_at` they count as handed over when the list arrives."""

    reference: Reference
    carrier: Carrier
    ship_date: date
    tracking_numbers: Annotated[list[str], msgspec.Meta(min_length=1, max_length=2_000)]
    handed_over_at: Moment | None = None


class Advance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new time for the simulator's clock."""

    to: Moment


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong with the API: seconds of latency, and shares of requests refused or cut after they took hold."""

    latency_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    error_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    cut_after_commit_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
