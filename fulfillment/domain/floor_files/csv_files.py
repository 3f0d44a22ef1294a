"""A floor as CSV: one part a line, most of them bins."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from math import isfinite
from typing import Final

from fulfillment.domain.floor_files.parts import KINDS, MOST_PARTS, ONE_PLACE, Corner, Part, refuse_file, wrong_corners
from kernel.csv_text import as_written, harmless

COLUMNS: Final = (
    "kind", "code", "zone", "aisle", "side", "level", "x", "y", "x2", "y2", "width", "one_way", "zone_kind", "note",
    "outline",
)  # fmt: skip
_SIDES: Final = {"l": "L", "left": "L", "r": "R", "right": "R", "": ""}
_WAYS: Final = {"": 0, "0": 0, "no": 0, "1": 1, "yes": 1, "-1": -1}
_LARGEST = 1e9
_DIGITS = 2
_LINES_AT_ONCE = 5_000


def read_csv(text: str) -> tuple[Part, ...]:
    """Return the parts of a CSV file with a line of column names; a line without `kind` is a bin.

    Ways and outlines have their corners in `outline` ("x y, x y, x y"), or two of them in `x`, `y`, `x2`, `y2`: of
    outlines those are opposite ones.

    Raises:
        FloorFileError: names the lines that cannot be right.
    """
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    names = [name.strip().casefold() for name in next(rows, [])]
    if not {"code", "x", "y"} <= set(names):
        refuse_file(["The first line must name columns, at least code, x and y."])
    parts: list[Part] = []
    faults: list[str] = []
    for line, cells in enumerate(rows, start=2):
        if not any(cells):
            continue
        row = dict(zip(names, (as_written(cell.strip()) for cell in cells), strict=False))
        part, told = _part(row)
        faults += [f"Line {line}: {words}" for words in told]
        parts += [part] if part else []
        if len(parts) + len(faults) > MOST_PARTS:
            refuse_file([f"It has more than {MOST_PARTS:,} lines."])
    refuse_file(faults)
    return tuple(parts)


def write_csv(parts: Iterable[Part]) -> Iterator[str]:
    """Yield a file that `read_csv` reads, some thousand lines at a time."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, part in enumerate(parts, start=1):
        writer.writerow(_cells(part))
        if number % _LINES_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cells(part: Part) -> tuple[object, ...]:
    one = part.kind in ONE_PLACE
    x, y = part.corners[0] if one else ("", "")
    outline = "" if one else ", ".join(f"{_shown(cx)} {_shown(cy)}" for cx, cy in part.corners)
    texts = map(harmless, (part.code, part.zone, part.aisle))
    place = (part.side, part.level or "", _shown(x), _shown(y), "", "", _shown(part.width or ""))
    return (part.kind, *texts, *place, part.one_way or "", part.zone_kind, harmless(part.note), outline)


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3f}".rstrip("0").rstrip(".")


def _part(row: Mapping[str, str]) -> tuple[Part | None, list[str]]:
    kind = row.get("kind", "").casefold().replace(" ", "_").replace("-", "_") or "bin"
    faults = [] if kind in KINDS else [f"{row['kind']} is no kind of part: {', '.join(KINDS)}."]
    code = row.get("code", "")
    if not code and kind not in ("floor", "depot", "drop"):
        faults.append("it has no code.")
    numbers = {name: _number(row.get(name, "")) for name in ("x", "y", "x2", "y2", "width")}
    faults += [f"{name}: {row[name]} is not a number." for name, value in numbers.items() if value is None]
    side, way = _SIDES.get(row.get("side", "").casefold()), _WAYS.get(row.get("one_way", "").casefold())
    if side is None:
        faults.append(f"side: {row['side']} is neither L nor R.")
    if way is None:
        faults.append(f"one_way: {row['one_way']} is neither yes, no, 1 nor -1.")
    level = row.get("level", "")
    if level and not (level.isascii() and level.isdecimal() and len(level) <= _DIGITS and int(level) > 0):
        faults.append(f"level: {level} is not a level, counted from 1 at the floor.")
    corners = _corners(kind, row, numbers)
    if corners is None:
        faults.append(f"outline: {row['outline'][:40]} is not x y, x y, x y.")
    if faults or corners is None:
        return None, faults
    part = Part(
        kind, code, corners, row.get("zone", ""), row.get("aisle", ""), side or "", int(level or 0),
        numbers["width"] or 0.0, way or 0, row.get("zone_kind", "").casefold(), row.get("note", ""),
    )  # fmt: skip
    wrong = wrong_corners(part)
    return (None, [f"{code or kind} {wrong}."]) if wrong else (part, [])


def _corners(kind: str, row: Mapping[str, str], numbers: Mapping[str, float | None]) -> tuple[Corner, ...] | None:
    if row.get("outline"):
        pairs = [pair.split() for pair in row["outline"].split(",")]
        found = [(_number(pair[0]), _number(pair[1])) for pair in pairs if len(pair) == len("xy")]
        sound = [(x, y) for x, y in found if x is not None and y is not None]
        return tuple(sound) if len(sound) == len(pairs) else None
    x, y, x2, y2 = (numbers[name] or 0.0 for name in ("x", "y", "x2", "y2"))
    if kind in ONE_PLACE:
        return ((x, y),) if row.get("x") and row.get("y") else ()
    if kind in ("rack", "zone", "obstacle", "floor"):
        return (x, y), (x2, y), (x2, y2), (x, y2)
    return (x, y), (x2, y2)


def _number(text: str) -> float | None:
    """Return what a cell says, 0 if it is empty, None if that is no length; a comma may be the decimal point."""
    text = text.strip().replace(",", ".")
    if not text:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) < _LARGEST else None
