from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from kernel.errors import Invalid
from kernel.quantity import MAX_QUANTITY
from kernel.states import Machine

COUNT_STATES = Machine(
    "count",
    {
        "open": {"count": "counted", "cancel": "cancelled"},
        "recount": {"count": "counted", "withdraw": "open", "cancel": "cancelled"},
        "counted": {"approve": "approved", "recount": "recount", "cancel": "cancelled"},
        "approved": {},
        "cancelled": {},
    },
)
"""Every count passes `counted`: it is booked from there at once, or counted again, or waits there for a decision."""
LIVE_COUNTS = ("open", "recount", "counted")
TO_COUNT = ("open", "recount")
"""The states in which nobody is shown what the book says, or what others counted."""
MAX_REASON = 200


class CountCause(StrEnum):
    """Why a bin is counted."""

    SHORT_PICK = "short_pick"
    ZERO_CHECK = "zero_check"
    ABC = "abc"
    REQUESTED = "requested"


class AbcClass(StrEnum):
    """How much of what is picked an item is."""

    A = "A"
    B = "B"
    C = "C"


A_PERCENT, B_PERCENT = 80, 95
"""Class A is the items that make up 80 % of the picked units, B those of the next 15 %, C the rest: Pareto's rule as
the APICS Dictionary has it under "ABC classification"."""
ABC_LOOKBACK = timedelta(days=90)
INTERVALS: Mapping[AbcClass, timedelta] = {
    AbcClass.A: timedelta(days=30),
    AbcClass.B: timedelta(days=60),
    AbcClass.C: timedelta(days=180),
}
"""After how long a bin is counted again: the steps of the APICS Dictionary's "cycle counting", A monthly."""


@dataclass(frozen=True, slots=True)
class CountRules:
    """How far a count may be from the book: up to both limits it is booked at once, beyond either it is counted again.

    What two people agree on is booked up to `approval_units`, beyond that only when somebody approves it.
    """

    units: int = 2
    percent: int = 5
    approval_units: int = 20

    def tolerates(self, expected: int, difference: int) -> bool:
        """Say whether a difference is small enough to be booked after one count."""
        return abs(difference) <= self.units and abs(difference) * 100 <= expected * self.percent


DEFAULT_RULES = CountRules()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One count: what the book said at its moment, and what was there."""

    expected: int
    counted: int

    @property
    def difference(self) -> int:
        """Units above the book, negative below it."""
        return self.counted - self.expected


def verdict(sightings: Sequence[Sighting], rules: CountRules, *, doubted: bool) -> str:
    """Return what follows from the counts so far, the last one just made: `approve`, `recount` or `refer` to a lead.

    Two counts agree when they differ from the book by the same: what was picked or put away between them changed the
    book and the bin alike. A `doubted` count, whose counter took one back before, is confirmed by somebody else even
    within the tolerance: nobody finds the book's figure by trying.
    """
    last = sightings[-1]
    if len(sightings) == 1:
        return "recount" if doubted or not rules.tolerates(last.expected, last.difference) else "approve"
    agreed = any(each.difference == last.difference for each in sightings[:-1])
    return "approve" if agreed and abs(last.difference) <= rules.approval_units else "refer"


def classify(picked: Mapping[str, int]) -> dict[str, AbcClass]:
    """Return the class of each item by the units picked of it.

    An item belongs to the class in which its share of the running total, from the most picked on, begins. What nobody
    picked is C; equals go by item id.
    """
    total = sum(picked.values())
    found: dict[str, AbcClass] = {}
    before = 0
    for item_id, units in sorted(picked.items(), key=lambda each: (-each[1], each[0])):
        found[item_id] = _class_at(before, total) if units else AbcClass.C
        before += units
    return found


def _class_at(before: int, total: int) -> AbcClass:
    if before * 100 < total * A_PERCENT:
        return AbcClass.A
    return AbcClass.B if before * 100 < total * B_PERCENT else AbcClass.C


def check_counted(counted: int) -> None:
    """Make sure that a count can be right.

    Raises:
        Invalid: it cannot.
    """
    if not 0 <= counted <= MAX_QUANTITY:
        raise Invalid(
            f"A count is a whole number from 0 to {MAX_QUANTITY}.", remedy="Count in base units.", pointer="/counted"
        )


def check_reason(reason: str, pointer: str = "/reason") -> str:
    """Return a reason without spaces around it.

    Raises:
        Invalid: it is empty, too long or not printable.
    """
    stripped = reason.strip()
    if not 1 <= len(stripped) <= MAX_REASON or not stripped.isprintable():
        raise Invalid(f"Give a reason of 1 to {MAX_REASON} printable characters.", pointer=pointer)
    return stripped
