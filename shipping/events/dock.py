from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Audience
from shipping.events.parcels import ParcelEvent
from shipping.events.sentences import words


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
        return f"On {words(self.carrier)}'s closed list, waiting for the driver"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLeftBehind(ParcelEvent):
    """The driver left without the parcel; it goes on the carrier's next list."""

    TYPE: ClassVar[str] = "shipping.parcel_left_behind.v1"
    carrier: str
    manifest_id: str

    def summary(self) -> str:
        """Say that it waits for the next collection."""
        return f"Not on {words(self.carrier)}'s truck, waiting for the next collection"


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
        return f"Handed to {words(self.carrier)}"
