from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from inventory.domain.barcodes import sscc_in
from inventory.domain.checks import MAX_SKU, is_sku
from inventory.domain.lots import MAX_LOT
from kernel.errors import FieldError, Invalid
from kernel.quantity import MAX_QUANTITY
from kernel.states import Machine

ARRIVAL_STATES = Machine(
    "arrival",
    {
        "announced": {"receive": "receiving", "close": "closed", "cancel": "cancelled"},
        "receiving": {"receive": "receiving", "empty": "announced", "close": "closed"},
        "closed": {},
        "cancelled": {},
    },
)
OPEN_STATES = ("announced", "receiving")
STOCKED = ("pick", "bulk", "dock")
"""The kinds of location that a delivery is stocked in."""
MAX_LINES, MAX_NUMBER, MAX_SUPPLIER, MAX_NOTE = 1_000, 64, 200, 1_000
LATEST_PAST, LATEST_FUTURE = timedelta(days=365), timedelta(days=730)


class Condition(StrEnum):
    """What delivered units are like: fit to be sold or not."""

    GOOD = "good"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ArrivalLineDraft:
    """How many base units of an item will come, and on which plate (its SSCC), of which lot, if that is known."""

    sku: str
    quantity: int
    sscc: str = ""
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class ArrivalDraft:
    """What a merchant announces: under which number of their own, from whom, on which day, and what."""

    external_id: str
    expected_on: date
    lines: tuple[ArrivalLineDraft, ...]
    supplier: str = ""
    note: str = ""


def missing_of(expected: int, received: int, damaged: int) -> int:
    """Return how many announced units have not come."""
    return max(0, expected - received - damaged)


def over_of(expected: int, received: int, damaged: int) -> int:
    """Return how many units came beyond the announced ones."""
    return max(0, received + damaged - expected)


def outcome_of(expected: int, received: int, damaged: int) -> str:
    """Return what a line comes to: short and over before damaged, which its count tells anyway, else complete."""
    if missing_of(expected, received, damaged):
        return "short"
    if over_of(expected, received, damaged):
        return "over"
    return "damaged" if damaged else "complete"


def check_arrival(draft: ArrivalDraft, today: date) -> None:
    """Make sure that an announcement can be right as of `today`, and that no SKU comes twice.

    Raises:
        Invalid: names every field that is wrong.
    """
    errors = _header_errors(draft, today)
    if not 1 <= len(draft.lines) <= MAX_LINES:
        errors.append(FieldError("/lines", "length", f"An arrival has 1 to {MAX_LINES} lines."))
    seen: set[tuple[str, str, str]] = set()
    for n, line in enumerate(draft.lines):
        if not is_sku(line.sku):
            errors.append(FieldError(f"/lines/{n}/sku", "format", f"A SKU has 1 to {MAX_SKU} printable characters."))
        if (line.sku, line.sscc, line.lot) in seen:
            errors.append(FieldError(f"/lines/{n}/sku", "duplicate", f"SKU {line.sku} comes twice: add its lines up."))
        seen.add((line.sku, line.sscc, line.lot))
        errors += _plate_errors(n, line)
        if not 1 <= line.quantity <= MAX_QUANTITY:
            text = f"A quantity is a whole number from 1 to {MAX_QUANTITY}, not {line.quantity}."
            errors.append(FieldError(f"/lines/{n}/quantity", "range", text))
    if errors:
        raise Invalid(errors[0].message, errors=tuple(errors))


def _plate_errors(n: int, line: ArrivalLineDraft) -> list[FieldError]:
    errors = []
    if line.sscc and sscc_in(line.sscc) != line.sscc:
        text = f"{line.sscc[:40]} is no SSCC: 18 digits with a right check digit are."
        errors.append(FieldError(f"/lines/{n}/sscc", "format", text))
    if (line.lot or line.expires_on) and not line.sscc:
        text = "A lot is announced with the plate (SSCC) that holds it, or scanned when it comes."
        errors.append(FieldError(f"/lines/{n}/lot", "no_plate", text))
    if len(line.lot) > MAX_LOT or not line.lot.isprintable():
        errors.append(FieldError(f"/lines/{n}/lot", "format", f"A lot has up to {MAX_LOT} printable characters."))
    return errors


def units_by_sku(draft: ArrivalDraft) -> dict[str, int]:
    """Return the units of each SKU, on plates and beside them, in the order in which the lines name them."""
    units: dict[str, int] = {}
    for line in draft.lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def _header_errors(draft: ArrivalDraft, today: date) -> list[FieldError]:
    errors = []
    number = draft.external_id
    if not (1 <= len(number) <= MAX_NUMBER and number.isprintable() and number == number.strip()):
        errors.append(FieldError("/external_id", "format", f"A number has 1 to {MAX_NUMBER} printable characters."))
    if not today - LATEST_PAST <= draft.expected_on <= today + LATEST_FUTURE:
        text = f"Nothing is announced for {draft.expected_on}: name a day from the last year to the next two."
        errors.append(FieldError("/expected_on", "range", text))
    texts = (("supplier", draft.supplier, MAX_SUPPLIER), ("note", draft.note, MAX_NOTE))
    errors += [
        FieldError(f"/{name}", "format", f"Write at most {most} printable characters.")
        for name, text, most in texts
        if len(text) > most or not text.isprintable()
    ]
    return errors
