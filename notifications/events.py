from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event

_TITLES = {
    "order_confirmed": "Your order is confirmed",
    "shipped": "Your parcel is on its way",
    "exception": "A change to your delivery",
    "delivered": "Your parcel has arrived",
    "return_authorized": "Your return is ready to send",
    "sent_again": "We are sending your parcel again",
    "parcel_refunded": "Your refund for a parcel",
    "return_refunded": "Your refund for a return",
    "choice_asked": "Something is missing: please choose",
    "promise_moved": "A new delivery day",
}
_DISABLED = {
    "gone": "the receiver says it is gone for good",
    "failing_for_five_days": "nothing could be delivered for five days",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _EndpointEvent(Event):
    """A fact about one webhook endpoint; its stream is the endpoint's."""

    endpoint_id: str

    @property
    def stream(self) -> str:
        """The endpoint."""
        return self.endpoint_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFailing(_EndpointEvent):
    """Nothing was delivered to an endpoint for so many hours; its owner is warned."""

    TYPE: ClassVar[str] = "notifications.endpoint_failing.v1"
    hours: int
    failing_since: str

    def summary(self) -> str:
        """Say for how long."""
        hours = "an hour" if self.hours == 1 else f"{self.hours} hours"
        return f"Nothing could be delivered to a webhook endpoint for {hours}: its owner is warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDisabled(_EndpointEvent):
    """An endpoint was turned off; what it misses waits in the log until its owner resumes it."""

    TYPE: ClassVar[str] = "notifications.endpoint_disabled.v1"
    reason: str

    def summary(self) -> str:
        """Say why."""
        return f"A webhook endpoint was turned off: {_DISABLED[self.reason]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTested(_EndpointEvent):
    """Somebody asked for a test delivery; this event is the test, and only that endpoint gets it."""

    TYPE: ClassVar[str] = "notifications.endpoint_tested.v1"

    def summary(self) -> str:
        """Say so."""
        return "A test event for a webhook endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    """A letter went to the customer."""

    TYPE: ClassVar[str] = "notifications.message_sent.v1"
    message_id: str
    kind: str

    def summary(self) -> str:
        """Name the letter."""
        return f"E-mail “{_TITLES[self.kind]}” sent"
