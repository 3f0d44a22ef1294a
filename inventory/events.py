from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


def in_units(quantity: int) -> str:
    """Return a quantity in words, as summaries tell it."""
    return "1 unit" if quantity == 1 else f"{quantity} units"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent(Event):
    """A fact about an item's stock at a site; the item's events form one stream."""

    item_id: str
    site_id: str
    quantity: int

    @property
    def stream(self) -> str:
        """The item."""
        return self.item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReceived(ItemEvent):
    """Units became available: a delivery, or returned goods that were restocked."""

    TYPE: ClassVar[str] = "inventory.stock_received.v1"
    reference: str

    def summary(self) -> str:
        """Return how many arrived."""
        return f"{in_units(self.quantity)} arrived in stock."


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(ItemEvent):
    """The book was corrected by `quantity` (negative: units are gone), for the reason given."""

    TYPE: ClassVar[str] = "inventory.stock_adjusted.v1"
    reason: str

    def summary(self) -> str:
        """Return what was corrected."""
        way = "more" if self.quantity > 0 else "fewer"
        return f"Stock was corrected: {in_units(abs(self.quantity))} {way} than the book said."


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChanged(Event):
    """An item is described anew: `fields` names what changed, `barcodes` for those of units and cases, `active` when it
    is sold no longer, or again. `active` is how it is now.
    """

    TYPE: ClassVar[str] = "inventory.item_changed.v1"
    item_id: str
    sku: str
    fields: list[str]
    active: bool

    @property
    def stream(self) -> str:
        """The item: it is in the stream of the item's other events."""
        return self.item_id

    def summary(self) -> str:
        """Return whether it is sold, if that changed, or what else did."""
        if "active" in self.fields:
            return f"Item {self.sku} is sold {'again' if self.active else 'no longer'}."
        return f"Item {self.sku} changed: {', '.join(each.replace('_', ' ') for each in self.fields)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationEvent(Event):
    """A fact about what is promised to an order, or to a hold of the merchant's own (`reference`, no order id)."""

    reference: str
    site_id: str

    @property
    def stream(self) -> str:
        """The order, or the hold."""
        return self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved(ReservationEvent):
    """Units were promised. `lines`: line_id, item_id, quantity of each line that got any."""

    TYPE: ClassVar[str] = "inventory.stock_reserved.v1"
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return how many units are set aside."""
        return f"{in_units(sum(int(line['quantity']) for line in self.lines))} set aside."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationReleased(ReservationEvent):
    """Promised units were given back, for the reason given."""

    TYPE: ClassVar[str] = "inventory.reservation_released.v1"
    reason: str
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return how many units are free again."""
        return f"{in_units(sum(int(line['quantity']) for line in self.lines))} no longer set aside."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationExpired(ReservationEvent):
    """Promised units were given back because their time was over."""

    TYPE: ClassVar[str] = "inventory.reservation_expired.v1"
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return how many units are free again."""
        return f"{in_units(sum(int(line['quantity']) for line in self.lines))} no longer set aside: the time was over."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationShorted(ReservationEvent):
    """Promised units turned out not to exist; the line has to wait, or be cancelled in part."""

    TYPE: ClassVar[str] = "inventory.reservation_shorted.v1"
    line_id: str
    item_id: str
    quantity: int
    reason: str

    def summary(self) -> str:
        """Return how many units are lacking."""
        return f"{in_units(self.quantity)} set aside for this order turned out to be missing."
