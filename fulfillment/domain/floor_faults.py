"""What is wrong with a drawn floor, all at once, and where on it each fault is."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import shapely
from shapely import LineString, Polygon, STRtree
from shapely import Point as ShapelyPoint

from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.layout import FaultPlace, LayoutError, LayoutFault, Point, WarehousePlan
from fulfillment.domain.routing.floor_routes import FloorLayout

_SPOT: Final = re.compile(r"\[(-?[\d.e+]+) (-?[\d.e+]+)\]")
_OF_BINS: Final = frozenset({"unknown_zone", "bin_outside_aisle", "bin_unreachable", "bin_cut_off"})


def check_floor(plan: WarehousePlan) -> FloorLayout:
    """Check a floor plan and return the layout on which its walks are computed.

    Raises:
        LayoutError: names every part that is wrong, each with its places on the floor.
    """
    found: list[LayoutFault] = []
    layout = None
    try:
        layout = compile_floor(plan)
    except LayoutError as error:
        found = list(error.faults)
    known = {fault.code for fault in found}
    if "invalid_polygon" not in known:
        found += [fault for fault in _further(plan, found) if fault.code not in known]
    if layout is None or found:
        raise LayoutError(located(plan, _without_doubles(found)))
    return layout


def located(plan: WarehousePlan, faults: Iterable[LayoutFault]) -> tuple[LayoutFault, ...]:
    """Return the faults with the places of the parts that they name."""
    bins, parts = defaultdict(list), _part_places(plan)
    for each in plan.bins:
        bins[each.code].append((each.x_mm, each.y_mm))
    return tuple(replace(fault, places=tuple(_places(fault, plan, bins, parts))) for fault in faults)


def _places(
    fault: LayoutFault, plan: WarehousePlan, bins: Mapping[str, list[Point]], parts: Mapping[str, list[Point]]
) -> Iterator[FaultPlace]:
    special = _crossings(plan) if fault.code == "invalid_polygon" else {}
    if fault.code == "racks_overlap":
        special = _overlaps(plan)
    for name in fault.names:
        of_parts = [] if fault.code in _OF_BINS else special.get(name) or parts.get(name, [])
        for x, y in of_parts or bins.get(name, []):
            yield FaultPlace(name, x, y)


def _part_places(plan: WarehousePlan) -> dict[str, list[Point]]:
    places: dict[str, list[Point]] = defaultdict(list)
    for code, outline in _outlines(plan):
        places[code].append(_middle(outline))
    for aisle in plan.aisles:
        places[aisle.code].append((aisle.x_mm, (aisle.y_from_mm + aisle.y_to_mm) // 2))
    for cross in plan.cross_aisles:
        places[cross.code].append(((cross.x_from_mm + cross.x_to_mm) // 2, cross.y_mm))
    for way in plan.walkways:
        middle = LineString(way.points).interpolate(0.5, normalized=True)
        places[way.code].append((round(middle.x), round(middle.y)))
    places.setdefault(plan.name, []).append(_middle(plan.floor))
    for name, at in gates(plan):
        places[name].append(at)
    return places


def gates(plan: WarehousePlan) -> tuple[tuple[str, Point], ...]:
    """Return where walks start and end, by name."""
    return ("depot", plan.depot), *((f"drop {number}", at) for number, at in enumerate(plan.drops, start=1))


def _outlines(plan: WarehousePlan) -> Iterator[tuple[str, Polygon]]:
    yield "floor", plan.floor
    yield from ((rack.code, rack.polygon) for rack in plan.racks)
    yield from ((zone.code, zone.polygon) for zone in plan.zones)
    yield from ((each.code, each.polygon) for each in plan.obstacles)


def _middle(outline: Polygon) -> Point:
    left, front, right, back = outline.bounds
    middle = outline.representative_point() if outline.is_valid and outline.area > 0 else None
    return (round(middle.x), round(middle.y)) if middle else (round((left + right) / 2), round((front + back) / 2))


def _crossings(plan: WarehousePlan) -> dict[str, list[Point]]:
    """Return where outlines cross themselves, as GEOS tells it in words."""
    found: dict[str, list[Point]] = defaultdict(list)
    for code, outline in _outlines(plan):
        spot = _SPOT.search(shapely.is_valid_reason(outline))
        if spot:
            found[code].append((round(float(spot[1])), round(float(spot[2]))))
    return found


def _overlapping(plan: WarehousePlan) -> Iterator[tuple[str, str, Polygon]]:
    outlines = [rack.polygon for rack in plan.racks]
    if not outlines:
        return
    for one, other in zip(*STRtree(outlines).query(outlines, predicate="intersects"), strict=True):
        if one < other:
            shared = outlines[one].intersection(outlines[other])
            if shared.area > 1:
                yield plan.racks[one].code, plan.racks[other].code, shared


def _overlaps(plan: WarehousePlan) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = defaultdict(list)
    for one, other, shared in _overlapping(plan):
        spot = shared.representative_point()
        for code in (one, other):
            found[code].append((round(spot.x), round(spot.y)))
    return found


def _further(plan: WarehousePlan, found: Sequence[LayoutFault]) -> Iterator[LayoutFault]:
    """Yield what the compilers do not say: a graph may be walked although it is drawn wrong."""
    outlines = dict(_outlines(plan))
    floor = plan.floor.buffer(1)
    outside = [code for code, outline in outlines.items() if not floor.covers(outline)]
    yield from _fault("outside_floor", "These lie outside the floor", outside)
    crowded = [code for one, other, _ in _overlapping(plan) for code in (one, other)]
    yield from _fault("racks_overlap", "These racks overlap", crowded)
    zones = {zone.code for zone in plan.zones}
    strays = [b.code for b in plan.bins if b.zone not in zones]
    yield from _fault("unknown_zone", "The zones of these locations do not exist", strays)
    tree = STRtree([rack.polygon for rack in plan.racks])
    inside = [name for name, at in gates(plan) if len(tree.query(ShapelyPoint(at), predicate="within"))]
    yield from _fault("depot_in_rack", "Walks cannot start or end inside a rack", inside)
    lost = {name for fault in found if fault.code == "bin_cut_off" for name in fault.names}
    yield from _fault("aisle_closed", "These obstacles close the way to locations", _closing(plan, lost))


def _closing(plan: WarehousePlan, lost: set[str]) -> list[str]:
    """Return the obstacles in the aisles of locations that nobody gets to."""
    ways = {each.aisle for each in plan.bins if each.code in lost}
    lines = [LineString([(a.x_mm, a.y_from_mm), (a.x_mm, a.y_to_mm)]) for a in plan.aisles if a.code in ways]
    lines += [LineString(way.points) for way in plan.walkways if way.code in ways]
    return [each.code for each in plan.obstacles if any(each.polygon.intersects(line) for line in lines)]


def _without_doubles(faults: Iterable[LayoutFault]) -> list[LayoutFault]:
    """Leave out that nobody gets away from a depot of which it is said already that a rack stands on it."""
    told = list(faults)
    inside = {name for fault in told if fault.code == "depot_in_rack" for name in fault.names}
    kept = []
    for fault in told:
        names = tuple(name for name in fault.names if fault.code != "depot_cut_off" or name not in inside)
        if names:
            kept.append(replace(fault, names=names))
    return kept


def _fault(code: str, explanation: str, names: Iterable[str]) -> Iterator[LayoutFault]:
    found = tuple(sorted(set(names)))
    if found:
        yield LayoutFault(code, found, explanation)
