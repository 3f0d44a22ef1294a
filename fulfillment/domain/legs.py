"""Pick and pass: a walk in legs, one for each zone, from hand-over point to hand-over point."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import permutations
from math import hypot

from fulfillment.domain.layout import Depot, GridLayout, Point
from fulfillment.domain.routing.floor_routes import FloorLayout, find_floor_route
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.network import Place, spot_of
from fulfillment.domain.routing.rest_routes import RestRoute, find_rest_route

MOST_ORDERED = 5
"""Up to so many zones every order is tried; more are walked by name."""


@dataclass(frozen=True, slots=True)
class LegsRoute:
    """A walk over zones in a given order: its stops, corners in mm, and length in mm without the ways of the totes."""

    zones: tuple[str, ...]
    stops: tuple[str, ...]
    walk: tuple[Point, ...]
    length_mm: int


@dataclass(frozen=True, slots=True)
class ZonedFloor:
    """A floor with the zone of each location, and by zone where totes are handed over: the drop point nearest to it."""

    layout: FloorLayout
    zone_of: Mapping[str, str]
    points: Mapping[str, Depot | Place] = field(default_factory=dict)

    def leg(self, before: str | None, zone: str, *, is_last: bool) -> FloorLayout:
        """Return the floor as a leg is walked: from where the totes of the zone `before` stand, or the depot, to the
        zone's own hand-over point, the last one to the best end of the floor.
        """
        layout = self.layout
        start = None if before is None else self.points.get(before)
        end = None if is_last else self.points.get(zone)
        if isinstance(layout, GridLayout):
            depot = start if isinstance(start, Depot) else layout.depot
            return replace(layout, depot=depot, drops=(end,) if isinstance(end, Depot) else layout.ends)
        return replace(
            layout, start=start if isinstance(start, Place) else layout.start,
            ends=(end,) if isinstance(end, Place) else layout.ends,
        )  # fmt: skip

    def by_zone(self, bins: Iterable[str]) -> dict[str, list[str]]:
        """Return locations by their zone, those of unknown ones under ""."""
        found: dict[str, list[str]] = defaultdict(list)
        for code in sorted(set(bins)):
            found[self.zone_of.get(code, "")].append(code)
        return found


def zoned(layout: FloorLayout) -> ZonedFloor:
    """Return a floor with its zones and their hand-over points."""
    zone_of = {bin_.code: bin_.zone for bin_ in layout.plan.bins}
    spots: dict[str, list[Point]] = defaultdict(list)
    for code in layout.codes:
        spots[zone_of[code]].append(layout.access_point(code))
    return ZonedFloor(layout, zone_of, {zone: _nearest(layout, near) for zone, near in spots.items()})


def _nearest(layout: FloorLayout, spots: Sequence[Point]) -> Depot | Place:
    x, y = (sum(spot[axis] for spot in spots) / len(spots) for axis in (0, 1))

    def away(end: Depot | Place) -> float:
        at = end.at if isinstance(end, Depot) else _spot(layout, end)
        return hypot(at[0] - x, at[1] - y)

    return min(layout.ends, key=away)


def _spot(layout: FloorLayout, place: Place) -> tuple[float, float]:
    assert isinstance(layout, GraphLayout), "only a graph has such places"
    return spot_of(layout.network, place)


def find_legs(floor: ZonedFloor, bins: Collection[str]) -> LegsRoute:
    """Return the walk over locations in legs, its zones in the order that makes it shortest."""
    parts = floor.by_zone(bins)

    @cache
    def length(before: str | None, zone: str, is_last: bool) -> int:  # noqa: FBT001 - a key of the cache
        return find_floor_route(floor.leg(before, zone, is_last=is_last), parts[zone]).length_mm

    def whole(order: Sequence[str]) -> int:
        befores = (None, *order[:-1])
        return sum(length(b, zone, n == len(order)) for n, (b, zone) in enumerate(zip(befores, order, strict=True), 1))

    named = sorted(parts)
    order = min(permutations(named), key=whole) if len(named) <= MOST_ORDERED else tuple(named)
    return walk_legs(floor, order, bins)


def walk_legs(floor: ZonedFloor, zones: Sequence[str], bins: Collection[str]) -> LegsRoute:
    """Return the walk over locations in legs, its zones in the given order."""
    parts, before = floor.by_zone(bins), None
    stops: list[str] = []
    walk: list[Point] = []
    length = 0
    for number, zone in enumerate(zones, start=1):
        route = find_floor_route(floor.leg(before, zone, is_last=number == len(zones)), parts[zone])
        stops += route.stops
        walk += route.walk
        length += route.length_mm
        before = zone
    return LegsRoute(tuple(zones), tuple(stops), tuple(walk), length)


def next_zone(zones: Sequence[str], leg: int, waiting: Collection[str]) -> tuple[tuple[str, ...], int] | None:
    """Return the zones of a walk and the number of its next leg after `leg`, None when nothing waits in any zone.

    The zones come in their order; one with something left behind, or that came in later, gets another leg at the end.
    """
    for number in range(leg + 1, len(zones)):
        if zones[number] in waiting:
            return tuple(zones), number
    rest = sorted(waiting)
    return ((*zones, rest[0]), len(zones)) if rest else None


def find_rest_of_legs(
    floor: ZonedFloor, zones: Sequence[str], leg: int, *, here: str, bins: Iterable[str], later: Sequence[str] = ()
) -> RestRoute:
    """Return the rest of a walk in legs: from `here` ("" where the totes stand) over what is left of the leg under way,
    then over each zone after it. What was put off comes last in its own zone.
    """
    first, last = floor.by_zone(bins), _in_order(floor, later)
    ahead = [zone for zone in zones[leg + 1 :] if zone in first or zone in last]
    ahead += sorted({*first, *last} - {zones[leg], *ahead})
    before = zones[leg - 1] if leg else None
    found = []
    for number, zone in enumerate((zones[leg], *ahead)):
        layout = floor.leg(before, zone, is_last=number == len(ahead))
        found.append(find_rest_route(layout, "" if number else here, first.get(zone, ()), last.get(zone, ())))
        before = zone
    return RestRoute(
        tuple(code for each in found for code in each.stops), tuple(code for each in found for code in each.later),
        tuple(code for each in found for code in each.closed), tuple(spot for each in found for spot in each.walk),
        sum(each.length_mm for each in found),
    )  # fmt: skip


def _in_order(floor: ZonedFloor, codes: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        found[floor.zone_of.get(code, "")].append(code)
    return found
