from dataclasses import dataclass
from typing import ClassVar

from inventory.events import ItemEvent, in_units
from kernel.events import Event


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
        return f"A bin was counted: {in_units(self.quantity)} in {self.location_code}."


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
