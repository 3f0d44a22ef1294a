from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import shapely
from shapely import LineString, STRtree
from shapely import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from fulfillment.domain.layout import Bin, LayoutError, LayoutFault, Point, WarehousePlan
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.network import Edge, Network, Place, build_network, reachable

REACH_MM = 1500
"""How far behind the edge of its walkway the middle of a bin may lie and still be picked by hand."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A center line; a one-way one leads in the direction in which it is drawn."""

    code: str
    line: LineString
    width_mm: int
    is_one_way: bool


@dataclass(frozen=True, slots=True)
class _Foot:
    """Where the way from a depot or drop point comes onto a walkway, `along` mm from its first corner."""

    at: Point
    way: str
    along: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """A free stretch of a way between two junctions, from `start` to `end` mm along its line."""

    edge: int
    start: float
    end: float


def compile_graph(plan: WarehousePlan) -> GraphLayout:
    """Check a floor plan of any shape and return the graph on which walks are computed. Lengths in mm.

    Aisles, cross-aisles and walkways meet where their center lines do; what a rack or an obstacle covers of them is
    blocked. The depot and the drop points are led to the nearest walkway in a straight line.

    Raises:
        LayoutError: names walkways or bins drawn twice, places that nobody can walk to, and bins that are not beside
            the walkway they name or that no way leads to and back from.
    """
    faults = [*_outline_faults(plan), *_name_faults(plan)]
    if faults:
        raise LayoutError(tuple(faults))
    ways = _ways(plan)
    feet = {name: _foot(plan, ways, at) for name, at in _gates(plan).items()}
    lost = tuple(name for name, foot in feet.items() if foot is None)
    if lost:
        raise LayoutError((LayoutFault("depot_cut_off", lost, "No straight way leads from here to a walkway"),))
    network, pieces = _network(plan, ways, {name: foot for name, foot in feet.items() if foot is not None})
    places = {each.code: _place(each, ways, pieces) for each in plan.bins}
    start, *drops = (Place(pieces[name][0].edge, 0.0) for name in feet)
    layout = GraphLayout(
        plan=plan,
        network=network,
        places=MappingProxyType({code: place for code, place in places.items() if place is not None}),
        start=start,
        ends=tuple(drops) or (start,),
    )
    beside = {code for code, place in places.items() if place is None}
    faults = [*_fault("bin_outside_aisle", "These locations are not beside the free walkway they name", beside)]
    faults += _fault("bin_cut_off", "No way leads to these locations and on to where walks end", _cut_off(layout))
    if faults:
        raise LayoutError(tuple(faults))
    return layout


def _ways(plan: WarehousePlan) -> dict[str, _Way]:
    found = []
    for aisle in plan.aisles:
        ends = [(aisle.x_mm, aisle.y_from_mm), (aisle.x_mm, aisle.y_to_mm)]
        line = LineString(ends if aisle.one_way >= 0 else ends[::-1])
        found.append(_Way(aisle.code, line, aisle.width_mm, aisle.one_way != 0))
    for cross in plan.cross_aisles:
        line = LineString([(cross.x_from_mm, cross.y_mm), (cross.x_to_mm, cross.y_mm)])
        found.append(_Way(cross.code, line, cross.width_mm, is_one_way=False))
    found += [_Way(way.code, LineString(way.points), way.width_mm, way.one_way) for way in plan.walkways]
    return {way.code: way for way in found}


def _gates(plan: WarehousePlan) -> dict[str, Point]:
    return {"depot": plan.depot} | {f"drop {number}": at for number, at in enumerate(plan.drops, start=1)}


def _foot(plan: WarehousePlan, ways: dict[str, _Way], at: Point) -> _Foot | None:
    """Return where the shortest straight way from a place that nothing blocks comes onto a walkway."""
    here = ShapelyPoint(at)
    solid = _solid(plan)
    feet = [_Foot(at, code, way.line.project(here)) for code, way in ways.items()]
    for foot in sorted(feet, key=lambda foot: here.distance(ways[foot.way].line.interpolate(foot.along))):
        straight = LineString([here, ways[foot.way].line.interpolate(foot.along)])
        if not solid.intersects(straight) and plan.floor.covers(straight):
            return foot
    return None


def _solid(plan: WarehousePlan) -> BaseGeometry:
    return unary_union([rack.polygon for rack in plan.racks] + [each.polygon for each in plan.obstacles])


def _network(
    plan: WarehousePlan, ways: dict[str, _Way], feet: dict[str, _Foot]
) -> tuple[Network, dict[str, list[_Piece]]]:
    """Return the network, and by code the free pieces of each way; those of a depot are its way to its foot."""
    cuts = _cuts({code: way.line for code, way in ways.items()})
    for foot in feet.values():
        cuts[foot.way].add(foot.along)
    solid = _solid(plan)
    number: dict[Point, int] = {}
    edges: list[Edge] = []
    pieces: dict[str, list[_Piece]] = defaultdict(list)
    for code, way in ways.items():
        for start, end in pairwise(sorted(cuts[code] | _rims(way.line, solid))):
            if not _is_blocked(solid, way.line, start, end):
                tail, head = (number.setdefault(_spot(way.line, at), len(number)) for at in (start, end))
                pieces[code].append(_Piece(len(edges), start, end))
                edges.append(Edge(tail, head, one_way=way.is_one_way))
    for name, foot in feet.items():
        ends = foot.at, _spot(ways[foot.way].line, foot.along)
        tail, head = (number.setdefault(spot, len(number)) for spot in ends)
        pieces[name].append(_Piece(len(edges), 0.0, 0.0))
        edges.append(Edge(tail, head))
    return build_network(list(number), edges), pieces


def _cuts(lines: dict[str, LineString]) -> dict[str, set[float]]:
    """Return for each line how far along it its corners are, and the places where others meet it."""
    cuts = {code: {line.project(ShapelyPoint(corner)) for corner in line.coords} for code, line in lines.items()}
    codes = list(lines)
    tree = STRtree([line.buffer(1) for line in lines.values()])
    for one, other in zip(*tree.query(list(lines.values()), predicate="intersects"), strict=True):
        if one == other:
            continue
        own, met = lines[codes[one]], lines[codes[other]]
        shared = own.intersection(met)
        spots = [ShapelyPoint(corner) for corner in met.coords if own.distance(ShapelyPoint(corner)) <= 1]
        spots += [ShapelyPoint(corner) for part in shapely.get_parts(shared) for corner in part.coords]
        cuts[codes[one]] |= {own.project(spot) for spot in spots}
    return cuts


def _rims(line: LineString, solid: BaseGeometry) -> set[float]:
    """Return how far along a line the edges of what blocks it are."""
    covered = shapely.get_parts(line.intersection(solid))
    return {line.project(ShapelyPoint(corner)) for part in covered for corner in part.coords}


def _is_blocked(solid: BaseGeometry, line: LineString, start: float, end: float) -> bool:
    return end - start < 1 or bool(solid.contains(line.interpolate((start + end) / 2)))


def _spot(line: LineString, at: float) -> Point:
    spot = line.interpolate(at)
    return round(spot.x), round(spot.y)


def _place(each: Bin, ways: dict[str, _Way], pieces: dict[str, list[_Piece]]) -> Place | None:
    way = ways.get(each.aisle)
    if way is None:
        return None
    middle = ShapelyPoint(each.x_mm, each.y_mm)
    if way.line.distance(middle) > way.width_mm // 2 + REACH_MM:
        return None
    at = way.line.project(middle)
    piece = next((piece for piece in pieces[way.code] if piece.start <= at <= piece.end), None)
    return Place(piece.edge, at - piece.start) if piece else None


def _cut_off(layout: GraphLayout) -> set[str]:
    codes = list(layout.places)
    reached = reachable(layout.network, layout.start, [layout.places[code] for code in codes], layout.ends)
    return {code for code, is_reached in zip(codes, reached, strict=True) if not is_reached}


def _outline_faults(plan: WarehousePlan) -> Iterator[LayoutFault]:
    shapes = [("floor", plan.floor), *((rack.code, rack.polygon) for rack in plan.racks)]
    shapes += [(obstacle.code, obstacle.polygon) for obstacle in plan.obstacles]
    broken = (name for name, polygon in shapes if not polygon.is_valid or polygon.area <= 0)
    yield from _fault("invalid_polygon", "These outlines cross themselves or enclose nothing", broken)


def _name_faults(plan: WarehousePlan) -> Iterator[LayoutFault]:
    counted: dict[str, int] = defaultdict(int)
    for code in _codes(plan):
        counted[code] += 1
    for each in plan.bins:
        counted[each.code] += 1
    yield from _fault("duplicate_code", "These are drawn twice", (code for code, n in counted.items() if n > 1))
    if not counted:
        yield LayoutFault("no_walkway", (plan.name,), "Nobody can walk on a floor without walkways")


def _codes(plan: WarehousePlan) -> Iterator[str]:
    yield from (aisle.code for aisle in plan.aisles)
    yield from (cross.code for cross in plan.cross_aisles)
    yield from (way.code for way in plan.walkways)


def _fault(code: str, explanation: str, names: Iterable[str]) -> Iterator[LayoutFault]:
    found = tuple(sorted(set(names)))
    if found:
        yield LayoutFault(code, found, explanation)
