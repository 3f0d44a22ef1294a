"""When packers do not take the carton that was planned: why, and when the plan learns from it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

TOO_SMALL: Final = "TOO_SMALL"
TOO_LARGE: Final = "TOO_LARGE"
MISSING: Final = "MISSING"
DAMAGED: Final = "DAMAGED"
FRAGILE: Final = "FRAGILE"
OTHER: Final = "OTHER"
OVERRULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        TOO_SMALL: "Too small",
        TOO_LARGE: "Too large",
        MISSING: "No such carton left",
        DAMAGED: "Carton damaged",
        FRAGILE: "Item is fragile",
        OTHER: "Something else",
    }
)
"""Why a packer takes another carton than the planned one: code and words. The last one goes with a note."""
OF_THE_PLAN: Final = frozenset({TOO_SMALL, TOO_LARGE, FRAGILE, OTHER})
"""Reasons that speak against the plan; a carton that is missing or damaged says nothing of it."""
WINDOW: Final = 4
ENOUGH: Final = 3
_MOST_NOTE: Final = 200
# What handhelds of earlier releases still send.
_FORMER: Final = MappingProxyType(
    {"NO_FIT": TOO_SMALL, "NONE_LEFT": MISSING, "PADDING": FRAGILE, "SMALLER": TOO_LARGE}
)  # fmt: skip


def read_overrule(told: str) -> tuple[str, str]:
    """Return the reason that was told, of `OVERRULES`, and its note: "OTHER: wet" has one.

    What happened at the bench is never refused: a reason that is on no list is one of its own, with the words as note.
    """
    code, _, note = told.partition(":")
    code = _FORMER.get(code.strip(), code.strip())
    if code in OVERRULES:
        return code, note.strip()[:_MOST_NOTE]
    return OTHER, told.strip()[:_MOST_NOTE]


def mix_of(units: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return how many units of each item there are, of (item id, quantity) in whatever lines."""
    counted: Counter[str] = Counter()
    for item_id, quantity in units:
        counted[item_id] += quantity
    return dict(sorted(counted.items()))


def mix_key(mix: Mapping[str, int]) -> str:
    """Return the key by which the same multiset of items is known again."""
    return hashlib.sha256(repr(sorted(mix.items())).encode()).hexdigest()


def is_given_up(newest_first: Sequence[str]) -> bool:
    """Say whether a carton is planned no more for a multiset of items: overruled `ENOUGH` times of the last `WINDOW`.

    Each outcome is the reason, "" where the plan was followed. Those that say nothing of the plan do not count.
    """
    telling = [reason for reason in newest_first if reason == "" or reason in OF_THE_PLAN]
    return sum(reason in OF_THE_PLAN for reason in telling[:WINDOW]) >= ENOUGH
