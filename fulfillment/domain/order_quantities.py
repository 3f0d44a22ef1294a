from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from kernel.quantity import move


class Bucket(StrEnum):
    """Where open units of an order line are, in the order in which they go through the house."""

    SCHEDULED = "scheduled"
    BACKORDERED = "backordered"
    PROMISED = "promised"
    ALLOCATED = "allocated"
    PICKED = "picked"
    PACKED = "packed"
    SHIPPED = "shipped"


UNFULFILLED_FIRST = (Bucket.SCHEDULED, Bucket.BACKORDERED, Bucket.PROMISED, Bucket.ALLOCATED, Bucket.PICKED)
"""The order in which cancelled units are taken: those that nobody has touched yet go first. Packed units are not among
them: their parcel is opened first, which makes them picked again, or cannot be opened any more.
"""


class UnitsDoNotAddUpError(ValueError):
    """A quantity vector breaks its own equation: a fault of the program, never of the caller."""


@dataclass(frozen=True, slots=True)
class LineQuantities:
    """The quantity vector of one order line, in base units. Header states are derived from it, never the reverse.

    `ordered = cancelled + scheduled + backordered + promised + allocated + picked + packed + shipped` (scheduled:
    wanted on a later day, so that no stock is promised yet),
    `shipped >= delivered + lost + rts` (rts: returned to sender by the carrier) and `returned <= shipped`.
    """

    ordered: int
    cancelled: int = 0
    backordered: int = 0
    promised: int = 0
    allocated: int = 0
    picked: int = 0
    packed: int = 0
    shipped: int = 0
    delivered: int = 0
    lost: int = 0
    rts: int = 0
    returned: int = 0
    scheduled: int = 0

    def __post_init__(self) -> None:
        waiting = self.scheduled + self.backordered
        in_buckets = waiting + self.promised + self.allocated + self.picked + self.packed + self.shipped
        outcomes = self.delivered + self.lost + self.rts
        negative = min(getattr(self, f.name) for f in fields(self)) < 0
        adds_up = self.ordered == self.cancelled + in_buckets and self.shipped >= outcomes
        if negative or not adds_up or self.returned > self.shipped:
            raise UnitsDoNotAddUpError(f"These units do not add up: {self}")

    @property
    def open(self) -> int:
        """Return the units that are ordered and not cancelled."""
        return self.ordered - self.cancelled

    @property
    def in_house(self) -> int:
        """Return the open units that have not left."""
        return self.open - self.shipped

    @property
    def on_the_way(self) -> int:
        """Return the shipped units whose outcome is not known."""
        return self.shipped - self.delivered - self.lost - self.rts

    def moved(self, quantity: int, source: str, target: str) -> "LineQuantities":
        """Return the vector with units moved from one bucket to another; of 0 units, the vector itself.

        Raises:
            ValueError: the source holds fewer units.
        """
        return move(self, quantity, source=source, target=target) if quantity else self


def placed(ordered: int, *, reserved: int) -> LineQuantities:
    """Return the vector of a new line: what could be reserved is promised, the rest backordered."""
    return LineQuantities(ordered, promised=reserved, backordered=ordered - reserved)


def total(vectors: Iterable[LineQuantities]) -> LineQuantities:
    """Return the sum over the lines of an order: the vector from which its header state is derived."""
    columns = {f.name: 0 for f in fields(LineQuantities)}
    for vector in vectors:
        for name in columns:
            columns[name] += getattr(vector, name)
    return LineQuantities(**columns)
