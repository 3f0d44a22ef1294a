"""Weights that a person typed in place of a scale: why, as it is kept with the reading."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

OTHER: Final = "OTHER"
TYPED_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SCALE_BROKEN": "Scale is broken",
        "NO_SCALE": "No scale here",
        "NOT_TAKEN_OVER": "Reading was not taken over",
        OTHER: "Something else",
    }
)
"""Why a person types a weight: code and words. The last one goes with a note."""
_MOST_NOTE: Final = 200


def typed_evidence(told: str) -> dict[str, Any]:
    """Return what is kept of a typed weight beside its scale: nothing for one that the scale told itself (`told` is
    empty), else its reason, of `TYPED_REASONS`, and its note: "OTHER: dark display" has one.

    A weight that was read is never refused for its reason: one that is on no list is a note.
    """
    if not told.strip():
        return {}
    code, _, note = told.partition(":")
    known = code.strip() in TYPED_REASONS
    words = note if known else told
    return {
        "entry": "typed", "reason": code.strip() if known else OTHER, "note": words.strip()[:_MOST_NOTE],
    }  # fmt: skip


def typed_words(evidence: Mapping[str, Any]) -> str:
    """Return in words that a weight was typed, and why; "" for one that its scale told."""
    if evidence.get("entry") != "typed":
        return ""
    why = TYPED_REASONS[evidence["reason"]]
    return f"{why}: {evidence['note']}" if evidence["note"] else why
