from datetime import datetime
from decimal import Decimal, DecimalException
from zoneinfo import ZoneInfo

HEAVIEST_G = 1_000_000
LONGEST_MM = 100_000
HIGHEST_MINOR = 10**15
FIRST_YEAR, LAST_YEAR = 2000, 2099
"""A year outside of these was misread or mistyped; near the ends of the calendar no date has a neighbor."""


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a time, local unless it names its offset; None when it cannot be read, or not be meant.

    One that a clock change repeats is the first.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def minor(text: str, decimals: int = 2) -> int | None:
    """Read an amount as integer minor units, None when it is none, is too high, or has too many digits."""
    try:
        amount = Decimal(text).scaleb(decimals)
        whole = amount.to_integral_value()
    except DecimalException:
        return None
    return int(amount) if amount.is_finite() and amount == whole and abs(amount) <= HIGHEST_MINOR else None


def grams(text: str) -> int:
    """Read a weight in g; 0 stands for unknown or impossible."""
    return _rounded(text, 1, HEAVIEST_G)


def millimeters(text: str) -> int:
    """Read a length in cm as mm; 0 stands for unknown or impossible."""
    return _rounded(text, 10, LONGEST_MM)


def _rounded(text: str, factor: int, most: int) -> int:
    try:
        value = Decimal(text) * factor
    except DecimalException:
        return 0
    return int(value.to_integral_value()) if value.is_finite() and 0 < value <= most else 0
