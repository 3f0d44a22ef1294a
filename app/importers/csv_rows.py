import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import Invalid

MAX_FIELD = 100_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_QUOTED = re.compile(r'"[^"]*"')
_MEND = f"Mend the quotes of that row. A cell has at most {MAX_FIELD:,} characters."
_SAVE_AS_CSV = "Unpack it if it is packed, save it as “CSV UTF-8” and send that file."
_KINDS = {
    b"PK\x03\x04": ("is a spreadsheet or a ZIP archive", _SAVE_AS_CSV),
    b"\xd0\xcf\x11\xe0": ("is a spreadsheet", _SAVE_AS_CSV),
    b"%PDF": ("is a PDF document", "Export the orders as CSV and send that file."),
    b"\x1f\x8b": ("is packed with gzip", "Unpack it first."),
    b"\xff\xfe": ("is UTF-16", _SAVE_AS_CSV),
    b"\xfe\xff": ("is UTF-16", _SAVE_AS_CSV),
}
"""What files that are no CSV in UTF-8 begin with, what they are, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: its line in the file (the header is line 1), its fields that are not empty by column, and all
    columns of the file.
    """

    line: int
    fields: Mapping[str, str]
    columns: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        return self.fields.get(column, "")


@dataclass(frozen=True, slots=True)
class Defect:
    """A row that is not as it should be: kept, flagged and reported. `set_aside` rows could not be imported at all."""

    file: str
    line: int
    key: str
    code: str
    detail: str
    raw: Mapping[str, str]
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong with one row: its line in the file, the order or item, the column, and what to do about it."""

    line: int
    order: str
    column: str
    code: str
    message: str


def decode(content: bytes, file: str, *, of: str = "orders", fallback: str = "") -> str:
    """Return the text of a CSV file `of` something; what is not UTF-8 is read as the encoding `fallback`, if one is
    named.

    Raises:
        Invalid: it is empty, packed, a spreadsheet, or not UTF-8 (with or without byte order mark); says where.
    """
    if not content.strip():
        raise Invalid(f"{file} is empty.", remedy=f"Export the {of} again, and choose that file.", pointer=f"/{file}")
    for beginning, (kind, remedy) in _KINDS.items():
        if content.startswith(beginning):
            raise Invalid(f"{file} {kind}, not a CSV file in UTF-8.", remedy=remedy, pointer=f"/{file}")
    try:
        return _text(content, fallback)
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start)
        raise Invalid(
            f"{file} is not UTF-8: line {line} holds the byte 0x{content[error.start]:02x}.",
            remedy="Save it as “CSV UTF-8” and send it again.",
            pointer=f"/{file}",
            line=line,
        ) from error


def _text(content: bytes, fallback: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not fallback:
            raise
    return content.decode(fallback)


def _line_of(content: bytes, place: int) -> int:
    before = content[:place]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def read_header(text: str, file: str, separators: str) -> tuple[list[str], str]:
    """Return the names in the first line of a CSV text as they stand, and the one of `separators` that parts them: it
    has most of it outside of quotes.

    Raises:
        Invalid: the line cannot be read.
    """
    csv.field_size_limit(MAX_FIELD)
    first = next(_lines(text.lstrip("\r\n")), "").rstrip("\r\n")
    separator = max(separators, key=_QUOTED.sub("", first).count)
    try:
        return [name.strip() for name in next(csv.reader([first], delimiter=separator), [])], separator
    except csv.Error as error:
        raise _broken(file, 1, error) from error


def _broken(file: str, line: int, error: csv.Error) -> Invalid:
    return Invalid(f"{file}, in the row that begins on line {line}: {error}.", remedy=_MEND, pointer=f"/{file}")


def read_rows(
    text: str,
    file: str,
    required: Sequence[str],
    aliases: Mapping[str, str] | None = None,
    *,
    known: Iterable[str] = (),
    separator: str = ",",
) -> Iterator[Row | Defect]:
    """Yield the rows of a CSV text, and a defect for each row with another number of fields than the header.

    `aliases` gives columns their right name, such as a misspelt one; `known` ones are known in any case. A row's line
    is the one on which it begins. Rows of empty fields only are passed over: spreadsheets leave them at the end.

    Raises:
        Invalid: the file is empty, a required column is missing, or two columns have one name.
    """
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(_lines(text), strict=True, delimiter=separator)
    line = 1
    try:
        header = _named([name.strip() for name in next(reader, [])], aliases or {}, known)
        _check_header(file, header, required)
        columns = tuple(header)
        line = reader.line_num + 1
        for values in reader:
            if any(value.strip() for value in values):
                is_sound = len(values) == len(header) and not any("\x00" in value for value in values)
                yield _row(line, columns, values) if is_sound else _malformed(file, line, header, values)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _broken(file, line, error) from error


def _named(names: Sequence[str], aliases: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """Return the right names of the columns, however they are written."""
    right = {name.casefold(): name for name in known}
    return [right.get(" ".join(name.split()).casefold(), aliases.get(name, name)) for name in names]


def _check_header(file: str, header: list[str], required: Sequence[str]) -> None:
    if any("\x00" in name for name in header):
        raise Invalid(
            f"Line 1 of {file} holds a NUL character.", remedy="Save it as “CSV UTF-8” again.", pointer=f"/{file}"
        )
    missing = [name for name in required if name not in header]
    if missing:
        raise Invalid(
            f"{file} lacks the columns {', '.join(missing)}.", remedy=_how_to_name(header), pointer=f"/{file}"
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        detail = f"{file} has several columns with the name {', '.join(twice)}."
        raise Invalid(detail, remedy="Keep the right one of them.", pointer=f"/{file}")


def _how_to_name(header: list[str]) -> str:
    """Say what to do about missing columns; one column with other separators in its name is a known mistake."""
    if len(header) == 1 and any(separator in header[0] for separator in ";\t"):
        return "Its columns are separated by semicolons or tabs: save it with commas."
    return "The first line must name the columns."


def _lines(text: str) -> Iterator[str]:
    """Yield a text line by line with the line ends. A StringIO would hold the text once more, with 4 bytes a sign."""
    return (match[0] for match in _LINE.finditer(text))


def _row(line: int, columns: tuple[str, ...], values: list[str]) -> Row:
    # Most cells of an export are empty: without them a large file takes a quarter of the memory.
    pairs = zip(columns, (value.strip() for value in values), strict=True)
    return Row(line, {name: value for name, value in pairs if value}, columns)


def _malformed(file: str, line: int, header: list[str], values: list[str]) -> Defect:
    clean = [value.replace("\x00", "\N{REPLACEMENT CHARACTER}") for value in values]
    raw = {header[i] if i < len(header) else f"extra_{i}": value for i, value in enumerate(clean)}
    detail = f"{len(values)} fields under {len(header)} columns, or a NUL character"
    return Defect(file, line, clean[0] if clean else "", "malformed_row", detail, raw, set_aside=True)
