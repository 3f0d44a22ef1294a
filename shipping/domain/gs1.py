import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import biip

FNC1 = "\x1d"

CodeKind = Literal["gtin", "sscc", "gs1", "other"]

_GTIN_LENGTHS = (8, 12, 13, 14)
_SSCC_LENGTH = 18
# Elements starting with these two digits have a predefined length and need no separator after them
# (GS1 General Specifications, figure "Element strings with predefined length").
_PREDEFINED_PREFIXES = frozenset(
    ["00", "01", "02", "03", "04", *(f"{n}" for n in range(11, 21)), "31", "32", "33", "34", "35", "36", "41"]
)
_DIGITS = re.compile(r"[0-9]+")
# What the encodable character set 82 of the GS1 General Specifications allows in an alphanumeric element.
_CHARSET_82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
# Formats of the application identifiers that shipping writes: digits only, shortest and longest value.
_FORMATS: dict[str, tuple[bool, int, int]] = {
    "00": (True, 18, 18),
    "01": (True, 14, 14),
    "02": (True, 14, 14),
    "10": (False, 1, 20),
    "11": (True, 6, 6),
    "15": (True, 6, 6),
    "17": (True, 6, 6),
    "21": (False, 1, 20),
    "37": (True, 1, 8),
    "400": (False, 1, 30),
    "401": (False, 1, 30),
    "402": (True, 17, 17),
    "403": (False, 1, 30),
    "410": (True, 13, 13),
    "413": (True, 13, 13),
    "420": (False, 1, 20),
    "421": (False, 4, 12),
}
_CHECKED = frozenset({"00", "01", "02", "402", "410", "413"})


class InvalidGs1Value(ValueError):
    """A value breaks a GS1 rule; the text says which."""


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """What a scan means: the kind, the value as scanned without its AIM id, and the elements by identifier."""

    kind: CodeKind
    value: str
    gtin: str | None
    sscc: str | None
    elements: tuple[tuple[str, str], ...]
    problem: str | None = None


def check_digit(digits: str) -> int:
    """Compute the GS1 modulo-10 check digit of the digits before it: weights 3, 1, 3... from the right.

    Raises:
        InvalidGs1Value: the text is empty or not digits only.
    """
    if not _DIGITS.fullmatch(digits):
        raise InvalidGs1Value("a check digit is computed from digits only")
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -total % 10


def has_valid_check_digit(digits: str) -> bool:
    """Say whether the last digit is the right check digit for those before it."""
    return len(digits) > 1 and bool(_DIGITS.fullmatch(digits)) and check_digit(digits[:-1]) == int(digits[-1])


def is_valid_gtin(code: str) -> bool:
    """Say whether a text is a GTIN-8, -12, -13 or -14 with the right check digit."""
    return len(code) in _GTIN_LENGTHS and has_valid_check_digit(code)


def normalize_gtin(code: str) -> str:
    """Bring a GTIN to its 14-digit form, in which GTIN-12 and GTIN-13 of one product are equal.

    Raises:
        InvalidGs1Value: the code is no valid GTIN.
    """
    if not is_valid_gtin(code):
        raise InvalidGs1Value(f"{code!r} is no GTIN: 8, 12, 13 or 14 digits with a right check digit are needed")
    return code.zfill(14)


def build_sscc(extension_digit: int, company_prefix: str, serial: int) -> str:
    """Build an SSCC-18: extension digit, GS1 company prefix, serial reference filled to 16 digits, check digit.

    Raises:
        InvalidGs1Value: an extension digit outside 0-9, a prefix not of 4-12 digits, or a serial without room.
    """
    if extension_digit not in range(10):
        raise InvalidGs1Value("the extension digit is 0 to 9")
    if not re.fullmatch(r"[0-9]{4,12}", company_prefix):
        raise InvalidGs1Value("a GS1 company prefix has 4 to 12 digits")
    room = 16 - len(company_prefix)
    if serial < 0 or len(str(serial)) > room:
        raise InvalidGs1Value(f"the serial reference must have at most {room} digits")
    body = f"{extension_digit}{company_prefix}{serial:0{room}d}"
    return f"{body}{check_digit(body)}"


def build_gsin(company_prefix: str, serial: int) -> str:
    """Build a GSIN, application identifier 402, of 17 digits: GS1 company prefix, serial filled to 16 digits, check
    digit. The number of a VICS bill of lading has the same form.

    Raises:
        InvalidGs1Value: a prefix not of 4-12 digits, or a serial without room.
    """
    if not re.fullmatch(r"[0-9]{4,12}", company_prefix):
        raise InvalidGs1Value("a GS1 company prefix has 4 to 12 digits")
    room = 16 - len(company_prefix)
    if serial < 0 or len(str(serial)) > room:
        raise InvalidGs1Value(f"the serial must have at most {room} digits")
    body = f"{company_prefix}{serial:0{room}d}"
    return f"{body}{check_digit(body)}"


def is_valid_sscc(code: str) -> bool:
    """Say whether a text is an 18-digit SSCC with the right check digit."""
    return len(code) == _SSCC_LENGTH and has_valid_check_digit(code)


def element_string(elements: Sequence[tuple[str, str]]) -> str:
    """Join (application identifier, value) pairs for a GS1-128 symbol, without the leading FNC1.

    A separator (FNC1, sent by scanners as the control character GS) stands only after an element of variable length
    that is not the last.

    Raises:
        InvalidGs1Value: unknown identifier, or a value that breaks its format or check digit.
    """
    parts: list[str] = []
    for index, (identifier, value) in enumerate(elements):
        _require_format(identifier, value)
        is_last = index == len(elements) - 1
        separator = "" if is_last or identifier[:2] in _PREDEFINED_PREFIXES else FNC1
        parts.append(f"{identifier}{value}{separator}")
    return "".join(parts)


def human_readable(elements: Sequence[tuple[str, str]]) -> str:
    """Write elements for people, identifiers in parentheses, which are never part of the symbol."""
    return " ".join(f"({identifier}) {value}" for identifier, value in elements)


def ship_to_post_element(postal_code: str, country_numeric: str | None = None) -> tuple[str, str]:
    """Build the ship-to postal code element: 420 within one postal authority, 421 with an ISO 3166 numeric country.

    Blanks and hyphens are left out; characters that the symbol cannot carry are refused.

    Raises:
        InvalidGs1Value: no usable postal code.
    """
    code = "".join(c for c in postal_code.upper() if c not in " -")
    element = ("421", f"{country_numeric}{code}") if country_numeric else ("420", code)
    _require_format(*element)
    return element


def parse_scan(text: str) -> ScannedCode:
    """Read a scanned code: AIM id if sent, then GTIN, SSCC, GS1 element string, else "other".

    Without an AIM id a text of 8, 12, 13 or 14 digits with a right check digit is a GTIN, although it could also be
    read as an element string (4006381333931 as (400) 6381333931).
    """
    value = text.strip(" \r\n\t")
    if not value:
        return ScannedCode("other", "", None, None, (), "the scan is empty")
    if is_valid_gtin(value):
        return ScannedCode("gtin", value, normalize_gtin(value), None, ())
    if is_valid_sscc(value):
        return ScannedCode("sscc", value, None, value, ())
    try:
        result = biip.parse(value)
    except (biip.ParseError, IndexError):  # biip 5.2 indexes past the end of some symbology identifiers
        return ScannedCode("other", value, None, None, ())
    bare = value[3:] if result.symbology_identifier else value
    message = result.gs1_message
    if message is None:
        gtin = result.gtin.as_gtin_14() if result.gtin else None
        return ScannedCode("gtin" if gtin else "other", bare, gtin, None, ())
    return _from_elements(bare, tuple((e.ai.ai, e.value) for e in message.element_strings))


def _from_elements(value: str, elements: tuple[tuple[str, str], ...]) -> ScannedCode:
    found = dict(elements)
    wrong = [ai for ai in ("00", "01", "02") if ai in found and not has_valid_check_digit(found[ai])]
    problem = f"wrong check digit in element ({wrong[0]})" if wrong else None
    gtin = found.get("01", found.get("02"))
    sscc = found.get("00")
    return ScannedCode("gs1", value, None if wrong else gtin, None if wrong else sscc, elements, problem)


def _require_format(identifier: str, value: str) -> None:
    if identifier not in _FORMATS:
        raise InvalidGs1Value(f"application identifier ({identifier}) is not one that shipping writes")
    digits_only, shortest, longest = _FORMATS[identifier]
    charset = _DIGITS if digits_only else _CHARSET_82
    if not shortest <= len(value) <= longest or not charset.fullmatch(value):
        raise InvalidGs1Value(f"({identifier}) takes {shortest} to {longest} allowed characters, not {value!r}")
    if identifier in _CHECKED and not has_valid_check_digit(value):
        raise InvalidGs1Value(f"({identifier}) {value} has a wrong check digit")
    if identifier == "421" and not _DIGITS.fullmatch(value[:3]):
        raise InvalidGs1Value("(421) starts with a three-digit country number")
