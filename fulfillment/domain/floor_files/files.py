"""Floor plans out of files and into files: CSV, GeoJSON, and in only, DXF."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from shapely import Polygon

from fulfillment.domain.floor_files.assembly import CLOSED, assemble
from fulfillment.domain.floor_files.csv_files import read_csv, write_csv
from fulfillment.domain.floor_files.geojson_files import read_geojson, write_geojson
from fulfillment.domain.floor_files.parts import Corner, FloorFileError, Part
from fulfillment.domain.floor_files.units import MM
from fulfillment.domain.layout import WarehousePlan

FORMATS: Final = ("csv", "geojson", "dxf")


def plan_from_file(
    content: bytes, *, form: str, unit: str = "", name: str = "", layers: Mapping[str, str] | None = None
) -> WarehousePlan:
    """Return the plan that a file draws, in mm, not checked yet.

    `unit` is that of the file's lengths; without it the file's own word counts, and meters for a CSV file that has none
    would be a guess: it is refused.

    Raises:
        FloorFileError: names what in the file cannot be right.
        WrongUnit: no warehouse is that large or small.
    """
    if form not in FORMATS:
        raise FloorFileError(f"{form} is no format: {', '.join(FORMATS)}.", pointer="/format")
    said, title = "", ""
    if form == "dxf":
        # The library takes a second to load, which no other start of a process shall wait for.
        parts, said = import_module("fulfillment.domain.floor_files.dxf_files").read_dxf(content, layers or {})
    elif form == "geojson":
        parts, said, title = read_geojson(_text(content))
    else:
        parts = read_csv(_text(content))
    if not (unit or said):
        raise FloorFileError(
            f"The file names no unit of length: {', '.join(MM)}.", remedy="Choose one.", pointer="/unit"
        )
    return assemble(parts, unit=unit or said, name=title or name or "Floor plan")


def plan_to_csv(plan: WarehousePlan) -> Iterator[str]:
    """Yield a plan as CSV, lengths in mm, line by line."""
    return write_csv(parts_of(plan))


def plan_to_geojson(plan: WarehousePlan) -> bytes:
    """Return a plan as GeoJSON, lengths in mm."""
    return write_geojson(parts_of(plan), unit="mm", name=plan.name)


def parts_of(plan: WarehousePlan) -> Iterator[Part]:
    """Yield everything that is drawn on a plan."""
    yield Part("floor", "", _corners(plan.floor))
    yield Part("depot", "", (plan.depot,))
    yield from (Part("drop", "", (drop,)) for drop in plan.drops)
    yield from (Part("zone", z.code, _corners(z.polygon), zone_kind=z.kind) for z in plan.zones)
    yield from (Part("rack", rack.code, _corners(rack.polygon)) for rack in plan.racks)
    yield from (Part("obstacle", each.code, _corners(each.polygon), note=each.note) for each in plan.obstacles)
    for a in plan.aisles:
        ends = ((a.x_mm, a.y_from_mm), (a.x_mm, a.y_to_mm))
        yield Part("aisle", a.code, ends, width=a.width_mm, one_way=a.one_way)
    for c in plan.cross_aisles:
        yield Part("cross_aisle", c.code, ((c.x_from_mm, c.y_mm), (c.x_to_mm, c.y_mm)), width=c.width_mm)
    for way in plan.walkways:
        yield Part("walkway", way.code, way.points, width=way.width_mm, one_way=int(way.one_way))
    for b in plan.bins:
        closed = CLOSED if b.code in plan.closed_bins else ""
        yield Part("bin", b.code, ((b.x_mm, b.y_mm),), b.zone, b.aisle, b.side, b.level, note=closed)


def _corners(outline: Polygon) -> tuple[Corner, ...]:
    return tuple((float(x), float(y)) for x, y in list(outline.exterior.coords)[:-1])


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FloorFileError("This is no text in UTF-8.", remedy="Save it as UTF-8.", pointer="/content") from error
