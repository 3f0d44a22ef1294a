from dataclasses import replace

import pytest
from shapely import Polygon, box

from fulfillment.domain.layout import (
    GridLayout,
    LayoutError,
    Stand,
    UnknownBinsError,
    WarehousePlan,
    location_check_digits,
)
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.sample_layout import sample_warehouse, sample_warehouse_for


@pytest.fixture
def plan() -> WarehousePlan:
    return sample_warehouse(aisles=3, bays=4, levels=2, blocks=2)


def faults_of(plan: WarehousePlan) -> dict[str, tuple[str, ...]]:
    with pytest.raises(LayoutError) as caught:
        compile_layout(plan)
    return {fault.code: fault.names for fault in caught.value.faults}


def test_sample_floor_compiles_to_a_grid(plan: WarehousePlan) -> None:
    layout = compile_layout(plan)

    assert (len(layout.columns), layout.blocks, len(layout.stands)) == (3, 2, 3 * 2 * 4 * 2)
    assert layout.stands["A-01-01-1"] == Stand(column=0, y_mm=layout.rows[0] + 1200 + 600)
    assert layout.access_point("C-03-08-2") == (layout.columns[2], layout.rows[2] - 1200 - 600)
    assert layout.depot.row == 0
    assert layout.depot.stub_mm == 1700


def test_codes_are_equally_wide_and_sides_are_odd_and_even(plan: WarehousePlan) -> None:
    assert {len(place.code) for place in plan.bins} == {9}
    assert all(place.side == ("L" if int(place.code[5:7]) % 2 else "R") for place in plan.bins)


@pytest.mark.thorough
@pytest.mark.parametrize("skus", [1, 7, 399, 3100, 20_000])
def test_floor_sized_for_an_assortment_has_room_to_spare(skus: int) -> None:
    layout = compile_layout(sample_warehouse_for(skus))

    assert skus * 1.15 <= len(layout.stands) <= skus * 1.6 + 24


def test_dock_areas_keep_clear_of_each_other_and_of_racks() -> None:
    plan = sample_warehouse_for(3100)
    areas = [zone.polygon for zone in plan.zones]
    docks = [zone.polygon for zone in plan.zones if zone.kind != "storage"]

    assert all(a.intersection(b).area == 0 for i, a in enumerate(areas) for b in areas[:i])
    assert all(dock.disjoint(rack.polygon) for dock in docks for rack in plan.racks)


@pytest.mark.parametrize("size", [{"aisles": 0}, {"bays": 50}, {"bays": 5, "blocks": 2}, {"blocks": 6}, {"levels": 10}])
def test_sizes_that_no_code_can_name_are_refused(size: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="sample warehouse"):
        sample_warehouse(**size)


def test_crossed_outline_is_named(plan: WarehousePlan) -> None:
    bow = Polygon([(100, 100), (900, 900), (900, 100), (100, 900)])
    broken = replace(plan, racks=(replace(plan.racks[0], polygon=bow), *plan.racks[1:]))

    assert faults_of(broken) == {"invalid_polygon": (plan.racks[0].code,)}


def test_rack_in_an_aisle_is_a_blocked_walkway(plan: WarehousePlan) -> None:
    x, y = plan.aisles[1].x_mm, plan.aisles[1].y_from_mm + 2000
    wall = replace(plan.racks[0], code="WALL", polygon=box(x - 100, y - 100, x + 100, y + 100))

    assert faults_of(replace(plan, racks=(*plan.racks, wall)))["walkway_blocked"] == ("02",)


def test_overlapping_racks_are_named(plan: WarehousePlan) -> None:
    outline = plan.racks[0].polygon
    left, front, right, back = outline.bounds
    shifted = replace(plan.racks[0], code="COPY", polygon=box(left - 100, front, right - 100, back))

    assert faults_of(replace(plan, racks=(*plan.racks, shifted)))["racks_overlap"] == ("01L1", "COPY")


def test_bin_away_from_its_aisle_is_named(plan: WarehousePlan) -> None:
    stray = replace(plan.bins[0], aisle="03")
    lost = replace(plan.bins[1], aisle="77")

    assert faults_of(replace(plan, bins=(stray, lost, *plan.bins[2:]))) == {
        "bin_outside_aisle": (stray.code, lost.code)
    }


def test_bin_in_the_air_or_behind_a_rack_is_unreachable(plan: WarehousePlan) -> None:
    in_the_air = replace(plan.bins[0], y_mm=plan.aisles[0].y_from_mm)
    first = plan.bins[2]
    x, y = (plan.aisles[0].x_mm + first.x_mm) // 2 + (100 if first.side == "L" else 50), first.y_mm
    screen = replace(plan.racks[0], code="SCREEN", polygon=box(x, y - 100, x + 20, y + 100))
    hidden = {place.code for place in plan.bins if (place.x_mm, place.y_mm) == (first.x_mm, first.y_mm)}

    faults = faults_of(replace(plan, bins=(in_the_air, *plan.bins[1:]), racks=(*plan.racks, screen)))

    assert faults == {"bin_unreachable": tuple(sorted({in_the_air.code, *hidden}))}


def test_duplicate_location_and_unknown_zone_are_named_together(plan: WarehousePlan) -> None:
    first = plan.bins[0]
    assert faults_of(replace(plan, bins=(*plan.bins, replace(first, zone="Q")))) == {
        "duplicate_code": (first.code,),
        "unknown_zone": (first.code,),
    }


def test_short_walkways_and_a_depot_behind_a_wall_are_named(plan: WarehousePlan) -> None:
    aisle = replace(plan.aisles[0], y_to_mm=plan.aisles[0].y_to_mm - 1)
    cross = replace(plan.cross_aisles[2], x_to_mm=plan.aisles[1].x_mm)
    x, y = plan.depot
    wall = replace(plan.racks[0], code="WALL", polygon=box(x - 50, y + 100, x + 50, y + 150))
    broken = replace(
        plan,
        aisles=(aisle, *plan.aisles[1:]),
        cross_aisles=(*plan.cross_aisles[:2], cross),
        racks=(*plan.racks, wall),
    )

    assert faults_of(broken) == {"aisle_short": ("01",), "cross_aisle_short": ("X3",), "depot_cut_off": ("depot",)}


def test_refusal_counts_the_names_it_does_not_list(plan: WarehousePlan) -> None:
    with pytest.raises(LayoutError, match="and 38 more"):
        compile_layout(replace(plan, bins=tuple(replace(place, zone="Q") for place in plan.bins)))


def test_unknown_location_is_refused_by_name(plan: WarehousePlan) -> None:
    layout: GridLayout = compile_layout(plan)
    with pytest.raises(UnknownBinsError) as caught:
        layout.stands_of(["A-01-01-1", "Z-99-99-9"])
    assert caught.value.bins == ("Z-99-99-9",)


def test_check_digits_catch_every_wrong_digit_and_swap() -> None:
    code = "A-07-13-2"
    digits = location_check_digits(code)
    wrong = {code[:i] + d + code[i + 1 :] for i in (2, 3, 5, 6, 8) for d in "0123456789"} - {code}
    swapped = {"A-70-13-2", "A-07-31-2", "A-01-73-2", "A-07-12-3"}

    assert len(digits) == 2
    assert digits not in {location_check_digits(other) for other in wrong | swapped}
