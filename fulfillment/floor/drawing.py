"""A floor plan as one picture: everything that is drawn, and what is wrong with it, by number."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from math import atan2, degrees, hypot, sqrt
from typing import TypeAlias

from shapely import LineString

from fulfillment.domain.layout import Point, WarehousePlan, Zone
from fulfillment.floor.views import FloorFaultView
from fulfillment.pick_map import UNIT_MM, MapFrame, fit_zone_name

MOST_MARKS = 60
"""Places of one fault that are marked: more would cover the floor."""
MOST_SPOTS = 25_000
"""Shelf positions that are drawn; a floor of more shows its racks only, so that a browser moves it at once."""
_ARROW_EVERY_MM = 4_000
_LETTER_WIDTH = 0.62


Layer: TypeAlias = Callable[[MapFrame, int], Iterable[str]]
"""What is drawn over a floor: given its frame and the size of its letters, it yields SVG elements."""


def floor_map_svg(plan: WarehousePlan, faults: Sequence[FloorFaultView] = (), *, layers: Iterable[Layer] = ()) -> str:
    """Return the floor as one SVG element without any inline style; its parts have classes (`floor-*`).

    The places of each fault carry its number, counted from 1; a marked part's name is its title.
    """
    frame = MapFrame(plan)
    left, front, right, back = plan.floor.bounds
    size = max(3, round(max(right - left, (back - front) * 1.2) / UNIT_MM / 58))
    spots = {(each.x_mm, each.y_mm) for each in plan.bins}
    parts = [
        f'<svg class="floor-map" role="img" viewBox="{frame.view_box}" aria-labelledby="floor-title" data-floor>',
        f'<title id="floor-title">{escape(_title(plan, faults))}</title>',
        f'<path class="floor-ground" d="{frame.outlines([plan.floor])}"/>',
        *_ways(plan, frame, size),
        *(_area(zone, frame) for zone in plan.zones if zone.kind == "storage"),
        f'<path class="floor-racks" d="{frame.outlines(rack.polygon for rack in plan.racks)}"/>',
        f'<path class="floor-bins" d="{frame.shelves()}"/>' if len(spots) <= MOST_SPOTS else "",
        f'<path class="floor-closed" d="{frame.shelves(plan.closed_bins)}"/>' if plan.closed_bins else "",
        *_zones(plan, frame, size),
        *_obstacles(plan, frame, size),
        *_names(plan, frame, size),
        *_gates(plan, frame, size),
        *(mark for number in range(len(faults), 0, -1) for mark in _marks(faults[number - 1], number, frame, size)),
        *(part for layer in layers for part in layer(frame, size)),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def heat_layer(heat: Mapping[Point, int]) -> Layer:
    """Return a layer that shows how often something happened at each place, by the area of a disk."""
    most = max(heat.values(), default=1)

    def draw(frame: MapFrame, size: int) -> Iterator[str]:
        for (x, y), count in sorted(heat.items()):
            radius = max(1, round(2 * size * sqrt(count / most)))
            yield f'<circle class="floor-heat" cx="{frame.x(x)}" cy="{frame.y(y)}" r="{radius}"/>'

    return draw


def walk_layer(mark: str, told: str, at: Point | None, rest: Sequence[Point], stops: Iterable[Point]) -> Layer:
    """Return a layer with somebody's mark at a place, the rest of their walk, and their next stops."""

    def draw(frame: MapFrame, size: int) -> Iterator[str]:
        yield f'<g class="floor-walk"><title>{escape(told)}</title>'
        if len(rest) > 1:
            yield f'<polyline class="floor-rest" points="{frame.points(rest)}"/>'
        for x, y in stops:
            yield f'<circle class="floor-stop" cx="{frame.x(x)}" cy="{frame.y(y)}" r="{size // 3}"/>'
        if at is not None:
            x, y = frame.x(at[0]), frame.y(at[1])
            yield f'<circle class="floor-person" cx="{x}" cy="{y}" r="{size * 4 // 5}"/>'
            yield _text("floor-number", x, y, mark, size)
        yield "</g>"

    return draw


def _title(plan: WarehousePlan, faults: Sequence[FloorFaultView]) -> str:
    ways = len(plan.aisles) + len(plan.walkways)
    told = f"{plan.name}: {len(plan.bins):,} locations, {ways} aisles"
    return f"{told}, {len(faults)} faults" if faults else told


def _lines(plan: WarehousePlan) -> Iterator[tuple[tuple[Point, ...], int, bool]]:
    """Yield each way's center line in the direction in which it is walked, its width, and whether only so."""
    for c in plan.cross_aisles:
        yield ((c.x_from_mm, c.y_mm), (c.x_to_mm, c.y_mm)), c.width_mm, False
    for a in plan.aisles:
        ends = ((a.x_mm, a.y_from_mm), (a.x_mm, a.y_to_mm))
        yield (ends if a.one_way >= 0 else ends[::-1]), a.width_mm, a.one_way != 0
    for way in plan.walkways:
        yield way.points, way.width_mm, way.one_way


def _ways(plan: WarehousePlan, frame: MapFrame, size: int) -> Iterator[str]:
    yield '<g class="floor-ways">'
    for points, width, _ in _lines(plan):
        wide = max(10, round(width / UNIT_MM))
        yield f'<polyline class="floor-way" stroke-width="{wide}" points="{frame.points(points)}"/>'
    yield "</g>"
    for points, _, is_one_way in _lines(plan):
        if is_one_way:
            yield from _arrows(points, frame, size)


def _arrows(points: Sequence[Point], frame: MapFrame, size: int) -> Iterator[str]:
    for (x, y), (to_x, to_y) in pairwise(points):
        length = hypot(to_x - x, to_y - y)
        turn = round(degrees(atan2(y - to_y, to_x - x)))
        many = max(1, round(length / _ARROW_EVERY_MM))
        half = size // 3
        for number in range(many):
            share = (number + 0.5) / many
            at = f"{frame.x(x + (to_x - x) * share)} {frame.y(y + (to_y - y) * share)}"
            shape = f"M{-half},{-half}L{half},0L{-half},{half}z"
            yield f'<path class="floor-arrow" transform="translate({at}) rotate({turn})" d="{shape}"/>'


def _zones(plan: WarehousePlan, frame: MapFrame, size: int) -> Iterator[str]:
    for zone in plan.zones:
        if zone.kind == "storage":
            continue
        yield _area(zone, frame)
        left, front, right, back = zone.polygon.bounds
        share, is_turned = fit_zone_name(zone, _LETTER_WIDTH * len(zone.code) * size * UNIT_MM)
        x, y = frame.x((left + right) / 2), frame.y((front + back) / 2)
        turn = f' transform="rotate(-90 {x} {y})"' if is_turned else ""
        yield _text("floor-name", x, y, zone.code, round(size * share), more=turn)


def _area(zone: Zone, frame: MapFrame) -> str:
    return f'<path class="floor-zone {zone.kind}" d="{frame.outlines([zone.polygon])}"/>'


def _obstacles(plan: WarehousePlan, frame: MapFrame, size: int) -> Iterator[str]:
    for each in plan.obstacles:
        left, front, right, back = each.polygon.bounds
        told = escape(f"{each.code}: {each.note}" if each.note else each.code)
        yield f'<path class="floor-obstacle" d="{frame.outlines([each.polygon])}"><title>{told}</title></path>'
        room = round((right - left) / UNIT_MM / (_LETTER_WIDTH * len(each.code)))
        middle = frame.x((left + right) / 2), frame.y((front + back) / 2)
        yield _text("floor-warn", *middle, each.code, min(room, size * 3 // 4))


def _names(plan: WarehousePlan, frame: MapFrame, size: int) -> Iterator[str]:
    """Name the aisles at their front ends, as large as there is room between two, if anybody could read it."""
    columns = sorted(aisle.x_mm for aisle in plan.aisles)
    room = min((right - left for left, right in pairwise(columns)), default=10_000) / UNIT_MM
    for a in plan.aisles:
        fits = min(size, round(room / (_LETTER_WIDTH * (len(a.code) + 1))))
        if fits >= size // 3:
            yield _text("floor-name", frame.x(a.x_mm), frame.y(a.y_from_mm) + fits // 3, a.code, fits)
    for way in plan.walkways:
        middle = LineString(way.points).interpolate(0.5, normalized=True)
        yield _text("floor-name", frame.x(middle.x), frame.y(middle.y) - size // 2, way.code, size * 3 // 4)


def _gates(plan: WarehousePlan, frame: MapFrame, size: int) -> Iterator[str]:
    gates = [("Depot", plan.depot), *((f"Drop {n}", at) for n, at in enumerate(plan.drops, start=1))]
    for name, (x, y) in gates:
        kind = "floor-depot" if name == "Depot" else "floor-drop"
        yield f'<circle class="{kind}" cx="{frame.x(x)}" cy="{frame.y(y)}" r="{size // 2}"/>'
        yield _text("floor-gate", frame.x(x), frame.y(y) + size * 3 // 2, name, size)


def _marks(fault: FloorFaultView, number: int, frame: MapFrame, size: int) -> Iterable[str]:
    for place in fault.places[:MOST_MARKS]:
        x, y = frame.x(place.x_mm), frame.y(place.y_mm)
        yield (
            f'<g class="floor-fault"><title>{number}: {escape(place.name)}</title>'
            f'<circle cx="{x}" cy="{y}" r="{size * 4 // 5}"/>{_text("floor-number", x, y, str(number), size)}</g>'
        )


def _text(kind: str, x: float, y: float, words: str, size: int, *, more: str = "") -> str:
    down = round(y + size * 0.35)
    return f'<text class="{kind}" x="{round(x)}" y="{down}" font-size="{max(1, size)}"{more}>{escape(words)}</text>'
