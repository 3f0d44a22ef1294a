"""Cells of a catalogue: read where they can mean one thing only."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.importers.fields import number, unit_of
from inventory.api import Pack, gtin_in
from shipping.api import WEIGHT_UNITS

NONE: Final = "none"
"""What takes away what is known; an empty cell leaves it."""
_FACTORS: Final[Mapping[str, Decimal]] = {
    **{unit: Decimal(each.numerator) / Decimal(each.denominator) for unit, each in WEIGHT_UNITS.items()},
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1_000),
    "in": Decimal("25.4"),
}
_LENGTHS: Final = {
    "mm": "mm", "cm": "cm", "m": "m", "in": "in", '"': "in", "inch": "in", "inches": "in", "millimeters": "mm",
    "millimetres": "mm", "centimeters": "cm", "centimetres": "cm",
}  # fmt: skip
_BASE: Final = ("g", "mm")
_MEASURE: Final = re.compile(r"""([-+]?[0-9][0-9.,'\s]*?)\s*([a-z"]*)\.?""")
_SHORTENED: Final = re.compile(r"[0-9][.,]?[0-9]*e\+?[0-9]+", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s,;|]+")
_YES: Final = frozenset({"yes", "y", "true", "1", "x", "on", "ja", "sim", "oui"})
_NO: Final = frozenset({"no", "n", "false", "0", "off", "nein", "nao", "não", "non", NONE})
_UPC: Final = 12
_LONGEST_NUMBER = 12
_HIGHEST: Final = 10**_LONGEST_NUMBER
"""Of g or mm: a figure beyond it is no slip of units, but of the hand."""
_SHOWN = 40


class NotRead(ValueError):
    """A cell that cannot be understood: which fault it is, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def length_unit(text: str) -> str:
    """Return a unit of length as we write it, "" for none that we know."""
    return _LENGTHS.get(text.strip().strip(".").casefold(), "")


def measure(text: str, unit: str, *, is_weight: bool) -> int:
    """Return a weight in g or a length in mm, from 1; `unit` is that of its column, where the cell names none.

    Raises:
        NotRead: it is no number, 0, without a unit, or with two.
    """
    units = "g, kg, lb or oz" if is_weight else "mm, cm or in"
    found = _MEASURE.fullmatch(text.strip().casefold())
    if found is None:
        raise NotRead(
            "not_a_number", f"“{_short(text)}” is no measure. Write digits, and {units} in the unit's column."
        )
    own = (unit_of if is_weight else length_unit)(found[2])
    if found[2] and not own:
        raise NotRead("unknown_unit", f"“{found[2]}” is no unit here. Write {units}.")
    if own and unit and own != unit:
        raise NotRead("contradiction", f"The cell says {own}, and its column {unit}. Keep the right one.")
    if not (own or unit):
        raise NotRead("no_unit", f"{_short(text)} of what? Write {units} in the unit's column, or behind the figure.")
    plain = _plain(found[1].strip(), own or unit)
    if plain is None:
        raise NotRead("ambiguous", f"“{_short(text)}” can be read in two ways. Write it without thousands marks.")
    value = Decimal(plain) * _FACTORS[own or unit]
    if not 0 < value <= _HIGHEST:
        raise NotRead("out_of_range", f"{_short(text)} cannot be. Leave the cell empty where it is not known.")
    return max(1, int(value.to_integral_value(ROUND_HALF_UP)))


def _plain(text: str, unit: str) -> str | None:
    """Grams and millimeters seldom have decimals; of the larger units, one mark alone is the decimal one."""
    if unit not in _BASE and text.count(",") + text.count(".") == 1 and text[-1] not in ",.":
        return re.sub(r"['\s]", "", text.replace(",", "."))
    return number(text)


def flag(text: str) -> bool:
    """Return whether a cell says yes.

    Raises:
        NotRead: it says neither yes nor no.
    """
    told = text.strip().casefold()
    if told not in _YES | _NO:
        raise NotRead("not_a_flag", f"“{_short(text)}” is neither yes nor no.")
    return told in _YES


def whole(text: str, most: int, what: str) -> int:
    """Return a whole number from 0 to `most`.

    Raises:
        NotRead: it is none.
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_NUMBER and int(digits) <= most):
        raise NotRead("not_a_number", f"“{_short(text)}” is no number of {what}: write 0 to {most:,}, digits only.")
    return int(digits)


def gtins(text: str) -> tuple[str, ...]:
    """Return the GTINs of a cell as 14 digits, in their order; `none` is no GTIN at all.

    Raises:
        NotRead: one of them is none.
    """
    if text.strip().casefold() == NONE:
        return ()
    return tuple(sorted({_gtin(each) for each in _pieces(text)}))


def packs(text: str) -> tuple[Pack, ...]:
    """Return the inners and cases of a cell such as `14006381333938:12 24006381333935:144`, the smallest first.

    Raises:
        NotRead: a piece of it is no GTIN with units behind a colon.
    """
    if text.strip().casefold() == NONE:
        return ()
    found = []
    for piece in _pieces(re.sub(r"\s*:\s*", ":", text)):
        code, colon, units = piece.partition(":")
        if not (colon and units.isascii() and units.isdecimal() and len(units) <= _LONGEST_NUMBER):
            raise NotRead("not_a_pack", f"“{_short(piece)}” is no case. Write GTIN:units, such as 14006381333938:12.")
        found.append(Pack(_gtin(code), int(units)))
    return tuple(sorted(found, key=lambda pack: (pack.units, pack.gtin)))


def _pieces(text: str) -> list[str]:
    return [piece for piece in _BETWEEN.split(text.strip()) if piece]


def _gtin(text: str) -> str:
    found = gtin_in(text)
    if found is not None:
        return found
    if _SHORTENED.fullmatch(text):
        words = f"A spreadsheet shortened it to {_short(text)}: format the column as text, and write all digits."
        raise NotRead("shortened", words)
    if text.isascii() and text.isdecimal() and len(text) < _UPC and gtin_in(text.zfill(_UPC)):
        words = f"{text} lost its leading zeros: write {text.zfill(_UPC)}, and format the column as text."
        raise NotRead("leading_zero", words)
    words = f"{_short(text)} is no GTIN: its length or its check digit is wrong. Compare it with the print."
    raise NotRead("check_digit", words)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
