from dataclasses import dataclass
from typing import ClassVar

from fulfillment.events.sentences import items
from kernel.events import Audience, Event


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
        return f"{items(self.quantity).capitalize()} taken from {self.location_code}."


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
        return f"{items(self.quantity).capitalize()} put back at {self.location_code}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPicked(Event):
    """All units to be picked for the order are in totes."""

    TYPE: ClassVar[str] = "fulfillment.order_picked.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER

    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"{items(self.units).capitalize()} collected."


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
class OrderRushed(Event):
    """Somebody put an order before all others. `batch_id` is the live walk that it joined, if any."""

    TYPE: ClassVar[str] = "fulfillment.order_rushed.v1"

    reason: str
    batch_id: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        joined = " and joined a walk under way" if self.batch_id else ""
        return f"The order was put first{joined}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPulledBack(Event):
    """An order of which nothing was picked went from the floor back to the queue; its stock stays set aside."""

    TYPE: ClassVar[str] = "fulfillment.order_pulled_back.v1"

    reason: str
    units: int

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        return f"The order was pulled back from the floor: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CartonOverruled(Event):
    """The packer took another carton than the planned ones; cartons by their names, `words` are those of `reason`."""

    TYPE: ClassVar[str] = "fulfillment.carton_overruled.v1"

    planned: list[str]
    chosen: str
    reason: str
    words: str
    note: str

    def summary(self) -> str:
        """Return what happened, in one sentence."""
        why = self.note if self.note and self.reason == "OTHER" else self.words.lower()
        return f"Packed into the {self.chosen} instead of the {' and '.join(self.planned)}: {why}."
