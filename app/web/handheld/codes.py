import re
from typing import Final

_AIM: Final = re.compile(r"^\](E0|E4|C0|C1|d2|Q3|e0|d1|Q1|Q0|A0)")
_GTIN_LENGTHS: Final = {8, 12, 13, 14}
_GTIN_DIGITS: Final = 14
_SSCC_DIGITS: Final = 18


def comparable(code: str) -> str:
    """Return a code as the handheld compares it (js/scan/codes.js does the same): a trade item number with a right
    check digit in 14 digits, a license plate without its identifier, anything else in capitals.
    """
    text = _AIM.sub("", code.strip()).removeprefix("(00)")
    if len(text) == len("00") + _SSCC_DIGITS and text.startswith("00") and text.isdigit():
        return text.removeprefix("00")
    is_number = text.isascii() and text.isdigit() and len(text) in _GTIN_LENGTHS
    return text.zfill(_GTIN_DIGITS) if is_number and _has_right_check_digit(text) else text.upper()


def as_scanned(code: str, raw: str) -> str:
    """Return what the books are asked with: a plain code in its own letters, a trade item number by its digits."""
    return raw.strip() if raw.strip().upper() == code else code


def _has_right_check_digit(digits: str) -> bool:
    """GS1 General Specifications 7.9: weights 3 and 1 from the right, modulo 10."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits[:-1])))
    return -total % 10 == int(digits[-1])
