"""Text in and out of files that people open in spreadsheets."""

import csv
import io
from collections.abc import Iterable

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(cells: Iterable[object]) -> str:
    """Return one line of CSV (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()


def as_written(cell: str) -> str:
    """Return a cell of a file that `csv_line` wrote as it was before: without the apostrophe put in front."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def harmless(cell: object) -> object:
    """Return a cell with an apostrophe in front if a spreadsheet would run it. Numbers stay numbers; full-width signs
    count, because some spreadsheets read them as their narrow twins.
    """
    if not isinstance(cell, str):
        return cell
    first = cell.lstrip(" \N{NO-BREAK SPACE}")[:1]
    runs = first in _RUN_BY_SPREADSHEETS or first in "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    return f"'{cell}" if first and runs else cell
