from dataclasses import dataclass, field
from typing import Any, ClassVar

from kernel.events import Audience, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelEvent(Event):
    """A fact about one parcel; `lines` are its contents as `{line_id, item_id, quantity}`."""

    parcel_id: str
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stream(self) -> str:
        """The order's stream, or the parcel's own when it belongs to no order."""
        return self.order_id or self.parcel_id

    @property
    def units(self) -> int:
        """How many units are in the parcel."""
        return sum(int(line["quantity"]) for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPacked(ParcelEvent):
    """A carton was closed and has its license plate."""

    TYPE: ClassVar[str] = "shipping.parcel_packed.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    sscc: str
    carton_code: str
    expected_g: int
    kind: str = "outbound"

    def summary(self) -> str:
        """Say what was packed."""
        return f"Packed {_items(self.units)} into a parcel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelTareKnown(ParcelEvent):
    """The empty container of a parcel that is not in one of the site's cartons was weighed, or its tare stated."""

    TYPE: ClassVar[str] = "shipping.parcel_tare_known.v1"
    tare_g: int
    how: str

    def summary(self) -> str:
        """Say what it weighs, and how that is known."""
        return f"Empty container {self.how}: {self.tare_g:,} g"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelWeighed(ParcelEvent):
    """A reading was judged against what the parcel should weigh."""

    TYPE: ClassVar[str] = "shipping.parcel_weighed.v1"
    decision: str
    reading_g: int
    expected_g: int
    attempt: int

    def summary(self) -> str:
        """Say what the scale showed and what followed."""
        outcome = {"PASS": "passed", "RECHECK": "weigh once more", "HOLD": "held"}[self.decision]
        return f"Weighed {self.reading_g:,} g of {self.expected_g:,} g expected: {outcome}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelHeld(ParcelEvent):
    """The weight audit stopped a parcel: it gets no label until a person has looked."""

    TYPE: ClassVar[str] = "shipping.parcel_held.v1"
    difference_g: int
    likely_cause: str

    def summary(self) -> str:
        """Say by how much the weight is off."""
        amount = f"{abs(self.difference_g):,} g too {'heavy' if self.difference_g > 0 else 'light'}"
        return f"Parcel held for a check: {amount}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelHoldReleased(ParcelEvent):
    """A person let a held parcel go on."""

    TYPE: ClassVar[str] = "shipping.parcel_hold_released.v1"
    role: str
    contents_confirmed: bool

    def summary(self) -> str:
        """Say who, by role, released it."""
        return f"Held parcel checked and released by a {self.role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelWeightDiffers(ParcelEvent):
    """A labelled parcel was weighed again and differs from its declared weight; `stopped` while it was still here.

    `source` is scale or carrier, `device` the scale's code or the carrier's.
    """

    TYPE: ClassVar[str] = "shipping.parcel_weight_differs.v1"
    check_id: str
    source: str
    device: str
    reading_g: int
    declared_g: int
    stopped: bool

    def summary(self) -> str:
        """Say what was weighed and declared, and what followed."""
        who = f"{_words(self.device)} weighed" if self.source == "carrier" else f"Scale {self.device} weighed"
        then = "stopped before loading" if self.stopped else "the parcel was gone already"
        return f"{who} {self.reading_g:,} g, its label says {self.declared_g:,} g: {then}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelWeightSettled(ParcelEvent):
    """A person looked into a parcel that differs from its declared weight: it was released, or settled as gone."""

    TYPE: ClassVar[str] = "shipping.parcel_weight_settled.v1"
    check_id: str
    verdict: str
    role: str

    def summary(self) -> str:
        """Say who, by role, decided what."""
        if self.verdict == "released":
            return f"Second weighing checked, and the parcel released by a {self.role}"
        return f"Difference of the second weighing looked into by a {self.role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelVoided(ParcelEvent):
    """A parcel ceased to exist before it left; with `back_to_packing` its units are packed anew."""

    TYPE: ClassVar[str] = "shipping.parcel_voided.v1"
    reason: str
    back_to_packing: bool

    def summary(self) -> str:
        """Say that the parcel was opened again or given up."""
        return "Parcel opened again for packing" if self.back_to_packing else "Parcel given up before it left"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequested(ParcelEvent):
    """A service was chosen and the label is being bought."""

    TYPE: ClassVar[str] = "shipping.label_requested.v1"
    label_id: str
    carrier: str
    service: str
    price_minor: int
    currency: str
    saved_minor: int

    def summary(self) -> str:
        """Say which service was chosen."""
        return f"Chose {_words(self.carrier)} {_words(self.service).lower()} for the parcel"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPurchased(ParcelEvent):
    """The carrier gave the parcel its number."""

    TYPE: ClassVar[str] = "shipping.label_purchased.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    label_id: str
    carrier: str
    service: str
    tracking_number: str
    arrives_on: str
    kind: str = "outbound"

    def summary(self) -> str:
        """Say which carrier will take it."""
        if self.kind == "return":
            return f"Return label made for {_words(self.carrier)}"
        return f"Shipping label made: {_words(self.carrier)} will take the parcel"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRefused(ParcelEvent):
    """The parcel could not get a label; somebody has to change something."""

    TYPE: ClassVar[str] = "shipping.label_refused.v1"
    why: str

    def summary(self) -> str:
        """Say why, in the words of the refusal."""
        return f"No label for the parcel: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelVerified(ParcelEvent):
    """The label was scanned on its parcel, and is that parcel's."""

    TYPE: ClassVar[str] = "shipping.label_verified.v1"
    tracking_number: str

    def summary(self) -> str:
        """Say that it is the right one."""
        return "The label on the parcel is the right one"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelStaged(ParcelEvent):
    """The parcel stands on the lane of its carrier; `container` is the SSCC of the one it is in, empty for none."""

    TYPE: ClassVar[str] = "shipping.parcel_staged.v1"
    lane: str
    container: str

    def summary(self) -> str:
        """Say where it stands."""
        inside = f", in container \N{HORIZONTAL ELLIPSIS}{self.container[-6:]}" if self.container else ""
        return f"Parcel sorted onto {self.lane}{inside}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelManifested(ParcelEvent):
    """The parcel is on a closed list of its carrier and waits for the driver. It has not left the house: who waits for
    it is told so only at the hand-over.
    """

    TYPE: ClassVar[str] = "shipping.parcel_manifested.v1"
    carrier: str
    service: str
    tracking_number: str
    manifest_id: str
    ship_date: str

    def summary(self) -> str:
        """Say whose list it is on."""
        return f"On {_words(self.carrier)}'s closed list, waiting for the driver"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLeftBehind(ParcelEvent):
    """The driver left without the parcel; it goes on the carrier's next list."""

    TYPE: ClassVar[str] = "shipping.parcel_left_behind.v1"
    carrier: str
    manifest_id: str

    def summary(self) -> str:
        """Say that it waits for the next collection."""
        return f"Not on {_words(self.carrier)}'s truck, waiting for the next collection"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelHandedOver(ParcelEvent):
    """The carrier's driver took the parcel."""

    TYPE: ClassVar[str] = "shipping.parcel_handed_over.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    carrier: str
    service: str
    tracking_number: str
    manifest_id: str
    arrives_on: str

    def summary(self) -> str:
        """Say who has the parcel now."""
        return f"Handed to {_words(self.carrier)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingUpdated(ParcelEvent):
    """A scan became known. `place` is a city at most; `status` is this scan's, `parcel_status` the parcel's."""

    TYPE: ClassVar[str] = "shipping.tracking_updated.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    carrier: str
    status: str
    parcel_status: str
    place: str
    sentence: str

    def summary(self) -> str:
        """Say where the parcel is, in plain words."""
        return self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class _StatusChanged(ParcelEvent):
    """The parcel's own status changed. The customer reads the scan's sentence, so that these are for machines."""

    carrier: str
    status: str
    reason: str
    place: str
    sentence: str
    kind: str = "outbound"

    def summary(self) -> str:
        """Say what happened, in the words of the scan."""
        return self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelInTransit(_StatusChanged):
    """The carrier has the parcel and moves it."""

    TYPE: ClassVar[str] = "shipping.parcel_in_transit.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelOutForDelivery(_StatusChanged):
    """The parcel is on the last vehicle, or waits to be collected."""

    TYPE: ClassVar[str] = "shipping.parcel_out_for_delivery.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDelivered(_StatusChanged):
    """The parcel was delivered."""

    TYPE: ClassVar[str] = "shipping.parcel_delivered.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelException(_StatusChanged):
    """Something is wrong on the way: an attempt failed, an exception, lost, cancelled, expired."""

    TYPE: ClassVar[str] = "shipping.parcel_exception.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelReturning(_StatusChanged):
    """The parcel is on its way back to the sender, or is back."""

    TYPE: ClassVar[str] = "shipping.parcel_returning.v1"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _words(code: str) -> str:
    return code.replace("_", " ").title()
