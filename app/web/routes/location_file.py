"""The locations of a site as CSV: out as they are asked for, in all together or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.importers.csv_rows import Defect, Row, decode, read_rows
from app.web.routes.answers import Done, PageRoute, submit
from app.web.routes.imports import Upload, uploaded
from app.web.routes.location_list import FROZEN, Asked, Viewer, Wish, list_page
from app.web.routes.visits import Visit, at_desk, desk_of, visitor
from inventory import api as inventory
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from kernel.web.paging import MAX_LIMIT

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
COLUMNS: Final = (
    "code", "kind", "zone", "aisle", "bay", "level", "x_mm", "y_mm", "max_weight_g", "max_volume_mm3", "hazmat_ok",
    "temperature_class",
)  # fmt: skip
MOST_ROWS = 20_000
_NUMBERS: Final = ("x_mm", "y_mm", "max_weight_g", "max_volume_mm3")
_TEXTS: Final = ("zone", "aisle", "bay", "level")
_YES: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
_LONGEST_NUMBER = 15
_NAMED = 5


@router.get("/locations.csv")
def download_locations(visit: Viewer, asked: Asked) -> Response:
    """Return the whole list as CSV, as it is read; a cell that a spreadsheet would run is made text."""
    headers = {"content-disposition": 'attachment; filename="locations.csv"'}
    return StreamingResponse(_csv_pieces(visit, asked), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/locations/file")
def take_file(request: Request, visit: Lead, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Add and change what a file says; when anything in it is wrong, nothing is changed."""

    def work(uow: UnitOfWork) -> Done:
        if not upload.form["file_name"]:
            raise Invalid("Choose a CSV file.", pointer="/file")
        site_id = at_desk(uow, visit).require_site(upload.form["site"])
        stored = store_file(uow, site_id=site_id, content=upload.content, file=upload.name)
        return Done("/locations", f"{counted(stored, 'location')} stored.")

    return submit(request, visit, upload.form, work, again=lambda: list_page(visit, Wish()))


def store_file(uow: UnitOfWork, *, site_id: str, content: bytes, file: str) -> int:
    """Add and change the locations of a CSV file, all or none; return how many there were.

    Raises:
        Invalid: names the lines that cannot be right.
        LocationInUse: as `store_locations`.
    """
    drafts: dict[str, inventory.LocationDraft] = {}
    lines, faults = [], []
    for row in read_rows(decode(content, file), file, ("code",)):
        found, told = (None, [row.detail]) if isinstance(row, Defect) else _draft(row, drafts)
        faults += [(row.line, words) for words in told]
        if found is not None:
            drafts[found.code] = found
            lines.append(row.line)
        if len(drafts) > MOST_ROWS or len(faults) > MOST_ROWS:
            raise Invalid(f"It has more than {MOST_ROWS:,} locations.", remedy="Send it in parts.", pointer="/file")
    if not faults and not drafts:
        raise Invalid("There is no location in it.", remedy="Add lines.", pointer="/file")
    _require_none(faults)
    try:
        return len(inventory.store_locations(uow, site_id=site_id, drafts=list(drafts.values())))
    except Invalid as wrong:
        _require_none([(lines[int(each.pointer.split("/")[2])], each.message) for each in wrong.errors])
        raise


def _draft(row: Row, known: Mapping[str, object]) -> tuple[inventory.LocationDraft | None, list[str]]:
    code, kind, faults = row["code"].strip(), row["kind"].strip().casefold() or "pick", []
    if code in known:
        faults.append(f"{code} comes twice.")
    if kind not in inventory.LOCATION_KINDS:
        faults.append(f"{row['kind']} is no kind: {', '.join(inventory.LOCATION_KINDS)}.")
    numbers = {name: _number(row[name]) for name in _NUMBERS}
    faults += [f"{name}: {row[name]} is not a whole number." for name, value in numbers.items() if value is None]
    hazmat = _YES.get(row["hazmat_ok"].strip().casefold())
    if hazmat is None:
        faults.append(f"hazmat_ok: {row['hazmat_ok']} is neither yes nor no.")
    temperature = row["temperature_class"].strip().casefold()
    if temperature not in ("", *inventory.TEMPERATURE_CLASSES):
        faults.append(f"temperature_class: {temperature} is none of {', '.join(inventory.TEMPERATURE_CLASSES)}.")
    if faults:
        return None, faults
    zone, aisle, bay, level = (row[name].strip() for name in _TEXTS)
    x, y, grams, volume = (value or 0 for value in numbers.values())
    return inventory.LocationDraft(
        code, kind, zone, aisle, bay, level, x, y, grams, volume, bool(hazmat), temperature
    ), []


def _number(text: str) -> int | None:
    digits = text.strip().removeprefix("-")
    if not text.strip():
        return 0
    fits = digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_NUMBER
    return int(text) if fits else None


def _require_none(faults: Sequence[tuple[int, str]]) -> None:
    if not faults:
        return
    told = " ".join(f"Line {line}: {words}" for line, words in faults[:_NAMED])
    more = f" And {counted(len(faults) - _NAMED, 'other fault')}." if len(faults) > _NAMED else ""
    raise Invalid(f"{told}{more}", remedy="Nothing was changed.", pointer="/file")


def _csv_pieces(visit: Visit, asked: Wish) -> Iterator[str]:
    """Yield the list piece by piece, each read in a transaction of its own: a slow reader holds none open."""
    yield csv_line(COLUMNS)
    cursor = ""
    while True:
        with desk_of(visit) as desk:
            found = inventory.search_locations(
                desk.uow, site_id=desk.narrowed_to, search=asked.query, kind=asked.kind, frozen=asked.show == FROZEN,
                cursor=cursor, limit=MAX_LIMIT,
            )  # fmt: skip
        yield "".join(csv_line(_cells(each)) for each in found.items)
        if found.next is None:
            return
        cursor = found.next


def _cells(each: inventory.LocationHead) -> tuple[object, ...]:
    cells = (getattr(each, name) for name in COLUMNS)
    return tuple(("yes" if cell else "no") if isinstance(cell, bool) else cell for cell in cells)
