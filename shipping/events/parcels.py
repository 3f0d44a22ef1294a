from dataclasses import dataclass, field
from typing import Any, ClassVar

from kernel.events import Audience, Event
from shipping.events.sentences import words


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
        who = f"{words(self.device)} weighed" if self.source == "carrier" else f"Scale {self.device} weighed"
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


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
