from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Audience
from shipping.events.parcels import ParcelEvent
from shipping.events.sentences import words


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
        return f"Chose {words(self.carrier)} {words(self.service).lower()} for the parcel"


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
            return f"Return label made for {words(self.carrier)}"
        return f"Shipping label made: {words(self.carrier)} will take the parcel"


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
