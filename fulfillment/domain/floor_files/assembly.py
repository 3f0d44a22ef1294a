"""From the parts that a file names to a plan; what the file leaves out follows from where its bins are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import shapely
from shapely import LineString, Polygon, STRtree, box
from shapely.geometry.base import BaseGeometry

from fulfillment.domain.floor_files.deduction import Seen, deduce_aisles, deduce_cross_aisles, deduce_racks
from fulfillment.domain.floor_files.parts import FloorFileError, Part
from fulfillment.domain.floor_files.units import MM, require_plausible
from fulfillment.domain.layout import Aisle, Bin, CrossAisle, Obstacle, Point, Rack, Walkway, WarehousePlan, Zone

STRAIGHT_MM: Final = 50
"""So far the ends of an aisle may lie apart sideways and it still counts as drawn along one axis."""
USUAL_WIDTH_MM: Final = 1_600
MARGIN_MM: Final = 3_000
"""Floor around what is drawn, where the file draws no floor: room for a cross-aisle and the docks."""
ZONE: Final = "STORE"
CLOSED: Final = "closed"
"""The note of a location to which nobody gets for now."""
_TWO_ENDS = 2
_NARROWEST_MM, _WIDEST_MM = 600, 6_000
_HIGHEST = 19
_BIN_MM = 900


@dataclass(frozen=True, slots=True)
class _Ways:
    aisles: tuple[Aisle, ...]
    cross_aisles: tuple[CrossAisle, ...]
    walkways: tuple[Walkway, ...]


def assemble(parts: Sequence[Part], *, unit: str, name: str) -> WarehousePlan:
    """Return the plan that a file's parts make, lengths turned from `unit` into mm; it is not checked yet.

    Aisles, racks, cross-aisles, zones, the floor and the depot follow from the bins where the file has none of them.

    Raises:
        FloorFileError: nothing is drawn, or a unit is none of `MM`.
        WrongUnit: no warehouse is that large or small.
    """
    if unit not in MM:
        raise FloorFileError(f"{unit} is no unit: {', '.join(MM)}.", pointer="/unit")
    if not any(part.kind in ("bin", "aisle", "walkway") for part in parts):
        raise FloorFileError("It names no location and no way.", remedy="Add lines.", pointer="/content")
    xs, ys = zip(*(corner for part in parts for corner in part.corners), strict=True)
    require_plausible(max(max(xs) - min(xs), max(ys) - min(ys)), unit)
    return _plan(defaultdict(list, _by_kind(parts, MM[unit])), name)


def _by_kind(parts: Iterable[Part], scale: float) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        corners = tuple((round(x * scale), round(y * scale)) for x, y in part.corners)
        found[part.kind].append(replace(part, corners=corners, width=part.width * scale))
    return found


def _plan(drawn: dict[str, list[Part]], name: str) -> WarehousePlan:
    racks = [Rack(part.code or f"R{n}", Polygon(part.corners)) for n, part in enumerate(drawn["rack"], start=1)]
    ways = _ways(drawn, racks)
    seen = [
        Seen(b.code, b.zone, b.aisle, b.side, b.level or _level(b.code), *map(int, b.corners[0])) for b in drawn["bin"]
    ]
    if not ways.aisles and not ways.walkways:
        ways = replace(ways, aisles=deduce_aisles(seen))
    zones = [Zone(p.code, p.zone_kind or "storage", Polygon(p.corners)) for p in drawn["zone"]]
    bins = _in_zones(_bins(seen, ways), [zone for zone in zones if zone.kind == "storage"])
    racks = racks or list(deduce_racks(bins, ways.aisles))
    if not ways.cross_aisles and not ways.walkways:
        crossing = deduce_cross_aisles(bins, ways.aisles)
        aisles = ways.aisles if drawn["aisle"] or not crossing else _reaching(ways.aisles, crossing)
        ways = replace(ways, cross_aisles=crossing, aisles=aisles)
    obstacles = tuple(Obstacle(p.code, Polygon(p.corners), p.note) for p in drawn["obstacle"])
    zones += _missing_zones(bins, {zone.code for zone in zones})
    plan = WarehousePlan(
        name=name, floor=box(0, 0, 1, 1), aisles=ways.aisles, cross_aisles=ways.cross_aisles, racks=tuple(racks),
        zones=tuple(zones), bins=bins, depot=_depot(drawn, ways),
        drops=tuple(_point(part) for part in drawn["drop"]), walkways=ways.walkways, obstacles=obstacles,
        closed_bins=frozenset(part.code for part in drawn["bin"] if part.note.casefold() == CLOSED),
    )  # fmt: skip
    floor = Polygon(drawn["floor"][0].corners) if drawn["floor"] else _around(plan)
    return replace(plan, floor=floor)


def _ways(drawn: dict[str, list[Part]], racks: Sequence[Rack]) -> _Ways:
    beside = STRtree([rack.polygon for rack in racks])
    aisles, crossing, walkways = [], [], []
    for part in (*drawn["aisle"], *drawn["cross_aisle"], *drawn["walkway"]):
        (x, y), (to_x, to_y) = part.corners[0], part.corners[-1]
        width = round(part.width) or _width(part, beside)
        straight = len(part.corners) == _TWO_ENDS
        if part.kind == "aisle" and straight and abs(x - to_x) <= STRAIGHT_MM:
            way = part.one_way if to_y > y else -part.one_way
            low, high = sorted((int(y), int(to_y)))
            aisles.append(Aisle(part.code, round((x + to_x) / 2), low, high, width, way))
        elif part.kind == "cross_aisle" and straight and abs(y - to_y) <= STRAIGHT_MM and not part.one_way:
            left, right = sorted((int(x), int(to_x)))
            crossing.append(CrossAisle(part.code, round((y + to_y) / 2), left, right, width))
        else:
            corners = part.corners[::-1] if part.one_way < 0 else part.corners
            points = tuple((int(cx), int(cy)) for cx, cy in corners)
            walkways.append(Walkway(part.code, points, width, one_way=part.one_way != 0))
    return _Ways(tuple(aisles), tuple(crossing), tuple(walkways))


def _width(part: Part, racks: STRtree) -> int:
    """Return how wide a way is between the racks beside it, the usual width where none is near."""
    line = LineString(part.corners)
    number = racks.nearest(line)
    away = float(line.distance(racks.geometries.take(number))) if number is not None else 0.0
    return round(2 * away) if _NARROWEST_MM <= 2 * away <= _WIDEST_MM else USUAL_WIDTH_MM


def _bins(seen: Sequence[Seen], ways: _Ways) -> tuple[Bin, ...]:
    """Return the bins, each with its way, where the file names none the nearest, and on which side of that it is."""
    lines = {way.code: LineString(way.points) for way in ways.walkways}
    lines |= {a.code: LineString([(a.x_mm, a.y_from_mm), (a.x_mm, a.y_to_mm)]) for a in ways.aisles}
    unnamed = [each for each in seen if not each.aisle]
    codes = list(lines)
    nearest: dict[str, str] = {}
    if unnamed and lines:
        found = STRtree(list(lines.values())).nearest(shapely.points([(b.x, b.y) for b in unnamed]))
        nearest = {each.code: codes[number] for each, number in zip(unnamed, found.tolist(), strict=True)}
    x_of = {aisle.code: aisle.x_mm for aisle in ways.aisles}
    made = []
    for b in seen:
        way = b.aisle or nearest.get(b.code, "")
        side = b.side or ("L" if b.x < x_of.get(way, b.x) else "R")
        made.append(Bin(b.code, b.zone, way, side, b.level, b.x, b.y))
    return tuple(made)


def _in_zones(bins: Sequence[Bin], zones: Sequence[Zone]) -> tuple[Bin, ...]:
    """Return the bins, those that name no zone in the one where they stand."""
    unnamed = [each for each in bins if not each.zone]
    if not unnamed:
        return tuple(bins)
    points = shapely.points([(each.x_mm, each.y_mm) for each in unnamed])
    found = STRtree([zone.polygon for zone in zones]).query(points, predicate="intersects").T.tolist()
    zone_of = {unnamed[number].code: zones[zone].code for number, zone in found}
    return tuple(each if each.zone else replace(each, zone=zone_of.get(each.code, ZONE)) for each in bins)


def _level(code: str) -> int:
    last = code.replace(".", "-").split("-")[-1]
    return int(last) if last.isascii() and last.isdecimal() and 0 < int(last) <= _HIGHEST else 1


def _reaching(aisles: Sequence[Aisle], crossing: Sequence[CrossAisle]) -> tuple[Aisle, ...]:
    low, high = min(cross.y_mm for cross in crossing), max(cross.y_mm for cross in crossing)
    return tuple(replace(aisle, y_from_mm=low, y_to_mm=high) for aisle in aisles)


def _missing_zones(bins: Sequence[Bin], known: set[str]) -> list[Zone]:
    corners: dict[str, list[Point]] = defaultdict(list)
    for each in bins:
        if each.zone not in known:
            corners[each.zone].append((each.x_mm, each.y_mm))
    return [Zone(code, "storage", _box_around(shapely.MultiPoint(at), _BIN_MM)) for code, at in corners.items()]


def _depot(drawn: dict[str, list[Part]], ways: _Ways) -> Point:
    if drawn["depot"]:
        return _point(drawn["depot"][0])
    if ways.cross_aisles:
        front = min(ways.cross_aisles, key=lambda cross: cross.y_mm)
        return round(median([aisle.x_mm for aisle in ways.aisles] or [front.x_from_mm])), front.y_mm - 1_000
    return ways.walkways[0].points[0] if ways.walkways else (ways.aisles[0].x_mm, ways.aisles[0].y_from_mm)


def _point(part: Part) -> Point:
    x, y = part.corners[0]
    return int(x), int(y)


def _around(plan: WarehousePlan) -> Polygon:
    shapes: list[BaseGeometry] = [rack.polygon for rack in plan.racks]
    shapes += [each.polygon for each in plan.obstacles]
    shapes += [zone.polygon for zone in plan.zones]
    shapes += [LineString(way.points) for way in plan.walkways]
    shapes += [LineString([(a.x_mm, a.y_from_mm), (a.x_mm, a.y_to_mm)]) for a in plan.aisles]
    shapes += [LineString([(c.x_from_mm, c.y_mm), (c.x_to_mm, c.y_mm)]) for c in plan.cross_aisles]
    shapes.append(shapely.MultiPoint([plan.depot, *plan.drops, *((b.x_mm, b.y_mm) for b in plan.bins)]))
    return _box_around(shapely.GeometryCollection(shapes), MARGIN_MM)


def _box_around(shape: BaseGeometry, margin_mm: int) -> Polygon:
    left, front, right, back = (round(edge) for edge in shape.bounds)
    return box(left - margin_mm, front - margin_mm, right + margin_mm, back + margin_mm)
