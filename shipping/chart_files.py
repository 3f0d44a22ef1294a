import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from kernel.errors import Invalid
from shipping.domain.zones import ZoneChart

COLUMNS = ("origin_zip", "dest_zip", "zone")
_ONE_SERVICE = "specific_to_priority_mail"
_ZIP3, _ZIP5 = 3, 5
_LONGEST_ZONE = 10
_LONGEST_LINE = 1_000


def read_zone_chart(
    lines: Iterable[str], *, carrier: str, effective_from: date, country: str = "US", priority_service: str = "priority"
) -> tuple[ZoneChart, int]:
    """Read a zone chart out of CSV with the columns `origin_zip,dest_zip,zone`, as the postal service publishes it:
    codes of three digits are regions, longer ones are exceptions to their region, which win. Spreadsheets drop the
    zero in front, so that four digits are a full code. Rows with `specific_to_priority_mail` hold for
    `priority_service` only.

    Returns:
        The chart, and how many rows contradict an earlier one; of such rows the farthest zone is taken, so that a
        price is never told too low.

    Raises:
        Invalid: a column is missing, or a row is not of the form above; it says which line.
    """
    rows = csv.DictReader(_plain(lines), quoting=csv.QUOTE_NONE)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise Invalid(
            f"The file has no column {missing[0]}.", remedy=f"Name the columns {', '.join(COLUMNS)}.", pointer="/csv"
        )
    zones: dict[tuple[str, str], str] = {}
    priority: dict[tuple[str, str], str] = {}
    conflicts = 0
    for row in rows:
        pair, zone = _pair(row, country.upper(), rows.line_num), (row["zone"] or "").strip()
        table = priority if (row.get(_ONE_SERVICE) or "").strip().lower() == "true" else zones
        if not (0 < len(zone) <= _LONGEST_ZONE and zone.isprintable()):
            raise Invalid(f"Line {rows.line_num} has no zone.", remedy="Fill the column zone.", pointer="/csv")
        conflicts += table.get(pair, zone) != zone
        table[pair] = max(table.get(pair, zone), zone, key=_distance)
    of_service = {priority_service: priority} if priority else {}
    return ZoneChart(carrier, effective_from, zones, of_service), conflicts


def _plain(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without their quotation marks, which no code or zone has a use for."""
    for number, line in enumerate(lines, start=1):
        if len(line) > _LONGEST_LINE:
            raise Invalid(f"Line {number} is too long.", remedy="Send the chart as CSV.", pointer="/csv")
        yield line.replace('"', "")


def _pair(row: Mapping[str, str | None], country: str, line: int) -> tuple[str, str]:
    return tuple(_prefix(row[name] or "", country, line) for name in COLUMNS[:2])  # type: ignore[return-value]  # two names


def _prefix(code: str, country: str, line: int) -> str:
    digits = code.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _ZIP5):
        raise Invalid(f"Line {line}: {digits!r} is not a postal code.", remedy="Enter 3 or 5 digits.", pointer="/csv")
    return country + digits.zfill(_ZIP3 if len(digits) <= _ZIP3 else _ZIP5)


def _distance(zone: str) -> tuple[int, str]:
    return (int(zone) if zone.isascii() and zone.isdecimal() else 0, zone)
