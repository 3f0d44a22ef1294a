from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from math import ceil, floor
from types import MappingProxyType
from typing import TypeVar

import shapely
from shapely import LineString, STRtree

from fulfillment.domain.layout import (
    Aisle,
    Bin,
    Depot,
    GridLayout,
    LayoutError,
    LayoutFault,
    Obstruction,
    Point,
    Stand,
    WarehousePlan,
)
from fulfillment.domain.routing.grid_network import grid_network
from fulfillment.domain.routing.network import reachable

_Name = TypeVar("_Name", bound=Hashable)

MOST_BLOCKS = 5
"""Above this, the number of states of the exact router makes a route too slow to wait for."""

REACH_MM = 1500
"""How far behind the edge of its aisle the middle of a bin may lie and still be picked by hand."""


def compile_layout(plan: WarehousePlan) -> GridLayout:
    """Check a floor plan and return the grid on which tours are computed. Lengths in mm.

    Aisles run along y and all have the same extent; cross-aisles run along x and span all aisles; the depot stands
    straight in front of a cross-aisle.

    Raises:
        LayoutError: names every invalid polygon, blocked or misplaced walkway, and every bin that is outside its aisle,
            not on a rack, behind another rack or drawn twice.
    """
    faults = tuple(_shape_faults(plan))
    # On crossing outlines and without a grid the rest cannot be told; else all is told at once.
    if not {fault.code for fault in faults} & {"invalid_polygon", "not_a_grid"}:
        faults += (*_walkway_faults(plan), *_depot_faults(plan), *_bin_faults(plan))
    if faults:
        raise LayoutError(faults)
    aisles = sorted(plan.aisles, key=lambda aisle: aisle.x_mm)
    rows = tuple(sorted(cross.y_mm for cross in plan.cross_aisles))
    column_of = {aisle.code: column for column, aisle in enumerate(aisles)}
    stands = {each.code: Stand(column_of[each.aisle], each.y_mm) for each in plan.bins}
    layout = GridLayout(
        plan=plan,
        columns=tuple(aisle.x_mm for aisle in aisles),
        rows=rows,
        stands=MappingProxyType(stands),
        depot=_depot(plan.depot, rows),
        drops=tuple(_depot(drop, rows) for drop in plan.drops),
        blocked_aisles=tuple(_blocked_aisles(plan, aisles)),
        blocked_cross_aisles=tuple(_blocked_cross_aisles(plan)),
    )
    lost = _cut_off(layout)
    if lost:
        raise LayoutError(tuple(_fault("bin_cut_off", "No way leads to these locations and on to the depot", lost)))
    return layout


def _depot(at: Point, rows: tuple[int, ...]) -> Depot:
    x, y = at
    row = min(range(len(rows)), key=lambda row: abs(rows[row] - y))
    return Depot(at=at, x_mm=x, row=row, stub_mm=abs(rows[row] - y))


def _blocked_aisles(plan: WarehousePlan, aisles: list[Aisle]) -> Iterator[Obstruction]:
    for column, aisle in enumerate(aisles):
        line = LineString([(aisle.x_mm, aisle.y_from_mm), (aisle.x_mm, aisle.y_to_mm)])
        yield from (Obstruction(column, floor(low), ceil(high)) for _, low, _, high in _bounds_on(plan, line))


def _blocked_cross_aisles(plan: WarehousePlan) -> Iterator[Obstruction]:
    for row, cross in enumerate(sorted(plan.cross_aisles, key=lambda cross: cross.y_mm)):
        line = LineString([(cross.x_from_mm, cross.y_mm), (cross.x_to_mm, cross.y_mm)])
        yield from (Obstruction(row, floor(low), ceil(high)) for low, _, high, _ in _bounds_on(plan, line))


def _bounds_on(plan: WarehousePlan, line: LineString) -> Iterator[tuple[float, float, float, float]]:
    """Yield the bounds of each stretch of a center line that an obstacle covers; touching it blocks nobody."""
    for obstacle in plan.obstacles:
        covered = line.intersection(obstacle.polygon)
        yield from (part.bounds for part in shapely.get_parts(covered) if part.length > 0)


def _cut_off(layout: GridLayout) -> set[str]:
    """Return the codes of bins to which no way leads from the depot, or from which none leads to an end."""
    if not layout.is_obstructed:
        return set()
    inside = {
        stand
        for stand in set(layout.stands.values())
        if any(each.line == stand.column and each.from_mm < stand.y_mm < each.to_mm for each in layout.blocked_aisles)
    }
    free = sorted(set(layout.stands.values()) - inside)
    grid = grid_network(layout)
    gates = [(depot.x_mm, layout.rows[depot.row]) for depot in (layout.depot, *layout.ends)]
    places = [grid.place((layout.columns[stand.column], stand.y_mm)) for stand in free]
    reached = reachable(grid.network, grid.place(gates[0]), places, [grid.place(gate) for gate in gates[1:]])
    lost = inside | {stand for stand, is_reached in zip(free, reached, strict=True) if not is_reached}
    return {code for code, stand in layout.stands.items() if stand in lost}


def _fault(code: str, explanation: str, names: Iterable[str]) -> Iterator[LayoutFault]:
    found = tuple(sorted(set(names)))
    if found:
        yield LayoutFault(code, found, explanation)


def _shape_faults(plan: WarehousePlan) -> Iterator[LayoutFault]:
    shapes = [("floor", plan.floor), *((rack.code, rack.polygon) for rack in plan.racks)]
    shapes += [(zone.code, zone.polygon) for zone in plan.zones]
    shapes += [(obstacle.code, obstacle.polygon) for obstacle in plan.obstacles]
    broken = {name for name, polygon in shapes if not polygon.is_valid or polygon.area <= 0}
    yield from _fault("invalid_polygon", "These outlines cross themselves or enclose nothing", broken)
    if broken:
        return
    outside = (name for name, polygon in shapes if not plan.floor.covers(polygon))
    yield from _fault("outside_floor", "These lie outside the floor", outside)
    polygons = [rack.polygon for rack in plan.racks]
    left, right = STRtree(polygons).query(polygons, predicate="overlaps") if polygons else ((), ())
    yield from _fault("racks_overlap", "These racks overlap", (plan.racks[i].code for i in (*left, *right)))
    if not plan.aisles or not 1 < len({cross.y_mm for cross in plan.cross_aisles}) <= MOST_BLOCKS + 1:
        explanation = f"A floor needs aisles and 2 to {MOST_BLOCKS + 1} cross-aisles"
        yield LayoutFault("not_a_grid", (plan.name,), explanation)


def _walkway_faults(plan: WarehousePlan) -> Iterator[LayoutFault]:
    codes = [aisle.code for aisle in plan.aisles] + [cross.code for cross in plan.cross_aisles]
    codes += [rack.code for rack in plan.racks]
    yield from _fault("duplicate_code", "These walkways or racks are drawn twice", _repeated(codes))
    yield from _shared_places([(aisle.x_mm, aisle.code) for aisle in plan.aisles])
    yield from _shared_places([(cross.y_mm, cross.code) for cross in plan.cross_aisles])
    low, high = min(c.y_mm for c in plan.cross_aisles), max(c.y_mm for c in plan.cross_aisles)
    short = (a.code for a in plan.aisles if a.y_from_mm > low or a.y_to_mm < high)
    yield from _fault("aisle_short", "These aisles do not reach from the first to the last cross-aisle", short)
    left, right = min(a.x_mm for a in plan.aisles), max(a.x_mm for a in plan.aisles)
    narrow = (c.code for c in plan.cross_aisles if c.x_from_mm > left or c.x_to_mm < right)
    yield from _fault("cross_aisle_short", "These cross-aisles do not span all aisles", narrow)
    yield from _fault("walkway_blocked", "A rack stands in these walkways", _blocked(plan))


def _shared_places(places: list[tuple[int, str]]) -> Iterator[LayoutFault]:
    shared = _repeated(place for place, _ in places)
    yield from _fault(
        "same_place", "These walkways share one center line", (c for place, c in places if place in shared)
    )


def _blocked(plan: WarehousePlan) -> Iterator[str]:
    tree = STRtree([rack.polygon for rack in plan.racks])
    lines = [(a.code, LineString([(a.x_mm, a.y_from_mm), (a.x_mm, a.y_to_mm)])) for a in plan.aisles]
    lines += [(c.code, LineString([(c.x_from_mm, c.y_mm), (c.x_to_mm, c.y_mm)])) for c in plan.cross_aisles]
    return (code for code, line in lines if len(tree.query(line, predicate="intersects")))


def _depot_faults(plan: WarehousePlan) -> Iterator[LayoutFault]:
    places = [("depot", plan.depot), *((f"drop {number}", at) for number, at in enumerate(plan.drops, start=1))]
    lost = (name for name, at in places if _is_cut_off(plan, at))
    yield from _fault("depot_cut_off", "Nobody can walk straight from here to the nearest cross-aisle", lost)


def _is_cut_off(plan: WarehousePlan, at: Point) -> bool:
    x, y = at
    cross = min(plan.cross_aisles, key=lambda cross: (abs(cross.y_mm - y), cross.y_mm))
    stub = LineString([(x, y), (x, cross.y_mm)])
    solid = [rack.polygon for rack in plan.racks] + [obstacle.polygon for obstacle in plan.obstacles]
    walled = any(polygon.intersects(stub) for polygon in solid)
    return walled or not cross.x_from_mm <= x <= cross.x_to_mm or not plan.floor.covers(stub)


def _bin_faults(plan: WarehousePlan) -> Iterator[LayoutFault]:
    yield from _fault("duplicate_code", "These locations are drawn twice", _repeated(b.code for b in plan.bins))
    zones = {zone.code for zone in plan.zones}
    strays = (b.code for b in plan.bins if b.zone not in zones)
    yield from _fault("unknown_zone", "The zones of these locations do not exist", strays)
    aisles = {aisle.code: aisle for aisle in plan.aisles}
    rows = [cross.y_mm for cross in plan.cross_aisles]
    reached = [b for b in plan.bins if b.aisle in aisles and _in_reach(b, aisles[b.aisle], rows)]
    lost = {b.code for b in plan.bins} - {b.code for b in reached}
    yield from _fault("bin_outside_aisle", "These locations are not beside the aisle they name", lost)
    yield from _fault(
        "bin_unreachable", "These locations stand on no rack, or behind another one", _hidden(plan, reached)
    )


def _in_reach(place: Bin, aisle: Aisle, rows: list[int]) -> bool:
    away = place.x_mm - aisle.x_mm
    side = "L" if away < 0 else "R"
    return side == place.side and abs(away) <= aisle.width_mm // 2 + REACH_MM and min(rows) <= place.y_mm <= max(rows)


def _hidden(plan: WarehousePlan, bins: list[Bin]) -> set[str]:
    """Return the codes of bins whose arm's reach from the aisle does not end in the one rack that it enters."""
    if not bins:
        return set()
    x_of = {aisle.code: aisle.x_mm for aisle in plan.aisles}
    arms = shapely.linestrings([[(x_of[b.aisle], b.y_mm), (b.x_mm, b.y_mm)] for b in bins])
    tree = STRtree([rack.polygon for rack in plan.racks])
    entered = Counter(tree.query(arms, predicate="intersects")[0].tolist())
    held = set(tree.query(shapely.points([(b.x_mm, b.y_mm) for b in bins]), predicate="intersects")[0].tolist())
    return {b.code for i, b in enumerate(bins) if entered[i] != 1 or i not in held}


def _repeated(names: Iterable[_Name]) -> set[_Name]:
    return {name for name, count in Counter(names).items() if count > 1}
