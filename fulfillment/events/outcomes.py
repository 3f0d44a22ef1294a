from dataclasses import dataclass
from typing import Any, ClassVar

from fulfillment.events.sentences import items
from kernel.events import Audience, Event
from kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class _ParcelOutcome(Event):
    """A fact about a parcel that did not arrive; `lines` are its contents as `{line_id, item_id, quantity}`."""

    parcel_id: str
    lines: list[dict[str, Any]]

    @property
    def units(self) -> int:
        """How many units are concerned."""
        return sum(int(line["quantity"]) for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDeclaredLost(_ParcelOutcome):
    """Service no longer waits for a parcel; what is done for the customer is decided next."""

    TYPE: ClassVar[str] = "fulfillment.parcel_declared_lost.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    reason: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The parcel with {items(self.units)} is lost."


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelReceivedBack(_ParcelOutcome):
    """A parcel that could not be delivered is back in the house; `damaged` units do not go on sale again."""

    TYPE: ClassVar[str] = "fulfillment.parcel_received_back.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    damaged: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The parcel with {items(self.units)} came back to us undelivered."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementOrdered(_ParcelOutcome):
    """The contents of a parcel that did not arrive are sent again, as another order that costs nothing."""

    TYPE: ClassVar[str] = "fulfillment.replacement_ordered.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    replacement_id: str
    replacement_number: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{items(self.units).capitalize()} will be sent again as order {self.replacement_number}."


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInstructed(_ParcelOutcome):
    """Whoever holds the money is told to pay back a parcel that did not arrive; this event is the instruction."""

    TYPE: ClassVar[str] = "fulfillment.refund_instructed.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    amount_minor: int
    currency: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"Refund of {Money(self.amount_minor, self.currency)} is on its way."


@dataclass(frozen=True, slots=True, kw_only=True)
class LostParcelFound(_ParcelOutcome):
    """The carrier delivered a parcel that had been settled as lost: the customer has been served twice."""

    TYPE: ClassVar[str] = "fulfillment.lost_parcel_found.v1"

    decision: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        done = "replaced" if self.decision == "send_again" else "refunded"
        return f"A parcel that was {done} as lost has arrived after all."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClosedShort(Event):
    """Every unit of the order is accounted for, and not all arrived; nothing is left to do."""

    TYPE: ClassVar[str] = "fulfillment.order_closed_short.v1"

    delivered: int
    lost: int
    came_back: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order is closed: {self.delivered} delivered, {self.lost} lost, {self.came_back} came back."
