"""The port to carriers: labels, voids, manifests and tracking, with every end of a call named."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kernel.money import Money
from shipping.domain.exports import CustomsFacts
from shipping.domain.tracking_numbers import is_valid_tracking_number, tracking_number


@dataclass(frozen=True, slots=True)
class CarrierAddress:
    """Where a parcel starts or ends; `country` is ISO 3166-1 alpha-2."""

    name: str
    street: str
    city: str
    postal_code: str
    country: str
    region: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A label to buy. Weight in g, sides in mm.

    Attributes:
        reference: our label id; the same one never buys twice.
        quote: the price that was quoted for it.
        serial: our own number for it, from which a carrier without an API gets its tracking number.
        is_return: the parcel comes back to us, with a label that we pay for.
        customs: what customs is told of a parcel that leaves its customs area, None for one that does not.
    """

    reference: str
    carrier: str
    service: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    ship_from: CarrierAddress
    ship_to: CarrierAddress
    quote: Money
    serial: int | None = None
    is_return: bool = False
    customs: CustomsFacts | None = None


@dataclass(frozen=True, slots=True)
class ManifestRequest:
    """A closed list of parcels for one carrier; `reference` is our manifest id."""

    reference: str
    carrier: str
    ship_date: date
    tracking_numbers: tuple[str, ...]
    handed_over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RawScan:
    """A scan as the carrier said it: its own code, and its local time with the offset. `weight_g` is what the parcel
    weighed there, where the carrier tells it.
    """

    carrier: str
    tracking_number: str
    raw_code: str
    raw_text: str
    occurred_at: datetime
    place: str
    event_id: str
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class LabelDocument:
    """A label as its carrier drew it: `media_type` is application/pdf or application/zpl."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Purchased:
    """The label is ours. A carrier that draws its labels itself gives the document, and the id that voids it."""

    tracking_number: str
    cost: Money
    shipment_identifier: str = ""
    document: LabelDocument | None = None


@dataclass(frozen=True, slots=True)
class Voided:
    """The label costs nothing and carries no parcel any more."""

    tracking_number: str


@dataclass(frozen=True, slots=True)
class ManifestAcknowledged:
    """The carrier has the list."""

    carrier_reference: str


@dataclass(frozen=True, slots=True)
class TrackingHistory:
    """What the carrier has scanned so far, in order of time."""

    scans: tuple[RawScan, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier declined; the same request will be declined again."""

    code: str
    detail: str
    tracking_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing happened; the same request may be made again, after `retry_after_s` where the carrier named it."""

    detail: str
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class UnknownOutcome:
    """The request may or may not have taken hold, and asking about it failed too. Repeat it with its reference."""

    detail: str


PurchaseOutcome = Purchased | Refused | Unavailable | UnknownOutcome
VoidOutcome = Voided | Refused | Unavailable | UnknownOutcome
ManifestOutcome = ManifestAcknowledged | Refused | Unavailable | UnknownOutcome
TrackingOutcome = TrackingHistory | Refused | Unavailable


class CarrierGateway(Protocol):
    """A carrier, one call at a time. Never raises for what the carrier or the network does.

    Each call may be repeated with the same reference or number: it takes effect once.
    """

    def purchase_label(self, request: LabelRequest) -> PurchaseOutcome:
        """Buy a label."""
        ...

    def register_label(self, request: LabelRequest, tracking_number: str) -> PurchaseOutcome:
        """Tell the carrier of a label that we wrote from our own number range before it could be asked."""
        ...

    def void_label(self, *, carrier: str, reference: str, tracking_number: str) -> VoidOutcome:
        """Take a label back before it is on a manifest."""
        ...

    def transmit_manifest(self, request: ManifestRequest) -> ManifestOutcome:
        """Hand over a closed list of parcels; the carrier takes all of them or none."""
        ...

    def fetch_tracking(self, *, carrier: str, tracking_number: str) -> TrackingOutcome:
        """Ask for all scans of a parcel."""
        ...


@dataclass(frozen=True, slots=True)
class OfflineCarrier:
    """A carrier without an API: numbers come from our own serials, prices from our own tables.

    It keeps nothing. The same request gives the same answer, since the caller has tied a serial to the reference.
    """

    def purchase_label(self, request: LabelRequest) -> PurchaseOutcome:
        """Write the tracking number of the request's serial, at the quoted price."""
        refusal = refusal_of(request)
        if refusal is not None:
            return refusal
        if request.serial is None:
            return Refused("serial_missing", "A carrier without an API needs a serial of ours")
        try:
            return Purchased(tracking_number(request.carrier, request.serial), request.quote)
        except ValueError as error:
            return Refused("no_number", str(error))

    def register_label(self, request: LabelRequest, tracking_number: str) -> PurchaseOutcome:
        """Agree: the number is our own."""
        refusal = refusal_of(request)
        if refusal is None and not is_valid_tracking_number(request.carrier, tracking_number):
            refusal = Refused("invalid_number", "The number is none of this carrier's", (tracking_number,))
        return refusal or Purchased(tracking_number, request.quote)

    def void_label(self, *, carrier: str, reference: str, tracking_number: str) -> VoidOutcome:  # noqa: ARG002 - the port's names
        """Agree: the carrier never heard of the label."""
        if not is_valid_tracking_number(carrier, tracking_number):
            return Refused("not_found", "The number is none of this carrier's")
        return Voided(tracking_number)

    def transmit_manifest(self, request: ManifestRequest) -> ManifestOutcome:
        """Agree, under our own reference: the driver takes the printed list."""
        unfit = tuple(n for n in request.tracking_numbers if not is_valid_tracking_number(request.carrier, n))
        if unfit:
            return Refused("unfit_parcels", "These numbers are none of this carrier's", unfit)
        return ManifestAcknowledged(request.reference)

    def fetch_tracking(self, *, carrier: str, tracking_number: str) -> TrackingOutcome:
        """Know nothing: without an API there are no scans to fetch."""
        if not is_valid_tracking_number(carrier, tracking_number):
            return Refused("not_found", "The number is none of this carrier's")
        return TrackingHistory(())


def refusal_of(request: LabelRequest) -> Refused | None:
    """Return why no carrier takes such a request, None where one may."""
    if min(request.weight_g, request.length_mm, request.width_mm, request.height_mm) < 1:
        return Refused("invalid_request", "Weight and sides are at least 1")
    return None
