from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Audience
from shipping.events.parcels import ParcelEvent


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
