import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import Invalid

MAX_FIELD = 100_000
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: its line in the file (the header is line 1), and its fields by column."""

    line: int
    fields: Mapping[str, str]

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


def decode(content: bytes, file: str) -> str:
    """Return the text of a CSV file.

    Raises:
        Invalid: it is empty, packed, a spreadsheet, or not UTF-8 (with or without byte order mark); says where.
    """
    if not content.strip():
        raise Invalid(f"{file} is empty.", remedy="Export the orders again, and choose that file.", pointer=f"/{file}")
    if content.startswith(_SPREADSHEETS):
        raise Invalid(
            f"{file} is a spreadsheet, not a CSV file.", remedy="Save it as “CSV UTF-8” and send that file.",
            pointer=f"/{file}",
        )  # fmt: skip
    if content.startswith(_GZIP):
        raise Invalid(f"{file} is packed with gzip.", remedy="Unpack it first.", pointer=f"/{file}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid(
            f"{file} is not UTF-8: line {line} holds the byte 0x{content[error.start]:02x}.",
            remedy="Save it as “CSV UTF-8” and send it again.",
            pointer=f"/{file}",
            line=line,
        ) from error


def read_rows(
    text: str, file: str, required: Sequence[str], aliases: Mapping[str, str] | None = None
) -> Iterator[Row | Defect]:
    """Yield the rows of a CSV text, and a defect for each row with another number of fields than the header.

    `aliases` gives columns their right name, such as a misspelt one. A row's line is the one on which it begins.

    Raises:
        Invalid: the file is empty, a required column is missing, or two columns have one name.
    """
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [(aliases or {}).get(name.strip(), name.strip()) for name in next(reader, [])]
        _check_header(file, header, required)
        line = reader.line_num + 1
        for values in reader:
            if values and (len(values) != len(header) or any("\x00" in value for value in values)):
                yield _malformed(file, line, header, values)
            elif values:
                yield Row(line, dict(zip(header, (v.strip() for v in values), strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        detail = f"{file}, in the row that begins on line {line}: {error}."
        raise Invalid(detail, remedy="Mend the quotes of that row.", pointer=f"/{file}") from error


def _check_header(file: str, header: list[str], required: Sequence[str]) -> None:
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


def _malformed(file: str, line: int, header: list[str], values: list[str]) -> Defect:
    clean = [value.replace("\x00", "\N{REPLACEMENT CHARACTER}") for value in values]
    raw = {header[i] if i < len(header) else f"extra_{i}": value for i, value in enumerate(clean)}
    detail = f"{len(values)} fields under {len(header)} columns, or a NUL character"
    return Defect(file, line, clean[0] if clean else "", "malformed_row", detail, raw, set_aside=True)
