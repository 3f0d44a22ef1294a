import re
from datetime import datetime
from decimal import Decimal, DecimalException
from zoneinfo import ZoneInfo

from shipping.api import WEIGHT_UNITS

HEAVIEST_G = 1_000_000
LONGEST_MM = 100_000
HIGHEST_MINOR = 10**15
FIRST_YEAR, LAST_YEAR = 2000, 2099
"""A year outside of these was misread or mistyped; near the ends of the calendar no date has a neighbor."""
_AMOUNT = re.compile(r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})")
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,' \u00a0\u202f]*")
_UNITS = {"kgs": "kg", "lbs": "lb", "pound": "lb", "pounds": "lb", "gram": "g", "grams": "g", "ounces": "oz"}
_THREE = 3


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


def number(text: str) -> str | None:
    """Return a number with a point and no thousands, None where it is none or can be read in two ways.

    1.234,50 and 1,234.50 say what their marks mean; 1,234 alone does not.
    """
    bare = text.strip().strip("'")
    if not _NUMBER.fullmatch(bare):
        return None
    bare = re.sub(r"[' \u00a0\u202f]", "", bare)
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return bare
    mark, other = bare[last], "," if bare[last] == "." else "."
    whole, part = bare[:last], bare[last + 1 :]
    if mark in whole:
        return _thousands(bare, mark) if other not in bare else None
    if len(part) == _THREE and other not in whole and whole.lstrip("+-") not in ("", "0"):
        return None
    joined = _thousands(whole, other) if other in whole else whole
    return f"{joined}.{part}" if joined is not None and part.isdecimal() else None


def _thousands(text: str, mark: str) -> str | None:
    first, *groups = text.lstrip("+-").split(mark)
    sound = 1 <= len(first) <= _THREE and all(len(each) == _THREE and each.isdecimal() for each in groups)
    return text.replace(mark, "") if sound else None


def unit_of(text: str) -> str:
    """Return a unit of weight as we write it, "" for none that we know."""
    key = text.strip().strip(".").casefold()
    key = _UNITS.get(key, key)
    return key if key in WEIGHT_UNITS else ""


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
