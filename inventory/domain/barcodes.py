import re
from collections.abc import Iterable
from datetime import date

from biip import ParseError, parse
from biip.gs1_messages import GS1Message

from inventory.domain.values import Pack

GTIN_DIGITS = 14
_SSCC_DIGITS = 18
_SEPARATORS = re.compile(r"\||\{GS\}")
_LENGTHS = {8, 12, 13, 14}


def normalize_gtin(code: str) -> str | None:
    """Return a GTIN-8, -12, -13 or -14 as 14 digits, None when the length or the check digit is wrong.

    Check digit: GS1 General Specifications, section 7.9 (weights 3 and 1 from the right, modulo 10).
    """
    if len(code) not in _LENGTHS or not (code.isascii() and code.isdigit()):
        return None
    padded = code.zfill(GTIN_DIGITS)
    return padded if _check_digit(padded[:-1]) == int(padded[-1]) else None


def gtin_in(scan: str) -> str | None:
    """Return the GTIN, as 14 digits, that a scan carries: plain, or as element string with application identifier 01
    or 02 (GS1-128, GS1 DataMatrix), None when it carries none.
    """
    plain = normalize_gtin(scan)
    if plain is not None:
        return plain
    message = _message(scan)
    found = message.element_strings.get(ai="01") or message.element_strings.get(ai="02") if message else None
    return normalize_gtin(found.value) if found else None


def units_in_scan(scan: str, packs: Iterable[Pack]) -> int:
    """Return how many base units a scanned code stands for: those of the pack with this GTIN, else one."""
    gtin = gtin_in(scan.strip())
    return next((pack.units for pack in packs if pack.gtin == gtin), 1)


def lot_in_scan(scan: str) -> tuple[str, date | None]:
    """Return the lot (application identifier 10) and the last good day (17, else 15) that a scan carries."""
    message = None if normalize_gtin(scan) else _message(scan)
    if message is None:
        return "", None
    lot = message.element_strings.get(ai="10")
    expiry = message.element_strings.get(ai="17") or message.element_strings.get(ai="15")
    return lot.value if lot else "", expiry.date if expiry else None


def serial_in_scan(scan: str) -> str:
    """Return the serial number (application identifier 21) that a scan carries, "" if it carries none."""
    message = None if normalize_gtin(scan) else _message(scan)
    found = message.element_strings.get(ai="21") if message else None
    return found.value if found else ""


def sscc_in(scan: str) -> str:
    """Return the SSCC (18 digits, application identifier 00) that a scan carries, plain or as element string, "" if it
    carries none.
    """
    if len(scan) == _SSCC_DIGITS and has_check_digit(scan):
        return scan
    message = _message(scan)
    found = message.element_strings.get(ai="00") if message else None
    return found.value if found else ""


def is_sscc_scan(scan: str) -> bool:
    """Say whether a scan is meant to be an SSCC: it may still have a wrong check digit."""
    bare = scan.strip().removeprefix("]C1").replace("(", "").replace(")", "")
    digits = bare.removeprefix("00") if len(bare) == _SSCC_DIGITS + 2 else bare
    return len(digits) == _SSCC_DIGITS and digits.isascii() and digits.isdigit()


def has_check_digit(digits: str) -> bool:
    """Say whether the last of these digits is the right check digit of those before it."""
    return digits.isascii() and digits.isdigit() and _check_digit(digits[:-1]) == int(digits[-1])


def with_check_digit(digits: str) -> str:
    """Return digits with their check digit behind them."""
    return f"{digits}{_check_digit(digits)}"


def _message(scan: str) -> GS1Message | None:
    """Read element strings as the handheld does (js/scan/codes.js): a scanner may put another sign in the place of the
    separator, and a person types the identifiers in parentheses as they are printed.
    """
    try:
        if scan.startswith("("):
            return GS1Message.parse_hri(scan)
        return parse(_SEPARATORS.sub("\x1d", scan)).gs1_message
    except ParseError:
        return None


def _check_digit(digits: str) -> int:
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits)))
    return -total % 10
