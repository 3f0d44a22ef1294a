from dataclasses import dataclass
from typing import Any, ClassVar

from kernel.events import Event


def _units(quantity: int) -> str:
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
        return f"{_units(self.quantity)} arrived in stock."


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(ItemEvent):
    """The book was corrected by `quantity` (negative: units are gone), for the reason given."""

    TYPE: ClassVar[str] = "inventory.stock_adjusted.v1"
    reason: str

    def summary(self) -> str:
        """Return what was corrected."""
        way = "more" if self.quantity > 0 else "fewer"
        return f"Stock was corrected: {_units(abs(self.quantity))} {way} than the book said."


@dataclass(frozen=True, slots=True, kw_only=True)
class BinCounted(ItemEvent):
    """A bin was counted and `quantity` units are booked in it, `difference` more than the book said (negative: fewer):
    from now on these can be picked again.
    """

    TYPE: ClassVar[str] = "inventory.bin_counted.v1"
    location_code: str
    count_id: str = ""
    difference: int = 0

    def summary(self) -> str:
        """Return what was counted."""
        return f"A bin was counted: {_units(self.quantity)} in {self.location_code}."


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEvent(Event):
    """A fact about a count that is not booked: it tells no figures, because somebody may still have to count."""

    count_id: str
    item_id: str
    site_id: str
    location_code: str

    @property
    def stream(self) -> str:
        """The count."""
        return self.count_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CountWanted(CountEvent):
    """A bin is to be counted; `cause` is short_pick, zero_check, abc or requested."""

    TYPE: ClassVar[str] = "inventory.count_wanted.v1"
    cause: str

    def summary(self) -> str:
        """Return what is to be counted."""
        return f"{self.location_code} is to be counted."


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDoubted(CountEvent):
    """A count was too far from the book to be booked: somebody else counts again, or a lead decides (`next`)."""

    TYPE: ClassVar[str] = "inventory.count_doubted.v1"
    next: str

    def summary(self) -> str:
        """Return what happens next."""
        way = "a lead decides" if self.next == "decision" else "somebody else counts it again"
        return f"The count of {self.location_code} is not booked: {way}."


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCancelled(CountEvent):
    """A bin is not counted after all."""

    TYPE: ClassVar[str] = "inventory.count_cancelled.v1"
    reason: str

    def summary(self) -> str:
        """Return that it is not counted."""
        return f"{self.location_code} is not counted after all."


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingRulesChanged(Event):
    """What may be sold of an item beyond or below what is there was changed, or of what a kit is made."""

    TYPE: ClassVar[str] = "inventory.selling_rules_changed.v1"
    item_id: str
    sku: str
    safety_stock: list[dict[str, Any]]
    oversell: dict[str, Any]
    kit: list[dict[str, Any]]

    @property
    def stream(self) -> str:
        """The item."""
        return self.item_id

    def summary(self) -> str:
        """Return that the rules changed."""
        return f"The rules by which {self.sku} is sold were changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDriftFound(ItemEvent):
    """The ledger and a counter derived from it disagree: the ledger says `ledger`, the counter `quantity`."""

    TYPE: ClassVar[str] = "inventory.stock_drift_found.v1"
    counter: str
    ledger: int
    place: str = ""

    def summary(self) -> str:
        """Return what disagrees."""
        where = f" of {self.place}" if self.place else ""
        return f"The counter {self.counter}{where} says {self.quantity}, the ledger {self.ledger}."


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
        return f"{_units(sum(int(line['quantity']) for line in self.lines))} set aside."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationReleased(ReservationEvent):
    """Promised units were given back, for the reason given."""

    TYPE: ClassVar[str] = "inventory.reservation_released.v1"
    reason: str
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return how many units are free again."""
        return f"{_units(sum(int(line['quantity']) for line in self.lines))} no longer set aside."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationExpired(ReservationEvent):
    """Promised units were given back because their time was over."""

    TYPE: ClassVar[str] = "inventory.reservation_expired.v1"
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return how many units are free again."""
        return f"{_units(sum(int(line['quantity']) for line in self.lines))} no longer set aside: the time was over."


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
        return f"{_units(self.quantity)} set aside for this order turned out to be missing."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalEvent(Event):
    """A fact about a delivery; its events form one stream."""

    arrival_id: str
    external_id: str
    site_id: str

    @property
    def stream(self) -> str:
        """The arrival."""
        return self.arrival_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalAnnounced(ArrivalEvent):
    """A merchant said what will come, and on which day (ISO 8601). `lines`: item_id, quantity."""

    TYPE: ClassVar[str] = "inventory.arrival_announced.v1"
    expected_on: str
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return how much is announced."""
        units = sum(int(line["quantity"]) for line in self.lines)
        return f"A delivery of {_units(units)} is announced for {self.expected_on}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalReceived(ArrivalEvent):
    """Units of a delivery were taken in, good ones into stock; `announced` says whether the item was expected."""

    TYPE: ClassVar[str] = "inventory.arrival_received.v1"
    item_id: str
    quantity: int
    condition: str
    announced: bool

    def summary(self) -> str:
        """Return what came."""
        kind = "arrived damaged" if self.condition == "damaged" else "of a delivery went into stock"
        return f"{_units(self.quantity)} {kind}{'' if self.announced else ', not announced'}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalReceiptUndone(ArrivalEvent):
    """A receipt was a mistake: its units never came."""

    TYPE: ClassVar[str] = "inventory.arrival_receipt_undone.v1"
    item_id: str
    quantity: int
    condition: str

    def summary(self) -> str:
        """Return what did not come after all."""
        return f"{_units(self.quantity)} of a delivery were booked by mistake; that is undone."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalClosed(ArrivalEvent):
    """All of a delivery that will come has come. `lines`: item_id, expected, received, damaged, missing, outcome."""

    TYPE: ClassVar[str] = "inventory.arrival_closed.v1"
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return what was over, short or damaged."""
        came = sum(int(line["received"]) + int(line["damaged"]) for line in self.lines)
        told = [f"The delivery is closed: {came} of {_units(sum(int(line['expected']) for line in self.lines))} came"]
        over = sum(max(0, int(e["received"]) + int(e["damaged"]) - int(e["expected"])) for e in self.lines)
        parts = (
            (sum(int(line["missing"]) for line in self.lines), "missing"),
            (over, "more than announced"),
            (sum(int(line["damaged"]) for line in self.lines), "damaged"),
        )
        return f"{', '.join([*told, *(f'{count} {words}' for count, words in parts if count)])}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalCancelled(ArrivalEvent):
    """A delivery will not come."""

    TYPE: ClassVar[str] = "inventory.arrival_cancelled.v1"

    def summary(self) -> str:
        """Return that it will not come."""
        return "An announced delivery will not come."
