from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from shapely import Polygon

from fulfillment.domain.layout import Point, WarehousePlan, Zone
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.routes import Route

MARKER_RADIUS_MM = 620
SHELF_MM = (400, 800)
"""How large one shelf position is drawn, across and along the aisle."""

_NAME_SHARE = 0.94
_NAME_SIZE = 80
_LETTER_WIDTH = 0.65

UNIT_MM = 10
"""Maps are drawn in centimeters: whole numbers at a precision that no screen or sheet shows."""


@dataclass(frozen=True, slots=True)
class MapStop:
    """One numbered mark on the map: the places picked from one spot are drawn once, as "4" or "4-6"."""

    label: str
    at: Point


def map_stops(layout: FloorLayout, route: Route) -> tuple[MapStop, ...]:
    """Return the marks of a route in visiting order; stops above each other share one mark."""
    shelf = {place.code: (place.x_mm, place.y_mm) for place in layout.plan.bins}
    numbers: dict[Point, list[int]] = {}
    for number, code in enumerate(route.stops, start=1):
        numbers.setdefault(shelf.get(code) or layout.access_point(code), []).append(number)
    return tuple(MapStop(_label(found), at) for at, found in numbers.items())


def fit_zone_name(zone: Zone, natural_mm: float) -> tuple[float, bool]:
    """Return the share of its natural size at which a name stays inside its zone, and whether it is turned upright:
    names of lanes beside each other must not run into one.
    """
    left, front, right, back = zone.polygon.bounds
    wide, deep = right - left, back - front
    is_turned = natural_mm > _NAME_SHARE * wide and deep > wide
    return min(1.0, _NAME_SHARE * (deep if is_turned else wide) / natural_mm), is_turned


def pick_map_svg(layout: FloorLayout, route: Route) -> str:
    """Return the floor with the walk and its numbered stops as one SVG element, without any inline style.

    Colors come from the page's custom properties (`--line`, `--muted`, `--brand`, `--on-brand`, `--card`) and fall back
    to the current text color; every part has a class of its own (`pick-map-*`).
    """
    frame = MapFrame(layout.plan)
    title = f"Pick route: {len(route.stops)} stops, {route.length_mm / 1000:.0f} m"
    parts = [
        f'<svg class="pick-map" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{frame.view_box}">',
        f"<title>{escape(title)}</title>",
        _path(
            "pick-map-racks", frame.outlines(rack.polygon for rack in layout.plan.racks), "var(--line, currentColor)"
        ),
        _path("pick-map-bins", frame.shelves(), "var(--muted, currentColor)"),
        *_zones(layout, frame),
        *_walk(route, frame),
        *(part for stop in map_stops(layout, route) for part in _stop(stop, frame)),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


class MapFrame:
    """Turns floor coordinates in mm, y away from the docks, into map units with y down."""

    def __init__(self, plan: WarehousePlan) -> None:
        self._plan = plan
        left, front, right, back = (int(edge) for edge in plan.floor.bounds)
        self._left, self._back = left, back
        self.view_box = f"0 0 {(right - left) // UNIT_MM} {(back - front) // UNIT_MM}"

    def x(self, x_mm: float) -> int:
        """Return how far right a place is on the map."""
        return round((x_mm - self._left) / UNIT_MM)

    def y(self, y_mm: float) -> int:
        """Return how far down a place is on the map."""
        return round((self._back - y_mm) / UNIT_MM)

    def points(self, points: Iterable[Sequence[float]]) -> str:
        """Return corners as a polyline has them."""
        return " ".join(f"{self.x(at[0])},{self.y(at[1])}" for at in points)

    def outlines(self, polygons: Iterable[Polygon]) -> str:
        """Return outlines as a path has them."""
        return "".join(f"M{self.points(list(polygon.exterior.coords)[:-1])}z" for polygon in polygons)

    def shelves(self, codes: Collection[str] | None = None) -> str:
        """Return all shelf positions, or those of some locations, as a path has them."""
        wide, long = (side // UNIT_MM for side in SHELF_MM)
        spots = sorted(
            {
                (self.x(place.x_mm), self.y(place.y_mm))
                for place in self._plan.bins
                if codes is None or place.code in codes
            }
        )
        return "".join(f"M{x - wide // 2},{y - long // 2}h{wide}v{long}h-{wide}z" for x, y in spots)


def _label(numbers: Sequence[int]) -> str:
    is_run = len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1
    return f"{numbers[0]}-{numbers[-1]}" if is_run else ",".join(map(str, numbers))


def _path(name: str, drawing: str, color: str) -> str:
    opacity = ' fill-opacity="0.35"' if name == "pick-map-bins" else ""
    return f'<path class="{name}" fill="{color}"{opacity} d="{drawing}"/>' if drawing else ""


def _zones(layout: FloorLayout, frame: MapFrame) -> Iterable[str]:
    for zone in layout.plan.zones:
        if zone.kind == "storage":
            continue
        outline, middle = frame.outlines([zone.polygon]), zone.polygon.representative_point()
        yield (
            '<path class="pick-map-zone" fill="none" stroke="var(--muted, currentColor)" stroke-width="6"'
            f' d="{outline}"/>'
        )
        # There is no font to measure with in SVG: its letters are about so much of its size wide.
        share, is_turned = fit_zone_name(zone, _LETTER_WIDTH * len(zone.code) * _NAME_SIZE * UNIT_MM)
        x, y = frame.x(middle.x), frame.y(middle.y)
        turn = f' transform="rotate(-90 {x} {y})"' if is_turned else ""
        yield (
            f'<text class="pick-map-zone-name" x="{x}" y="{y}" font-size="{round(_NAME_SIZE * share)}"{turn}'
            f' text-anchor="middle" fill="var(--muted, currentColor)">{escape(zone.code)}</text>'
        )


def _walk(route: Route, frame: MapFrame) -> Iterable[str]:
    yield (
        '<polyline class="pick-map-route" fill="none" stroke="var(--brand, currentColor)" stroke-width="22"'
        f' stroke-linejoin="round" points="{frame.points(route.walk)}"/>'
    )
    x, y = route.walk[0]
    yield (
        f'<circle class="pick-map-depot" cx="{frame.x(x)}" cy="{frame.y(y)}" r="{MARKER_RADIUS_MM // UNIT_MM // 2}"'
        ' fill="var(--brand, currentColor)"/>'
    )


def _stop(stop: MapStop, frame: MapFrame) -> Iterable[str]:
    x, y = frame.x(stop.at[0]), frame.y(stop.at[1])
    radius = MARKER_RADIUS_MM // UNIT_MM
    half = max(radius, 22 * len(stop.label) + 14)
    yield (
        f'<rect class="pick-map-stop" x="{x - half}" y="{y - radius}" width="{2 * half}" height="{2 * radius}"'
        f' rx="{radius}" fill="var(--brand, currentColor)" stroke="var(--card, Canvas)" stroke-width="10"/>'
    )
    yield (
        f'<text class="pick-map-stop-number" x="{x}" y="{y + 28}" font-size="80" font-weight="600" text-anchor="middle"'
        f' fill="var(--on-brand, Canvas)">{stop.label}</text>'
    )
