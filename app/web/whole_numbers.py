"""Whole numbers as people write them into forms."""

from typing import Final

from kernel.errors import Invalid

MOST: Final = 999_999_999
"""The largest whole number that a field takes unless it names another bound."""
_MOST_DIGITS = 15


def read_whole(text: str, pointer: str, *, least: int = 0, most: int = MOST, remedy: str = "Write digits only.") -> int:
    """Return the whole number that somebody wrote, without separators. `pointer` names the field (RFC 6901).

    Raises:
        Invalid: it is none, or not from `least` to `most`.
    """
    written = text.strip()
    digits = written.removeprefix("-") if least < 0 else written
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
        raise Invalid("This is not a whole number.", remedy=remedy, pointer=pointer)
    if not least <= int(written) <= most:
        raise Invalid("This is not such a number.", remedy=f"Enter {least:,} to {most:,}.", pointer=pointer)
    return int(written)
