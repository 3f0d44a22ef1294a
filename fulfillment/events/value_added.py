from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Audience, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePerformed(Event):
    """A value-added service was done and its goods are in a closed parcel: the merchant owes `quantity` times
    `unit_price_minor`. `evidence_id` is the photo, if one was taken; `seconds` is how long it took in all.
    """

    TYPE: ClassVar[str] = "fulfillment.service_performed.v1"

    charge_id: str
    step_id: str
    line_id: str
    parcel_id: str
    service: str
    name: str
    quantity: int
    unit_price_minor: int
    currency: str
    seconds: int
    evidence_id: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{_named(self.name, self.quantity)} done."


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReversed(Event):
    """The parcel of a performed service was taken apart: what was owed for the step is owed no more."""

    TYPE: ClassVar[str] = "fulfillment.service_reversed.v1"

    charge_id: str
    step_id: str
    line_id: str
    parcel_id: str
    service: str
    name: str
    quantity: int
    unit_price_minor: int
    currency: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{_named(self.name, self.quantity)} taken back: the parcel was opened."


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceExcused(Event):
    """A value-added service was not possible; the order goes out without it, and nothing is charged."""

    TYPE: ClassVar[str] = "fulfillment.service_excused.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    step_id: str
    line_id: str
    service: str
    name: str
    quantity: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{_named(self.name, self.quantity)} was not possible; the order goes out without it."


def _named(name: str, quantity: int) -> str:
    return name if quantity == 1 else f"{quantity} \N{MULTIPLICATION SIGN} {name}"
