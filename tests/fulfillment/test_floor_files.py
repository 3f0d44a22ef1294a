"""Floors out of files: each format and unit, what is left out deduced, what is wrong named."""

import time
from dataclasses import replace
from io import StringIO

import ezdxf
import pytest
from shapely import Polygon, box

from fulfillment.domain.floor_document import plan_to_document
from fulfillment.domain.floor_faults import check_floor
from fulfillment.domain.floor_files.files import plan_from_file, plan_to_csv, plan_to_geojson
from fulfillment.domain.floor_files.layers import read_layers
from fulfillment.domain.floor_files.parts import FloorFileError
from fulfillment.domain.floor_files.units import MM, WrongUnit
from fulfillment.domain.layout import GridLayout, Obstacle, Walkway, WarehousePlan
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.sample_layout import sample_warehouse

PLAN = sample_warehouse(aisles=3, bays=6, levels=2, blocks=2)
DRAWN = replace(
    PLAN,
    name="Hall 2",
    walkways=(Walkway("BEND", ((5_800, 22_400), (6_900, 22_900), (8_600, 22_400)), 900, one_way=True),),
    obstacles=(Obstacle("PILLAR", box(0, 0, 300, 300), "=holds the roof"),),
    drops=((2_000, 9_200),),
    closed_bins=frozenset({"A-01-01-1"}),
)
ZONE_LAYERS = {"storage": "ZONES", "pack": "PACKING", "receiving": "RECEIVING", "lane": "LANES"}


def bins_only(plan: WarehousePlan, unit: str, *columns: str) -> bytes:
    cells = {
        "code": lambda b: b.code, "aisle": lambda b: b.aisle, "side": lambda b: b.side, "level": lambda b: b.level,
        "x": lambda b: b.x_mm / MM[unit], "y": lambda b: b.y_mm / MM[unit],
    }  # fmt: skip
    wanted = [name for name in cells if name in columns]
    lines = [",".join(str(cells[name](each)) for name in wanted) for each in plan.bins]
    return "\n".join([",".join(wanted), *lines]).encode()


def drawing(plan: WarehousePlan, *, insunits: int, mm: float, racks: str = "RACKS", one_way: bool = False) -> bytes:
    """Return the plan as an architect would draw it: outlines and lines by layer, with texts that name them."""
    file = ezdxf.new("R2010")
    file.header["$INSUNITS"] = insunits
    space = file.modelspace()

    def name(text: str, layer: str, x: float, y: float) -> None:
        space.add_text(text, dxfattribs={"layer": layer}).set_placement((x / mm, y / mm))

    def outline(polygon: Polygon, layer: str, text: str = "") -> None:
        corners = [(x / mm, y / mm) for x, y in list(polygon.exterior.coords)[:-1]]
        space.add_lwpolyline(corners, close=True, dxfattribs={"layer": layer})
        middle = polygon.representative_point()
        if text:
            name(text, layer, middle.x, middle.y)

    outline(plan.floor, "FLOOR")
    for rack in plan.racks:
        outline(rack.polygon, racks, rack.code)
    for zone in plan.zones:
        outline(zone.polygon, ZONE_LAYERS[zone.kind], zone.code)
    aisles = "Aisles one-way" if one_way else "aisle"
    for number, a in enumerate(plan.aisles):
        ends = [(a.x_mm / mm, y / mm) for y in (a.y_from_mm, a.y_to_mm)][:: -1 if number % 2 else 1]
        space.add_line(*ends, dxfattribs={"layer": aisles})
        name(a.code, aisles, a.x_mm + 200, a.y_from_mm + 900)
    for c in plan.cross_aisles:
        ends = [(x / mm, c.y_mm / mm) for x in (c.x_from_mm, c.x_to_mm)]
        space.add_line(*ends, dxfattribs={"layer": "CROSS-AISLES"})
        name(c.code, "CROSS-AISLES", c.x_from_mm + 900, c.y_mm)
    block = file.blocks.new("BIN")
    block.add_attdef("CODE", (0, 0))
    for each in plan.bins[:2]:
        placed = space.add_blockref("BIN", (each.x_mm / mm, each.y_mm / mm), dxfattribs={"layer": "BINS"})
        placed.add_auto_attribs({"CODE": each.code})
    for each in plan.bins[2:]:
        name(each.code, "BINS", each.x_mm, each.y_mm)
    space.add_point((plan.depot[0] / mm, plan.depot[1] / mm), dxfattribs={"layer": "DEPOT"})
    space.add_circle((0, 0), 3, dxfattribs={"layer": "DIMENSIONS"})
    out = StringIO()
    file.write(out)
    return out.getvalue().encode()


def test_a_plan_that_goes_out_comes_back_the_same() -> None:
    table, features = "".join(plan_to_csv(DRAWN)), plan_to_geojson(DRAWN)

    assert "'=holds the roof" in table
    drawn = plan_to_document(DRAWN)
    assert plan_to_document(plan_from_file(table.encode(), form="csv", unit="mm", name="Hall 2")) == drawn
    assert plan_to_document(plan_from_file(features, form="geojson")) == drawn


@pytest.mark.parametrize("unit", MM)
@pytest.mark.parametrize("columns", [("code", "aisle", "side", "level", "x", "y"), ("code", "x", "y")])
def test_aisles_racks_and_cross_aisles_follow_from_bins_alone(unit: str, columns: tuple[str, ...]) -> None:
    plan = plan_from_file(bins_only(PLAN, unit, *columns), form="csv", unit=unit)

    layout = check_floor(plan)
    assert isinstance(layout, GridLayout)
    assert (layout.columns, layout.rows) == ((5_800, 8_600, 11_400), (9_200, 15_200, 21_200))
    outlines = {rack.polygon.bounds for rack in PLAN.racks}
    assert {tuple(round(edge) for edge in rack.polygon.bounds) for rack in plan.racks} == outlines
    assert {(b.code, b.side, b.level) for b in plan.bins} == {(b.code, b.side, b.level) for b in PLAN.bins}


@pytest.mark.parametrize(("insunits", "mm"), [(1, 25.4), (2, 304.8), (4, 1.0), (5, 10.0), (6, 1_000.0)])
def test_a_drawing_comes_in_by_its_layers_and_in_its_own_unit(insunits: int, mm: float) -> None:
    plan = plan_from_file(drawing(PLAN, insunits=insunits, mm=mm), form="dxf", name=PLAN.name)

    assert _sorted(plan) == _sorted(PLAN)


def _sorted(plan: WarehousePlan) -> dict[str, object]:
    """Return a plan without the order in which a drawing's layers come."""
    return plan_to_document(replace(plan, zones=tuple(sorted(plan.zones, key=lambda zone: zone.code))))


def test_a_person_overrides_the_unit_and_names_the_layers_of_a_drawing() -> None:
    content = drawing(PLAN, insunits=6, mm=1.0, racks="A-FURN 01", one_way=True)

    with pytest.raises(WrongUnit) as wrong:
        plan_from_file(content, form="dxf")
    plan = plan_from_file(content, form="dxf", unit="mm", layers=read_layers("a-furn 01 = rack, RECEIVING = ignore"))

    assert wrong.value.facts["likely_unit"] in ("mm", "cm")
    assert isinstance(check_floor(plan), GraphLayout)
    assert [aisle.one_way for aisle in plan.aisles] == [1, -1, 1]
    assert len(plan.racks) == len(PLAN.racks)
    assert "RECV" not in {zone.code for zone in plan.zones}


@pytest.mark.parametrize(
    ("scale", "unit", "likely"),
    [(1 / 1_000, "mm", "m"), (1.0, "m", "mm"), (1 / 304.8, "mm", "ft")],
    ids=["as small as a stamp", "as large as a country", "feet taken for millimeters"],
)
def test_a_unit_that_makes_no_warehouse_is_refused_with_the_likely_one(scale: float, unit: str, likely: str) -> None:
    wide = "\n".join(f"B{n},{x * scale},{y * scale}" for n, (x, y) in enumerate([(0, 0), (60_000, 0), (0, 40_000)]))

    with pytest.raises(WrongUnit) as refused:
        plan_from_file(f"code,x,y\n{wide}".encode(), form="csv", unit=unit)

    told = refused.value.problem()
    assert told["likely_unit"] == likely
    assert f"choose {likely}" in told["detail"]


@pytest.mark.thorough
@pytest.mark.parametrize("one_way", [False, True], ids=["grid", "graph"])
def test_a_hundred_thousand_locations_come_in_and_are_checked_in_seconds(*, one_way: bool) -> None:
    plan = sample_warehouse(aisles=99, bays=48, levels=9, blocks=3)
    doubled = [replace(each, code=f"{each.code}B") for each in plan.bins[: 100_000 - len(plan.bins)]]
    aisles = tuple(replace(a, one_way=1 - 2 * (n % 2) if one_way else 0) for n, a in enumerate(plan.aisles))
    content = "".join(plan_to_csv(replace(plan, aisles=aisles, bins=(*plan.bins, *doubled)))).encode()
    started = time.process_time()

    layout = check_floor(plan_from_file(content, form="csv", unit="mm"))

    assert len(layout.codes) == 100_000
    assert isinstance(layout, GraphLayout) is one_way
    assert time.process_time() - started < 15


@pytest.mark.parametrize(
    ("form", "content", "told"),
    [
        ("csv", b"code;x;y\nA;1;2\nB;x;2\nC;1\nD;1e99;1\n", ["Line 3: x: x", "Line 4: C needs", "Line 5: x: 1e99"]),
        ("csv", b"kind,code,x,y\nrakc,A,1,2\n", ["Line 2: rakc is no kind"]),
        ("csv", b"name,east,north\n", ["The first line must name columns"]),
        ("csv", b"code,x,y\n", ["It names no location"]),
        ("csv", b"\xff\xfe", ["no text in UTF-8"]),
        ("geojson", b'{"features": [{"properties": {"kind": "rack"}}]}', ["Feature 1: it lacks 'geometry'"]),
        ("geojson", b"[1", ["This is not JSON"]),
        ("dxf", b"not a drawing", ["DXF"]),
        ("pdf", b"", ["pdf is no format"]),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_with_its_lines(form: str, content: bytes, told: list[str]) -> None:
    with pytest.raises(FloorFileError) as refused:
        plan_from_file(content, form=form, unit="m")

    assert all(words in refused.value.detail for words in told)
