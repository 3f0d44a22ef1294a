from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

HEAVIEST_G = 1_000_000
LONGEST_MM = 100_000


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Read local time without zone, None when it cannot be read. One that a clock change repeats is the first."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        return None


def minor(text: str, decimals: int = 2) -> int | None:
    """Read an amount as integer minor units, None when it is none or has more digits than the currency."""
    try:
        amount = Decimal(text).scaleb(decimals)
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == amount.to_integral_value() else None


def grams(text: str) -> int:
    """Read a weight in g; 0 stands for unknown or impossible."""
    return _rounded(text, 1, HEAVIEST_G)


def millimeters(text: str) -> int:
    """Read a length in cm as mm; 0 stands for unknown or impossible."""
    return _rounded(text, 10, LONGEST_MM)


def _rounded(text: str, factor: int, most: int) -> int:
    try:
        value = Decimal(text) * factor
    except InvalidOperation:
        return 0
    return int(value.to_integral_value()) if value.is_finite() and 0 < value <= most else 0
