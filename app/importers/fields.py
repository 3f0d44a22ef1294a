import re
from datetime import datetime
from decimal import Decimal, DecimalException
from zoneinfo import ZoneInfo

HEAVIEST_G = 1_000_000
LONGEST_MM = 100_000
HIGHEST_MINOR = 10**15
FIRST_YEAR, LAST_YEAR = 2000, 2099
"""A year outside of these was misread or mistyped; near the ends of the calendar no date has a neighbor."""
_AMOUNT = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})")


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
    """Read an amount as integer minor units, None when it is none, is too high, or has too many digits.

    Digits and one point make an amount: what else Python takes for a number, such as 1_000, 1e3 or other digits than
    ours, nobody means in a file.
    """
    if not _AMOUNT.fullmatch(text):
        return None
    amount = Decimal(text).scaleb(decimals)
    return int(amount) if amount == amount.to_integral_value() and abs(amount) <= HIGHEST_MINOR else None


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
