"""How goods are kept, and why some of them ride alone, as people read it."""

from typing import Final

TEMPERATURES: Final = {"ambient": "Ambient", "chilled": "Chilled", "frozen": "Frozen"}
_APART: Final = {"chilled": "Chilled", "frozen": "Frozen", "hazmat": "Hazardous"}


def care_marks(kept_apart: str) -> list[tuple[str, str]]:
    """Return the reasons why goods are kept apart from others, each with its word."""
    return [(reason, _APART[reason]) for reason in kept_apart.split()]


def care_words(kept_apart: str) -> str:
    """Return why goods are kept apart from others in words, "" for those that are not."""
    return ", ".join(word for _, word in care_marks(kept_apart)).capitalize()
