from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from kernel.events import Audience, Event


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day:%A} {day.day} {day:%B %Y}"


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

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order was received: {_items(self.units)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPromised(Event):
    """All goods are reserved and the order has a promised day."""

    TYPE: ClassVar[str] = "fulfillment.order_promised.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    promised_on: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order is promised for {_day(self.promised_on)}."


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
        return f"The order is now promised for {_day(self.promised_on)}, because {self.cause}."


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
        return f"{_items(self.units).capitalize()} of the order must wait: {self.cause}."


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
class OrderReleased(Event):
    """An order went to the floor; its goods are allocated to locations."""

    TYPE: ClassVar[str] = "fulfillment.order_released.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    cut_off_at: str
    why: str
    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return "The order went to the warehouse floor."


@dataclass(frozen=True, slots=True, kw_only=True)
class PickingStarted(Event):
    """Somebody walks for the order."""

    TYPE: ClassVar[str] = "fulfillment.picking_started.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    batch_id: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return "Collecting the items has begun."


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePicked(Event):
    """Units were taken from a location into a tote."""

    TYPE: ClassVar[str] = "fulfillment.line_picked.v1"

    line_id: str
    item_id: str
    quantity: int
    location_code: str
    tote: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{_items(self.quantity).capitalize()} taken from {self.location_code}."


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShorted(Event):
    """A location held fewer units than it should. `reallocated` are sought elsewhere, `missing` wait for stock."""

    TYPE: ClassVar[str] = "fulfillment.line_shorted.v1"

    line_id: str
    item_id: str
    location_code: str
    expected: int
    found: int
    reallocated: int
    missing: int
    reason: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{self.location_code} held {self.found} instead of {self.expected}."


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsPutBack(Event):
    """Cancelled units went back into stock."""

    TYPE: ClassVar[str] = "fulfillment.units_put_back.v1"

    line_id: str
    item_id: str
    quantity: int
    location_code: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{_items(self.quantity).capitalize()} put back at {self.location_code}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPicked(Event):
    """All units to be picked for the order are in totes."""

    TYPE: ClassVar[str] = "fulfillment.order_picked.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{_items(self.units).capitalize()} collected."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPacked(Event):
    """All picked units are in closed parcels."""

    TYPE: ClassVar[str] = "fulfillment.order_packed.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    parcel_ids: list[str]
    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        count = len(self.parcel_ids)
        return f"The order was packed into {'1 parcel' if count == 1 else f'{count} parcels'}."


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
        return f"{_items(self.units).capitalize()} left with the carrier; {_items(self.units_left)} will follow."


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
        return "The order was cancelled." if not self.units_left else f"{_items(self.units).capitalize()} cancelled."


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
