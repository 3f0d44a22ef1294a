"""Advance ship notices as suppliers send them, whatever the file is like."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from app.importers.arrivals.x12 import Segment, TransactionSet, is_x12, read_interchange
from app.importers.csv_rows import Defect, Row, decode, read_rows
from kernel.errors import Invalid
from kernel.quantity import MAX_QUANTITY

NUMBER, EXPECTED_ON, ITEM, QUANTITY = "Arrival", "Expected on", "SKU or barcode", "Quantity"
SUPPLIER, NOTE = "Supplier", "Note"
SSCC, LOT, GOOD_UNTIL = "SSCC", "Lot", "Good until"
_COLUMNS = (NUMBER, EXPECTED_ON, ITEM, QUANTITY, SUPPLIER, NOTE, SSCC, LOT, GOOD_UNTIL)
_ALIASES = {"SKU": ITEM, "sku": ITEM, "Barcode": ITEM, "GTIN": ITEM, "EAN": ITEM, "ASN": NUMBER, "Units": QUANTITY}
_ITEM_CODES: Final = ("SK", "UK", "EN", "UP", "UA", "VN", "VP", "BP", "IN")
"""Qualifiers of LIN that can name an item, the surest first: its SKU, GTIN-14, -13, -12, then the numbers of vendor and
buyer (X12 data element 235).
"""
_DATES: Final = ("371", "017", "067", "002", "068")
"""Qualifiers of DTM that say when goods arrive: estimated arrival, estimated and current delivery (X12 element 374)."""
_SSCC_MARK, _SSCC_DIGITS = "GM", 18
"""MAN01: the marks are an SSCC-18 with its application identifier, or without (X12 data element 88)."""
_LOT, _EXPIRES = "LT", "036"
"""Qualifiers of LIN and DTM: the lot, and the day on which it expires (X12 data elements 235, 374)."""
_ORIGINAL, _CANCELLATION = "00", "01"
_UNITS: Final = {"EA", "PC", "UN", "PCE"}
_LONGEST_NUMBER, _SHOWN = 12, 40
_PACKS: Final = {"CA", "CT", "BX", "PK"}


@dataclass(frozen=True, slots=True)
class Placed:
    """On which plate units come (its SSCC), of which lot, good until when; empty where nothing says so."""

    sscc: str = ""
    lot: str = ""
    expires_on: date | None = None


LOOSE: Final = Placed()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row or segment, and what to do."""

    line: int
    code: str
    message: str


@dataclass(slots=True)
class Notice:
    """One announced delivery: where in the file it begins, units by what can name their item, and what is wrong."""

    line: int
    number: str
    expected_on: date | None = None
    supplier: str = ""
    note: str = ""
    cancels: bool = False
    placed: dict[tuple[tuple[str, ...], Placed], int] = field(default_factory=lambda: defaultdict(int))
    faults: list[Fault] = field(default_factory=list)

    @property
    def units(self) -> dict[tuple[str, ...], int]:
        """Units by what can name their item, wherever they come."""
        found: dict[tuple[str, ...], int] = defaultdict(int)
        for (names, _), units in self.placed.items():
            found[names] += units
        return found

    def add(self, line: int, names: Sequence[str], quantity: str, times: int = 1, placed: Placed = LOOSE) -> None:
        """Add units; several rows of one item are added up, those of one plate and lot."""
        units = _count(quantity) * times
        if not names:
            self.faults.append(Fault(line, "no_item", "No SKU or barcode names the item."))
        elif not 1 <= units <= MAX_QUANTITY:
            words = f"{quantity[:_SHOWN] or 'Nothing'} is no quantity: a whole number from 1 to {MAX_QUANTITY:,} is."
            self.faults.append(Fault(line, "not_a_quantity", words))
        else:
            self.placed[tuple(names), placed] += units


def _count(text: str) -> int:
    """Return a whole number, 0 where it is none or has more digits than anything that is counted."""
    digits = text.lstrip("0")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_NUMBER else 0


def read_notices(content: bytes, file: str) -> list[Notice]:
    """Return the deliveries that a file announces: CSV in UTF-8, or an X12 interchange of 856 transaction sets.

    Raises:
        Invalid: the file cannot be read at all.
    """
    if is_x12(content):
        return [_from_856(each) for each in _notices_only(read_interchange(_text(content, file), file), file)]
    return _from_rows(
        read_rows(decode(content, file), file, (NUMBER, EXPECTED_ON, ITEM, QUANTITY), _ALIASES, known=_COLUMNS)
    )


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"{file} is not UTF-8.", remedy="Have it sent in UTF-8 or plain ASCII.", pointer=f"/{file}"
        ) from error


def _notices_only(found: Iterable[TransactionSet], file: str) -> list[TransactionSet]:
    sets = list(found)
    other = sorted({each.kind for each in sets if each.kind != "856"})
    if other or not sets:
        raise Invalid(
            f"{file} holds {', '.join(other) or 'no transaction set'}, not only 856.",
            remedy="Send ship notices (856) here.",
            pointer=f"/{file}",
        )
    return sets


def _from_rows(rows: Iterable[Row | Defect]) -> list[Notice]:
    found: dict[str, Notice] = {}
    for row in rows:
        if isinstance(row, Defect):
            notice = found.setdefault(row.key.strip(), Notice(row.line, row.key.strip()))
            notice.faults.append(Fault(row.line, row.code, f"{row.detail}."))
            continue
        number = row[NUMBER]
        is_new = number not in found
        notice = found.setdefault(number, Notice(row.line, number))
        if not number:
            notice.faults.append(Fault(row.line, "no_number", "The arrival has no number."))
        _head(notice, row, is_new=is_new)
        notice.add(row.line, [row[ITEM]] if row[ITEM] else [], row[QUANTITY], placed=_placed(notice, row))
    return list(found.values())


def _placed(notice: Notice, row: Row) -> Placed:
    day = _day(row[GOOD_UNTIL], "%Y-%m-%d")
    if row[GOOD_UNTIL] and day is None:
        notice.faults.append(Fault(row.line, "not_a_day", f"{row[GOOD_UNTIL]} is no day: write 2027-03-31."))
    return Placed(row[SSCC], row[LOT], day)


def _head(notice: Notice, row: Row, *, is_new: bool) -> None:
    """Take day, supplier and note from the first row; later ones may leave them out, or have to agree."""
    day = _day(row[EXPECTED_ON], "%Y-%m-%d")
    if is_new:
        notice.expected_on, notice.supplier, notice.note = day, row[SUPPLIER], row[NOTE]
    if day is None and (is_new or row[EXPECTED_ON]):
        notice.faults.append(
            Fault(row.line, "not_a_day", f"{row[EXPECTED_ON] or 'Nothing'} is no day: write 2027-03-31.")
        )
    same = (
        (row[EXPECTED_ON], day == notice.expected_on), (row[SUPPLIER], row[SUPPLIER] == notice.supplier),
        (row[NOTE], row[NOTE] == notice.note),
    )  # fmt: skip
    if day is not None and any(told and not agrees for told, agrees in same):
        words = f"It says something else about {notice.number} than line {notice.line}."
        notice.faults.append(Fault(row.line, "contradiction", words))


def _from_856(document: TransactionSet) -> Notice:
    notice, levels, units = Notice(document.begin, ""), 0, 0
    level: dict[str, Segment] = {}
    packs: dict[str, str] = {}
    for segment in document.segments:
        if segment.id == "HL":
            _add_item(notice, level, packs)
            levels, level = levels + 1, {"HL": segment}
            # What lies in a pack, or on a pallet, has that level as its parent: its SSCC is handed down.
            packs[segment[1]] = packs.get(segment[2], "")
        elif segment.id == "MAN" and segment[1] == _SSCC_MARK and "HL" in level:
            packs[level["HL"][1]] = segment[2].removeprefix("00") if len(segment[2]) > _SSCC_DIGITS else segment[2]
        elif segment.id in ("LIN", "SN1", "PO4") or (segment.id == "DTM" and segment[1] == _EXPIRES):
            level[segment.id] = segment
            units += _count(segment[2]) if segment.id == "SN1" else 0
        elif segment.id == "CTT":
            _control(notice, segment, levels=levels, units=units)
        else:
            _head_of_856(notice, segment)
    _add_item(notice, level, packs)
    return notice


def _add_item(notice: Notice, level: Mapping[str, Segment], packs: Mapping[str, str]) -> None:
    """Add what one level of the hierarchy ships: units, or cases with the units of a case beside them."""
    shipped = level.get("SN1")
    if shipped is None:
        return
    case = level["PO4"][1] if "PO4" in level else ""
    is_case = shipped[3] in _PACKS and case.isdecimal()
    if not (is_case or shipped[3] in _UNITS):
        words = (
            f"SN103 is {shipped[3] or 'empty'}: units are counted in EA, or in CA with the units of a case in PO401."
        )
        notice.faults.append(Fault(shipped.number, "unit_of_measure", words))
        return
    names = _names(level["LIN"]) if "LIN" in level else []
    sscc = packs.get(level["HL"][1], "") if "HL" in level else ""
    lot = level["LIN"].pairs(2).get(_LOT, "") if "LIN" in level and sscc else ""
    expires_on = _day(level["DTM"][2], "%Y%m%d") if "DTM" in level and sscc else None
    notice.add(shipped.number, names, shipped[2], _count(case) if is_case else 1, Placed(sscc, lot, expires_on))


def _head_of_856(notice: Notice, segment: Segment) -> None:
    if segment.id == "BSN":
        notice.number, notice.line = segment[2], segment.number
        notice.cancels = segment[1] == _CANCELLATION
        if segment[1] not in (_ORIGINAL, _CANCELLATION):
            words = f"BSN01 is {segment[1] or 'empty'}: only originals (00) and cancellations (01) are taken."
            notice.faults.append(Fault(segment.number, "purpose", words))
    elif segment.id == "DTM" and segment[1] in _DATES:
        day = _day(segment[2], "%Y%m%d")
        is_surer = notice.expected_on is None or segment[1] == _DATES[0]
        if day is None:
            notice.faults.append(Fault(segment.number, "not_a_day", f"DTM02 is {segment[2]}, no day."))
        elif is_surer:
            notice.expected_on = day
    elif segment.id == "N1" and segment[1] in ("SF", "SU", "VN") and not notice.supplier:
        notice.supplier = segment[2]


def _control(notice: Notice, segment: Segment, *, levels: int, units: int) -> None:
    """Hold the control totals against what was read: the number of HL segments, and the sum of SN102 if it is there."""
    for position, told, counted in ((1, segment[1], levels), (2, segment[2], units)):
        if told and told.lstrip("0") != str(counted):
            words = f"CTT{position:02} says {told}, but the file holds {counted}."
            notice.faults.append(Fault(segment.number, "control_total", words))


def _names(item: Segment) -> list[str]:
    told = item.pairs(2)
    return [told[qualifier] for qualifier in _ITEM_CODES if qualifier in told]


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
