"""Cells of a carrier's invoice: read where they can mean one thing only."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from app.importers.fields import FIRST_YEAR, HEAVIEST_G, LAST_YEAR, minor, number, unit_of
from kernel.money import decimals
from shipping.api import WEIGHT_UNITS

_DAY: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_SIGNS: Final = str.maketrans("", "", "€$£¥")
_WEIGHT: Final = re.compile(r"([0-9][0-9.,]*)\s*([a-z]*)\.?")
_PIECE: Final = re.compile(r"(.*?)[\s:=]*([-+]?[0-9][0-9.,]*)")


def amount(text: str, currency: str) -> int | None:
    """Return an amount in minor units, exactly; None where it is none or can be read in two ways.

    Brackets, or a minus behind, mean a credit.
    """
    bare = text.translate(_SIGNS).replace(currency, "").strip() if currency else text.strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1].strip()}"
    if bare.endswith("-"):
        bare = f"-{bare[:-1].strip()}"
    plain = number(bare)
    return minor(plain, decimals(currency)) if plain is not None else None


def weight(text: str, unit: str) -> tuple[str, str] | None:
    """Return a weight as a plain number with its unit: the cell's own, or else that of its column."""
    found = _WEIGHT.fullmatch(text.strip().casefold())
    if found is None:
        return None
    named = unit_of(found[2]) if found[2] else unit
    plain = number(found[1]) if named == "g" else _plain_weight(found[1])
    if plain is None or named not in WEIGHT_UNITS:
        return None
    grams = Decimal(plain) * Decimal(str(float(WEIGHT_UNITS[named])))
    return (plain, named) if 0 <= grams <= HEAVIEST_G else None


def _plain_weight(text: str) -> str | None:
    """Weights in kg have three digits behind the mark as often as not: one mark alone is the decimal one."""
    if text.count(",") + text.count(".") == 1:
        whole, _, part = text.replace(",", ".").partition(".")
        return f"{whole}.{part}" if whole and part else None
    return number(text)


def day(text: str) -> date | None:
    """Return a day: 2026-11-24, 20261124, 24.11.2026, or with slashes where only one order is possible."""
    bare = text.strip()
    found: date | None
    try:
        found = date.fromisoformat(bare[:10] if bare[10:11] in ("T", " ") else bare)
    except ValueError:
        found = _day_of(bare)
    return found if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _day_of(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    first, mark, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    orders = {(first, second)} if mark == "." else {(first, second), (second, first)}
    possible = {each for each in (_date(year, month, at) for at, month in orders) if each is not None}
    return possible.pop() if len(possible) == 1 else None


def _date(year: int, month: int, at: int) -> date | None:
    try:
        return date(year, month, at)
    except ValueError:
        return None


def surcharges(text: str, currency: str) -> tuple[tuple[str, int], ...] | None:
    """Return surcharges as (code, minor units): one sum, or "FUEL 1.20; REMOTE 3.50"; None where it cannot be read."""
    whole = amount(text, currency)
    if whole is not None:
        return (("", whole),) if whole else ()
    found = []
    for piece in re.split(r"[;|]", text):
        match = _PIECE.fullmatch(piece.replace(currency, "").strip()) if piece.strip() else None
        value = amount(match[2], currency) if match else None
        if match is None or value is None or not match[1].strip():
            return None
        found.append((match[1].strip(), value))
    return tuple(found)
