from dataclasses import dataclass
from typing import ClassVar

from inventory.events import in_units
from kernel.events import Event


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
        return f"A delivery of {in_units(units)} is announced for {self.expected_on}."


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
        return f"{in_units(self.quantity)} {kind}{'' if self.announced else ', not announced'}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalReceiptUndone(ArrivalEvent):
    """A receipt was a mistake: its units never came."""

    TYPE: ClassVar[str] = "inventory.arrival_receipt_undone.v1"
    item_id: str
    quantity: int
    condition: str

    def summary(self) -> str:
        """Return what did not come after all."""
        return f"{in_units(self.quantity)} of a delivery were booked by mistake; that is undone."


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalClosed(ArrivalEvent):
    """All of a delivery that will come has come. `lines`: item_id, expected, received, damaged, missing, outcome."""

    TYPE: ClassVar[str] = "inventory.arrival_closed.v1"
    lines: list[dict[str, str | int]]

    def summary(self) -> str:
        """Return what was over, short or damaged."""
        came = sum(int(line["received"]) + int(line["damaged"]) for line in self.lines)
        told = [f"The delivery is closed: {came} of {in_units(sum(int(line['expected']) for line in self.lines))} came"]
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
