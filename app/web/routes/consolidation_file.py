"""A file of parcels that may not exist, as somebody writes it in a spreadsheet."""

import csv
from collections.abc import Mapping
from datetime import date
from typing import Final

from kernel.csv_text import as_written
from kernel.errors import Invalid
from shipping.api import DANGEROUS_KINDS, LooseParcel

_NEEDED: Final = ("country", "postal_code", "weight_g", "length_mm", "width_mm", "height_mm")
COLUMNS: Final = (*_NEEDED, "promised_on", "reference", "dangerous_goods")
_MOST_ROWS: Final = 20_000
_MOST_DIGITS: Final = 7


def read_parcels(content: bytes) -> list[LooseParcel]:
    """Read a CSV file of parcels: a line each under a heading with the names in `COLUMNS`, those behind `height_mm`
    optional. Of several kinds of dangerous goods in a parcel there is a space between.

    Raises:
        Invalid: it is no such file; the line that is wrong is named.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8 text.", remedy="Save it as CSV in UTF-8.", pointer="/file") from error
    separator = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    rows = csv.DictReader(lines, delimiter=separator)
    lacking = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
    if lacking:
        raise Invalid(
            f"The file lacks {', '.join(lacking)}.", remedy=f"Its first line is {','.join(COLUMNS)}.", pointer="/file"
        )
    found: list[LooseParcel] = []
    for number, row in enumerate(rows, start=2):
        if len(found) >= _MOST_ROWS:
            raise Invalid(f"The file has more than {_MOST_ROWS:,} parcels.", remedy="Split it.", pointer="/file")
        found.append(_parcel({key: as_written(row.get(key) or "").strip() for key in COLUMNS}, number))
    return found


def _parcel(row: Mapping[str, str], number: int) -> LooseParcel:
    length, width, height = (_whole(row, name, number) for name in ("length_mm", "width_mm", "height_mm"))
    promised = row["promised_on"]
    try:
        day = date.fromisoformat(promised) if promised else None
    except ValueError as error:
        raise Invalid(
            f"Line {number}: {promised} is not a day.", remedy="Write such as 2026-11-24.", pointer="/file"
        ) from error
    reference = row["reference"] or f"line {number}"
    return LooseParcel(
        reference, row["country"].upper(), row["postal_code"], length, width, height,
        _whole(row, "weight_g", number), "standard", day, dangerous_goods=_kinds(row["dangerous_goods"], number),
    )  # fmt: skip


def _kinds(told: str, number: int) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(told.split()))
    unknown = [kind for kind in kinds if kind not in DANGEROUS_KINDS]
    if unknown:
        raise Invalid(
            f"Line {number}: {unknown[0]} is no kind of dangerous goods.",
            remedy=f"Write {', '.join(DANGEROUS_KINDS)}.", pointer="/file",
        )  # fmt: skip
    return kinds


def _whole(row: Mapping[str, str], name: str, number: int) -> int:
    text = row[name]
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise Invalid(f"Line {number}: {name} is not a whole number.", remedy="Write digits only.", pointer="/file")
    return int(text)
