from dataclasses import dataclass, field
from typing import Any, ClassVar

from kernel.events import Audience, Event
from kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequested(Event):
    """Somebody wants to send units back."""

    TYPE: ClassVar[str] = "returns.return_requested.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    return_id: str
    lines: list[dict[str, Any]]

    def summary(self) -> str:
        """Say how much."""
        units = sum(line["quantity"] for line in self.lines)
        return f"Return of {units} {'piece' if units == 1 else 'pieces'} requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAuthorized(Event):
    """The return may be sent."""

    TYPE: ClassVar[str] = "returns.return_authorized.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    return_id: str
    why: str

    def summary(self) -> str:
        """Say so."""
        return "Return accepted: please send it back"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDenied(Event):
    """The return may not be sent."""

    TYPE: ClassVar[str] = "returns.return_denied.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    return_id: str
    why: str

    def summary(self) -> str:
        """Say why not."""
        return f"Return not possible: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLabelIssued(Event):
    """There is a label to send the goods back with."""

    TYPE: ClassVar[str] = "returns.label_issued.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    return_id: str
    parcel_id: str

    def summary(self) -> str:
        """Say so."""
        return "Your return label is ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCancelled(Event):
    """The customer keeps the goods."""

    TYPE: ClassVar[str] = "returns.return_cancelled.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    return_id: str

    def summary(self) -> str:
        """Say so."""
        return "Return cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived(Event):
    """Units came back to the dock."""

    TYPE: ClassVar[str] = "returns.return_received.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    return_id: str
    lines: list[dict[str, Any]]

    def summary(self) -> str:
        """Say how much."""
        units = sum(line["quantity"] for line in self.lines)
        return f"We received {units} returned {'piece' if units == 1 else 'pieces'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsGraded(Event):
    """Returned units were looked at and sent on their way; a swap, if they are not those that the order got."""

    TYPE: ClassVar[str] = "returns.units_graded.v1"
    return_id: str
    line_id: str
    item_id: str
    quantity: int
    grade: str
    disposition: str
    serials: list[str] = field(default_factory=list)
    is_swap: bool = False

    def summary(self) -> str:
        """Say the grade and the way."""
        swap = ", another unit than the order got" if self.is_swap else ""
        return f"{self.quantity} returned: grade {self.grade}, {self.disposition.replace('_', ' ')}{swap}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInstructed(Event):
    """Whoever holds the money is told to pay it back; this event is the instruction."""

    TYPE: ClassVar[str] = "returns.refund_instructed.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    return_id: str
    amount_minor: int
    currency: str

    def summary(self) -> str:
        """Say how much."""
        return f"Refund of {Money(self.amount_minor, self.currency)} is on its way"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClosed(Event):
    """Nothing is left to do about a return."""

    TYPE: ClassVar[str] = "returns.return_closed.v1"
    return_id: str

    def summary(self) -> str:
        """Say so."""
        return "Return closed"
