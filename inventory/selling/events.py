from dataclasses import dataclass
from typing import Any, ClassVar

from kernel.events import Event


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
