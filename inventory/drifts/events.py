from dataclasses import dataclass
from typing import ClassVar

from inventory.events import ItemEvent


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
