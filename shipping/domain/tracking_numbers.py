import re
from collections.abc import Callable
from dataclasses import dataclass

from shipping.domain.gs1 import check_digit
from shipping.domain.sample_rates import CARGO_LINE, NORTHPOST, SWIFT_PARCEL

_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_MOD7 = 7


@dataclass(frozen=True, slots=True)
class NumberCandidate:
    """A carrier whose format a number satisfies, and the share of random texts of that shape that would too."""

    carrier: str
    false_accept_share: float


@dataclass(frozen=True, slots=True)
class _NumberFormat:
    pattern: re.Pattern[str]
    serial_digits: int
    write: Callable[[str], str]
    check: Callable[[str], int]
    false_accept_share: float


def s10_check_digit(serial: str) -> int:
    """Compute the UPU S10 check digit of eight digits: weights 8 6 4 2 3 5 9 7, 11 minus remainder; 10 is 0, 11 is 5.

    Remainders 0 and 6 both give 5.
    """
    total = sum(int(d) * w for d, w in zip(serial, _S10_WEIGHTS, strict=True))
    check = 11 - total % 11
    return {10: 0, 11: 5}.get(check, check)


_FORMATS: dict[str, _NumberFormat] = {
    SWIFT_PARCEL: _NumberFormat(
        re.compile(r"SW(?P<serial>[0-9]{12})(?P<check>[0-9])"),
        12,
        lambda serial: f"SW{serial}{check_digit(serial)}",
        check_digit,
        0.1,
    ),
    NORTHPOST: _NumberFormat(
        re.compile(r"NP(?P<serial>[0-9]{8})(?P<check>[0-9])NP"),
        8,
        lambda serial: f"NP{serial}{s10_check_digit(serial)}NP",
        s10_check_digit,
        0.1,
    ),
    CARGO_LINE: _NumberFormat(
        re.compile(r"CL(?P<serial>[0-9]{9})(?P<check>[0-6])"),
        9,
        lambda serial: f"CL{serial}{int(serial) % _MOD7}",
        lambda serial: int(serial) % _MOD7,
        1 / _MOD7,
    ),
}


def tracking_number(carrier: str, serial: int) -> str:
    """Write the tracking number of a simulated carrier for a serial; equal serials give equal numbers.

    Raises:
        ValueError: unknown carrier, or a serial outside the carrier's range.
    """
    form = _FORMATS.get(carrier)
    if form is None:
        raise ValueError(f"carrier {carrier!r} has no number format")
    text = f"{serial:0{form.serial_digits}d}"
    if serial < 0 or len(text) > form.serial_digits:
        raise ValueError(f"carrier {carrier!r} takes serials up to {form.serial_digits} digits")
    return form.write(text)


def is_valid_tracking_number(carrier: str, number: str) -> bool:
    """Say whether a number has the carrier's shape and check digit; an unknown carrier has none."""
    form = _FORMATS.get(carrier)
    match = form.pattern.fullmatch(_normalize(number)) if form else None
    return form is not None and match is not None and form.check(match["serial"]) == int(match["check"])


def detect_carriers(number: str) -> tuple[NumberCandidate, ...]:
    """List the carriers whose format a number satisfies, the least accidental first. Candidates, not a certainty."""
    found = [
        NumberCandidate(carrier, form.false_accept_share)
        for carrier, form in _FORMATS.items()
        if is_valid_tracking_number(carrier, number)
    ]
    return tuple(sorted(found, key=lambda c: (c.false_accept_share, c.carrier)))


def _normalize(number: str) -> str:
    return "".join(number.split()).upper()
