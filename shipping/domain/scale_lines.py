"""What a scale says on its line, told apart: a weight that stands still, or why there is none.

Read are Mettler Toledo's MT-SICS (`S S 1.234 kg`), 8213 and 8217 (`<STX>01.234`, `<STX>?<status>`) and continuous
output (`<STX>` with three status words), NCI SCP-01 (`1.234kg` with its status bytes), SMA SCP-0499 (`1G M 5.025lb`),
A&D (`ST,GS,+1.234kg`), and a plain number with or without its unit.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from shipping.domain.billed_weight import G_PER_KG, G_PER_POUND

_G: Final = {
    "g": Fraction(1), "kg": G_PER_KG, "lb": G_PER_POUND, "lbs": G_PER_POUND, "oz": G_PER_POUND / 16,
}  # fmt: skip
_NUMBER: Final = r"[+-]?\s*(?:\d{1,9}(?:[.,]\d{0,6})?|[.,]\d{1,6})"
_UNIT: Final = r"(?:kg|g|lbs?|oz)"
_SICS: Final = re.compile(rf"^SI?\s+([SD])\s+({_NUMBER})\s*({_UNIT})$", re.IGNORECASE)
_SICS_NONE: Final = re.compile(r"^SI?\s+([I+-])$", re.IGNORECASE)
_SICS_FAULT: Final = re.compile(r"^(?:E[STL]|S\s+L)$", re.IGNORECASE)
_SMA: Final = re.compile(rf"^([ZOUEIT]?)\s*[1-9]([GN])\s*(M?)\s*({_NUMBER}|-{{3,}})\s*({_UNIT})?$", re.IGNORECASE)
_NCI: Final = re.compile(rf"^({_NUMBER})\s*({_UNIT})\s*[\r\n]+\s*S?([\x30-\x3f\xb0-\xbf]{{2,3}})$", re.IGNORECASE)
_NCI_NONE: Final = re.compile(r"^S([\x30-\x3f]{2,3})$")
_AND: Final = re.compile(rf"^(ST|US|OL)\s*,\s*(?:(?:GS|NT|TR)\s*,)?\s*({_NUMBER})?\s*({_UNIT})?$", re.IGNORECASE)
_TOLEDO: Final = re.compile(r"^([\x20-\x7f]{3})([ \d]{6})[ \d]{0,6}.?$")
_TOLEDO_STATUS: Final = re.compile(r"^\?(.)$", re.DOTALL)
_TOLEDO_WEIGHT: Final = re.compile(r"^(\d{1,3}\.\d{2,3}|0\d{4,6})N?$")
_PLAIN: Final = re.compile(rf"^({_NUMBER})\s*({_UNIT})?$", re.IGNORECASE)
_STX, _ENDS, _KG_DECIMALS = "\x02", "\x03\r\n\t ", 3
_SCALED: Final = {
    0: Fraction(100), 1: Fraction(10), 2: Fraction(1), 3: Fraction(1, 10), 4: Fraction(1, 100), 5: Fraction(1, 1000),
    6: Fraction(1, 10_000), 7: Fraction(1, 100_000),
}  # fmt: skip
"""What one digit counts in Toledo's continuous output, by the low three bits of its first status word."""


class ScaleState(StrEnum):
    """Whether a scale's line is a weight (`stable`), or why it is none."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    ZERO = "zero"
    OVER = "over"
    UNDER = "under"
    FAULT = "fault"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """A scale's line: its state, and the exact weight in g where it shows one."""

    state: ScaleState
    grams: Fraction | None = None

    @property
    def whole_grams(self) -> int:
        """The weight to the next whole gram, a half upward; 0 without one."""
        return 0 if self.grams is None else (self.grams + Fraction(1, 2)).__floor__()


def read_scale_line(line: str) -> ScaleLine:
    """Read one line of a scale, or the two lines of a weight and its status, with or without their control characters.

    A negative weight is `under`, one of 0 `zero`, whatever the scale calls it. A number without a unit is kilograms
    with decimals and grams without; on Toledo's POS line two decimals are pounds, as its maker defines it.
    """
    has_start = line.lstrip("\r\n ").startswith(_STX)
    text = line.strip(_ENDS + _STX)
    if not text:
        return ScaleLine(ScaleState.UNREADABLE)
    if has_start:
        # Status bytes may be blanks, which are not to be stripped.
        return _toledo(line.lstrip("\r\n ").removeprefix(_STX).rstrip("\x03\r\n"))
    return _sics(text) or _nci(text) or _and(text) or _sma(text) or _plain(text) or ScaleLine(ScaleState.UNREADABLE)


def _weight(number: str, unit: str, state: ScaleState = ScaleState.STABLE) -> ScaleLine:
    value = Fraction(re.sub(r"\s", "", number).replace(",", ".").rstrip(".")) * _G[unit.lower()]
    return _judged(value, state)


def _judged(grams: Fraction, state: ScaleState = ScaleState.STABLE) -> ScaleLine:
    if state is ScaleState.STABLE and grams <= 0:
        state = ScaleState.UNDER if grams < 0 else ScaleState.ZERO
    return ScaleLine(state, grams)


def _sics(text: str) -> ScaleLine | None:
    if _SICS_FAULT.match(text):
        return ScaleLine(ScaleState.FAULT)
    if none := _SICS_NONE.match(text):
        states = {"I": ScaleState.UNSTABLE, "+": ScaleState.OVER, "-": ScaleState.UNDER}
        return ScaleLine(states[none[1].upper()])
    found = _SICS.match(text)
    if found is None:
        return None
    return _weight(found[2], found[3], ScaleState.STABLE if found[1].upper() == "S" else ScaleState.UNSTABLE)


def _nci(text: str) -> ScaleLine | None:
    """SCP-01: the first byte's bits are motion and zero, faults above; the second's under and over capacity."""
    if none := _NCI_NONE.match(text):
        state = _nci_state(none[1])
        return ScaleLine(ScaleState.FAULT if state is ScaleState.STABLE else state)
    found = _NCI.match(text)
    return _weight(found[1], found[2], _nci_state(found[3])) if found else None


def _nci_state(status: str) -> ScaleState:
    first, second = ord(status[0]), ord(status[1])
    if first & 0b1100 or second & 0b1100:
        return ScaleState.FAULT
    if second & 0b01:
        return ScaleState.UNDER
    if second & 0b10:
        return ScaleState.OVER
    return ScaleState.UNSTABLE if first & 0b01 else ScaleState.STABLE


def _and(text: str) -> ScaleLine | None:
    found = _AND.match(text)
    if found is None:
        return None
    state = {"ST": ScaleState.STABLE, "US": ScaleState.UNSTABLE, "OL": ScaleState.OVER}[found[1].upper()]
    if found[2] and found[3] and state is not ScaleState.OVER:
        return _weight(found[2], found[3], state)
    return ScaleLine(ScaleState.UNREADABLE if state is ScaleState.STABLE else state)


def _sma(text: str) -> ScaleLine | None:
    found = _SMA.match(text)
    if found is None:
        return None
    status, _, motion, number, unit = found.groups()
    errors = {"O": ScaleState.OVER, "U": ScaleState.UNDER} | dict.fromkeys("EIT", ScaleState.FAULT)
    if status.upper() in errors:
        return ScaleLine(errors[status.upper()])
    if number.startswith("---"):
        return ScaleLine(ScaleState.FAULT)
    if not unit:
        return ScaleLine(ScaleState.UNREADABLE)
    return _weight(number, unit, ScaleState.UNSTABLE if motion else ScaleState.STABLE)


def _plain(text: str) -> ScaleLine | None:
    found = _PLAIN.match(text)
    if found is None:
        return None
    unit = found[2] or ("kg" if re.search(r"[.,]", found[1]) else "g")
    return _weight(found[1], unit)


def _toledo(text: str) -> ScaleLine:
    """After STX: a weight or a status byte of 8213 and 8217, or the three status words of the continuous output."""
    if status := _TOLEDO_STATUS.match(text):
        return ScaleLine(_toledo_state(ord(status[1])))
    if found := _TOLEDO_WEIGHT.match(text):
        number = found[1]
        decimals = len(number.partition(".")[2])
        return _weight(number, {0: "g", _KG_DECIMALS: "kg"}.get(decimals, "lb"))
    words = _TOLEDO.match(text)
    return _continuous(words[1], words[2]) if words else ScaleLine(ScaleState.UNREADABLE)


def _toledo_state(status: int) -> ScaleState:
    """8213 and 8217: bits 0 to 4 are motion, over capacity, under zero, outside zero capture and center of zero."""
    if status & 0b10:
        return ScaleState.OVER
    if status & 0b100:
        return ScaleState.UNDER
    if status & 0b1:
        return ScaleState.UNSTABLE
    return ScaleState.ZERO if status & 0b10000 else ScaleState.FAULT


def _continuous(words: str, digits: str) -> ScaleLine:
    """Word A has the place of the decimal point; word B net, sign, range, motion, kg and power-up in its bits; bit 3 of
    word C is set where the unit is another than kg or lb.
    """
    first, second, third = (ord(word) for word in words)
    if second & 0b100:
        return ScaleLine(ScaleState.UNDER if second & 0b10 else ScaleState.OVER)
    if second & 0b1000000 or third & 0b111 or not digits.strip():
        return ScaleLine(ScaleState.UNREADABLE)
    per_unit = G_PER_KG if second & 0b10000 else G_PER_POUND
    grams = int(digits.replace(" ", "0")) * _SCALED[first & 0b111] * per_unit
    grams = -grams if second & 0b10 else grams
    return _judged(grams, ScaleState.UNSTABLE if second & 0b1000 else ScaleState.STABLE)
