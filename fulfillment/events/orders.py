from dataclasses import dataclass, field
from typing import Any, ClassVar

from fulfillment.events.sentences import day, items
from kernel.events import Audience, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    """An order was taken; its stock is reserved or backordered in the same transaction. Amounts in minor units."""

    TYPE: ClassVar[str] = "fulfillment.order_placed.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    external_id: str
    channel: str
    placed_at: str
    units: int
    lines: list[dict[str, Any]]
    currency: str
    goods_minor: int
    shipping_minor: int
    kits: list[dict[str, Any]] = field(default_factory=list)

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        named = [f"{kit['quantity']} \N{MULTIPLICATION SIGN} {kit['name']}" for kit in self.kits]
        kits = f", among them those of {', '.join(named)}" if named else ""
        return f"The order was received: {items(self.units)}{kits}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPromised(Event):
    """All goods are reserved and the order has a promised day."""

    TYPE: ClassVar[str] = "fulfillment.order_promised.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    promised_on: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order is promised for {day(self.promised_on)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMoved(Event):
    """The promised day changed."""

    TYPE: ClassVar[str] = "fulfillment.promise_moved.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    promised_on: str
    formerly_on: str
    cause: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order is now promised for {day(self.promised_on)}, because {self.cause}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBackordered(Event):
    """Units of an order wait for stock."""

    TYPE: ClassVar[str] = "fulfillment.order_backordered.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    units: int
    lines: list[dict[str, Any]]
    cause: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{items(self.units).capitalize()} of the order must wait: {self.cause}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderScheduled(Event):
    """An order is to be shipped on a later day: its stock is reserved when that day comes near, not now."""

    TYPE: ClassVar[str] = "fulfillment.order_scheduled.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    ship_on: str
    units: int
    lines: list[dict[str, Any]]

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order is noted to be shipped on {day(self.ship_on)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShortfall(Event):
    """Stock that had been set aside for an order's units is gone: what was held expired before the order came, or what
    was reserved did. Somebody has to choose whether the order waits, goes out without them, or is cancelled.
    """

    TYPE: ClassVar[str] = "fulfillment.order_shortfall.v1"

    units: int
    lines: list[dict[str, Any]]
    hold_reference: str
    expired_at: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{items(self.units).capitalize()} that had been set aside were gone when the order was to have them."


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallSettled(Event):
    """It was chosen what becomes of an order that lacks units: it waits, its rest goes out, or they are cancelled."""

    TYPE: ClassVar[str] = "fulfillment.shortfall_settled.v1"

    choice: str
    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return {
            "wait": f"The order waits for {items(self.units)}.",
            "ship_rest": f"The order goes out without {items(self.units)}, which follow.",
            "cancel": f"{items(self.units).capitalize()} that are not there are cancelled.",
        }[self.choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFlagged(Event):
    """Something about an order needs a person's eye; `flags` are the importer's or a check's words."""

    TYPE: ClassVar[str] = "fulfillment.order_flagged.v1"

    flags: list[str]

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order needs a check: {', '.join(flag.replace('_', ' ') for flag in self.flags)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeld(Event):
    """An order must not go on until the hold is released."""

    TYPE: ClassVar[str] = "fulfillment.order_held.v1"

    hold_id: str
    kind: str
    reason: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order was put on hold: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(Event):
    """A hold ended; with the last one the order goes on."""

    TYPE: ClassVar[str] = "fulfillment.hold_released.v1"

    hold_id: str
    kind: str
    reason: str
    holds_left: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"A hold was released: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNoted(Event):
    """A colleague wrote a note; its text stays with the order."""

    TYPE: ClassVar[str] = "fulfillment.order_noted.v1"

    note_id: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return "A colleague left a note on the order."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShipped(Event):
    """The last open unit was handed to the carrier."""

    TYPE: ClassVar[str] = "fulfillment.order_shipped.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return "The order left with the carrier."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPartiallyShipped(Event):
    """A parcel was handed to the carrier; `units_left` follow."""

    TYPE: ClassVar[str] = "fulfillment.order_partially_shipped.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    units: int
    units_left: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{items(self.units).capitalize()} left with the carrier; {items(self.units_left)} will follow."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered(Event):
    """Every parcel of the order was delivered."""

    TYPE: ClassVar[str] = "fulfillment.order_delivered.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return "The order was delivered."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    """Units of an order were cancelled. `answer` is what the caller was told."""

    TYPE: ClassVar[str] = "fulfillment.order_cancelled.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    units: int
    units_left: int
    lines: list[dict[str, Any]]
    reason: str
    answer: str
    detail: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return "The order was cancelled." if not self.units_left else f"{items(self.units).capitalize()} cancelled."


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRefused(Event):
    """The wish to cancel came too late, or depends on the dock."""

    TYPE: ClassVar[str] = "fulfillment.cancel_refused.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    reason: str
    answer: str
    detail: str
    lines: list[dict[str, Any]] = field(default_factory=list)

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return self.detail
