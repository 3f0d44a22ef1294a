from dataclasses import dataclass
from typing import ClassVar

from inventory.events import ItemEvent, in_units


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveEvent(ItemEvent):
    """A fact about units that are to be carried, or were: `cause` is put_away, replenish, cross_dock or reslot."""

    move_id: str
    cause: str
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveWanted(MoveEvent):
    """Units are to be carried elsewhere; `to_code` is empty as long as no place is free. `urgent`: orders wait."""

    TYPE: ClassVar[str] = "inventory.move_wanted.v1"
    urgent: bool

    def summary(self) -> str:
        """Return what is to be carried where."""
        where = f"to {self.to_code}" if self.to_code else "to a place that is still to be found"
        return f"{in_units(self.quantity)} are to go from {self.from_code} {where}."


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMoved(MoveEvent):
    """Units were carried; what is on hand is the same as before."""

    TYPE: ClassVar[str] = "inventory.stock_moved.v1"
    lot: str = ""

    def summary(self) -> str:
        """Return what was carried where."""
        return f"{in_units(self.quantity)} went from {self.from_code} to {self.to_code}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUndone(MoveEvent):
    """Units were carried back: `from_code` has them again."""

    TYPE: ClassVar[str] = "inventory.move_undone.v1"

    def summary(self) -> str:
        """Return what went back."""
        return f"{in_units(self.quantity)} went back from {self.to_code} to {self.from_code}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCancelled(MoveEvent):
    """Units are not carried after all: `quantity` of them stay where they are."""

    TYPE: ClassVar[str] = "inventory.move_cancelled.v1"
    reason: str

    def summary(self) -> str:
        """Return what stays."""
        return f"{in_units(self.quantity)} stay in {self.from_code} after all."
