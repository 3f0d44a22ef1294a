"""The double of the port to carriers: it obeys, and keeps what it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shipping.domain.tracking_numbers import is_valid_tracking_number, tracking_number
from shipping.gateways.carriers import (
    LabelRequest,
    ManifestAcknowledged,
    ManifestOutcome,
    ManifestRequest,
    Purchased,
    PurchaseOutcome,
    RawScan,
    Refused,
    TrackingHistory,
    TrackingOutcome,
    Unavailable,
    UnknownOutcome,
    Voided,
    VoidOutcome,
    refusal_of,
)


@dataclass(slots=True)
class RecordingCarrier:
    """An obedient carrier in memory that keeps what it was asked.

    Attributes:
        answers: an outcome by reference that is given instead of the usual one.
        scans: what tracking tells, by number.
    """

    answers: dict[str, Refused | Unavailable | UnknownOutcome] = field(default_factory=dict)
    scans: Mapping[str, tuple[RawScan, ...]] = field(default_factory=dict)
    labels: dict[str, tuple[LabelRequest, Purchased]] = field(default_factory=dict)
    manifests: dict[str, ManifestRequest] = field(default_factory=dict)
    voided: list[str] = field(default_factory=list)

    def purchase_label(self, request: LabelRequest) -> PurchaseOutcome:
        """Sell at the quoted price, once for each reference."""
        if request.reference in self.answers:
            return self.answers[request.reference]
        refusal = refusal_of(request)
        if refusal is not None:
            return refusal
        if request.reference not in self.labels:
            number = tracking_number(request.carrier, len(self.labels) + 1)
            self.labels[request.reference] = (request, Purchased(number, request.quote))
        return self.labels[request.reference][1]

    def register_label(self, request: LabelRequest, tracking_number: str) -> PurchaseOutcome:
        """Take a label with the caller's number, once for each reference."""
        if request.reference in self.answers:
            return self.answers[request.reference]
        refusal = refusal_of(request)
        if refusal is None and not is_valid_tracking_number(request.carrier, tracking_number):
            refusal = Refused("invalid_number", "The number is none of this carrier's", (tracking_number,))
        if refusal is None and self._is_taken(request.reference, tracking_number):
            refusal = Refused("number_taken", "The number belongs to another shipment", (tracking_number,))
        if refusal is not None:
            return refusal
        return self.labels.setdefault(request.reference, (request, Purchased(tracking_number, request.quote)))[1]

    def void_label(self, *, carrier: str, reference: str, tracking_number: str) -> VoidOutcome:  # noqa: ARG002 - the port's names
        """Take back a label that was sold here and is on no manifest."""
        if reference in self.answers:
            return self.answers[reference]
        if tracking_number not in self._sold():
            return Refused("not_found", "There is no shipment with this number")
        if any(tracking_number in manifest.tracking_numbers for manifest in self.manifests.values()):
            return Refused("already_manifested", "The parcel is on a manifest", (tracking_number,))
        if tracking_number not in self.voided:
            self.voided.append(tracking_number)
        return Voided(tracking_number)

    def transmit_manifest(self, request: ManifestRequest) -> ManifestOutcome:
        """Take the list if all its parcels were sold here and not voided."""
        if request.reference in self.answers:
            return self.answers[request.reference]
        unfit = tuple(n for n in request.tracking_numbers if n not in self._sold() or n in self.voided)
        if unfit:
            return Refused("unfit_parcels", "Parcels are unknown or voided", unfit)
        self.manifests[request.reference] = request
        return ManifestAcknowledged(f"ack-{request.reference}")

    def fetch_tracking(self, *, carrier: str, tracking_number: str) -> TrackingOutcome:  # noqa: ARG002 - the port's names
        """Tell the scans given at the start."""
        if tracking_number not in self._sold():
            return Refused("not_found", "There is no shipment with this number")
        return TrackingHistory(self.scans.get(tracking_number, ()))

    def _is_taken(self, reference: str, tracking_number: str) -> bool:
        known = self.labels.get(reference)
        return known[1].tracking_number != tracking_number if known else tracking_number in self._sold()

    def _sold(self) -> set[str]:
        return {label.tracking_number for _, label in self.labels.values()}
