"""Carriers' invoices as CSV: forgiving about names of columns and separators, strict about what cells mean."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Final

from app.importers.csv_rows import Defect, Row, decode, read_header, read_rows
from app.importers.fields import unit_of
from app.importers.freight import cells
from kernel.csv_text import as_written
from kernel.errors import Invalid
from shipping.api import BilledInvoice, BilledLine

INVOICE, DAY, TRACKING, SERVICE = "Invoice number", "Invoice date", "Tracking number", "Service"
WEIGHT, UNIT, ZONE = "Billed weight", "Weight unit", "Zone"
BASE, SURCHARGES, TOTAL, CURRENCY = "Base charge", "Surcharges", "Total", "Currency"
COLUMNS: Final = (INVOICE, DAY, TRACKING, SERVICE, WEIGHT, UNIT, ZONE, BASE, SURCHARGES, TOTAL, CURRENCY)
REQUIRED: Final = (INVOICE, TRACKING, TOTAL, CURRENCY)
_NAMES: Final = {
    INVOICE: "invoice invoiceno invoicenr invoicenum invoicenumber invoiceid invoicereference billnumber",
    DAY: "date invoicedate invoiceday billdate dateofinvoice",
    TRACKING: "tracking trackingno trackingnr trackingnumber trackingid parcel parcelnumber shipmentnumber "
    "consignment consignmentnumber waybill airwaybill awb",
    SERVICE: "service servicename servicetype servicelevel product",
    WEIGHT: "weight billedweight billableweight chargeableweight chargedweight ratedweight",
    UNIT: "unit weightunit unitofweight billedweightunit weightuom uom",
    ZONE: "zone zonecode ratezone",
    BASE: "base basecharge baserate freight freightcharge transportationcharge netcharge",
    SURCHARGES: "surcharge surcharges accessorials accessorial extras additionalcharges fees",
    TOTAL: "total totalcharge totalamount amount billed billedamount amountbilled amountdue charge grosscharge",
    CURRENCY: "currency currencycode curr",
}  # fmt: skip
_ALIASES: Final = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
_LONGEST: Final = 200
_NO_CURRENCY: Final = "XXX"
"""ISO 4217 for none."""
_NO_INVOICE: Final = "No row names the invoice that it belongs to."


@dataclass(slots=True)
class _Draft:
    """An invoice while its rows are read."""

    number: str
    day: date | None = None
    currency: str = ""
    lines: list[BilledLine] = field(default_factory=list)


def read_invoices(content: bytes, file: str) -> tuple[BilledInvoice, ...]:
    """Return the invoices of a file with every row of it. A row that cannot be understood stays with the invoice before
    it, with what is wrong in sentences.

    Raises:
        Invalid: the file cannot be read at all: not CSV in UTF-8, without a column that is needed, or no row says of
            which invoice it is.
    """
    text = decode(content, file)
    names, separator = read_header(text, file, ",;\t|")
    header = {name: "".join(sign for sign in name.casefold() if sign.isalnum()) for name in names}
    unit = next((_unit_in(name) for name in header.values() if _unit_in(name)), "")
    drafts: dict[str, _Draft] = {}
    strays: list[BilledLine] = []
    current: _Draft | None = None
    for row in read_rows(text, file, REQUIRED, _aliases(header), known=COLUMNS, separator=separator):
        number = "" if isinstance(row, Defect) else _text(row, INVOICE)
        if number:
            current = drafts.setdefault(number, _Draft(number))
        line = _broken(row) if isinstance(row, Defect) else _line(row, current, unit)
        if not number and not line.faults:
            line = replace(line, faults=("The row names no invoice.",))
        (strays if current is None else current.lines).append(line)
    if not drafts:
        raise Invalid(_NO_INVOICE, remedy=f"Fill the column {INVOICE}.", pointer=f"/{file}")
    next(iter(drafts.values())).lines[:0] = strays
    return tuple(_invoice(draft) for draft in drafts.values())


def _aliases(header: Mapping[str, str]) -> dict[str, str]:
    """Return what the columns stand for; `header` has their names also without all but letters and digits."""
    found = {}
    for name, key in header.items():
        unit = _unit_in(key)
        bare = key.removesuffix(unit) if unit else key
        if bare in _ALIASES or key in _ALIASES:
            found[name] = _ALIASES[bare] if bare in _ALIASES else _ALIASES[key]
    return found


def _unit_in(key: str) -> str:
    """Return the unit that a column of weights names, as it stands there: weightkg."""
    for unit in ("kgs", "lbs", "kg", "lb", "oz", "g"):
        bare = key.removesuffix(unit)
        if bare != key and _ALIASES.get(bare) == WEIGHT:
            return unit
    return ""


def _text(row: Row, column: str) -> str:
    return " ".join(as_written(row[column]).split())[:_LONGEST]


def _broken(row: Defect) -> BilledLine:
    return BilledLine(row.line, faults=(f"{row.detail}.",), raw=dict(row.raw))


def _line(row: Row, draft: _Draft | None, file_unit: str) -> BilledLine:
    draft = draft or _Draft("")
    faults: list[str] = []
    _head(row, draft, faults)
    total, base, extras = _money(row, draft.currency, faults)
    weight, unit = _weight(row, file_unit, faults)
    tracking = "".join(_text(row, TRACKING).split()).upper()
    if not tracking:
        faults.append(f"{TRACKING} is empty.")
    if None not in (total, base, extras) and row[BASE] and row[SURCHARGES]:
        parts = (base or 0) + sum(each for _, each in extras or ())
        if parts != total:
            faults.append(f"{BASE} and {SURCHARGES} do not add up to {TOTAL}.")
    return BilledLine(
        row.line, tracking, _text(row, SERVICE), weight, unit, _text(row, ZONE), base, extras or (), total or 0,
        tuple(faults), dict(row.fields),
    )  # fmt: skip


def _head(row: Row, draft: _Draft, faults: list[str]) -> None:
    """Take the invoice's day and currency from its first row that names them; other rows have to agree."""
    currency, day = _text(row, CURRENCY).upper(), cells.day(_text(row, DAY))
    if not re.fullmatch("[A-Z]{3}", currency):
        faults.append(f"{CURRENCY}: {currency or 'nothing'} is none; write such as EUR.")
    elif draft.currency and currency != draft.currency:
        faults.append(f"{CURRENCY}: {currency}, where the invoice is in {draft.currency}.")
    else:
        draft.currency = currency
    if row[DAY] and day is None:
        faults.append(f"{DAY}: {_text(row, DAY)} can be read in two ways, or in none; write 2026-11-24.")
    elif day is not None and draft.day not in (None, day):
        faults.append(f"{DAY}: {day}, where the invoice is of {draft.day}.")
    draft.day = draft.day or day


Amounts = tuple[int | None, int | None, tuple[tuple[str, int], ...] | None]


def _money(row: Row, currency: str, faults: list[str]) -> Amounts:
    words = "can be read in two ways, or in none; write 1234.50"
    total, base = (cells.amount(_text(row, name), currency) for name in (TOTAL, BASE))
    extras = cells.surcharges(_text(row, SURCHARGES), currency) if row[SURCHARGES] else ()
    if total is None:
        faults.append(f"{TOTAL}: {_text(row, TOTAL) or 'nothing'} {words}.")
    if base is None and row[BASE]:
        faults.append(f"{BASE}: {_text(row, BASE)} {words}.")
    if extras is None:
        faults.append(f"{SURCHARGES}: {_text(row, SURCHARGES)} cannot be read; write FUEL 1.20; REMOTE 3.50.")
    return total, base, extras


def _weight(row: Row, file_unit: str, faults: list[str]) -> tuple[str, str]:
    if not row[WEIGHT]:
        return "", ""
    unit = unit_of(_text(row, UNIT) or file_unit)
    found = cells.weight(_text(row, WEIGHT), unit)
    if found is None:
        told = f"{_text(row, WEIGHT)} {_text(row, UNIT)}".strip()
        faults.append(f"{WEIGHT}: {told} is no weight with a unit; write 2.5 kg, 900 g, 3 lb or 12 oz.")
    return found or ("", "")


def _invoice(draft: _Draft) -> BilledInvoice:
    content = json.dumps([_content(line) for line in draft.lines], default=str)
    digest = sha256(f"{draft.day} {draft.currency} {content}".encode()).hexdigest()
    return BilledInvoice(draft.number, draft.day, draft.currency or _NO_CURRENCY, digest, tuple(draft.lines))


def _content(line: BilledLine) -> Sequence[object]:
    """Return what makes a row the same: not its place in the file."""
    return (
        line.tracking_number, line.service, line.weight, line.weight_unit, line.zone, line.base_minor,
        line.surcharges, line.total_minor, line.faults, sorted(line.raw.items()) if line.faults else (),
    )  # fmt: skip


def rows_of(invoices: Sequence[BilledInvoice]) -> Iterator[tuple[int, BilledLine]]:
    """Yield every row of a file with the place of its invoice."""
    return ((at, line) for at, invoice in enumerate(invoices) for line in invoice.lines)
