from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from shapely import Polygon
from shapely.geometry import mapping, shape

from fulfillment.domain.layout import Aisle, Bin, CrossAisle, Obstacle, Point, Rack, Walkway, WarehousePlan, Zone


def plan_to_document(plan: WarehousePlan) -> dict[str, Any]:
    """Return a floor plan as a JSON document; its outlines are GeoJSON polygons in mm."""
    return {
        "name": plan.name,
        "floor": mapping(plan.floor),
        "aisles": [asdict(aisle) for aisle in plan.aisles],
        "cross_aisles": [asdict(aisle) for aisle in plan.cross_aisles],
        "racks": [{"code": rack.code, "polygon": mapping(rack.polygon)} for rack in plan.racks],
        "zones": [{"code": z.code, "kind": z.kind, "polygon": mapping(z.polygon)} for z in plan.zones],
        "bins": [asdict(each) for each in plan.bins],
        "depot": list(plan.depot),
        "drops": [list(drop) for drop in plan.drops],
        "walkways": [asdict(walkway) for walkway in plan.walkways],
        "obstacles": [
            {"code": each.code, "polygon": mapping(each.polygon), "note": each.note} for each in plan.obstacles
        ],
        "closed_bins": sorted(plan.closed_bins),
    }


def plan_from_document(document: Mapping[str, Any]) -> WarehousePlan:
    """Return the floor plan that `plan_to_document` wrote; parts that earlier versions did not know may be missing."""
    return WarehousePlan(
        name=document["name"],
        floor=_polygon(document["floor"]),
        aisles=tuple(Aisle(**aisle) for aisle in document["aisles"]),
        cross_aisles=tuple(CrossAisle(**aisle) for aisle in document["cross_aisles"]),
        racks=tuple(Rack(rack["code"], _polygon(rack["polygon"])) for rack in document["racks"]),
        zones=tuple(Zone(z["code"], z["kind"], _polygon(z["polygon"])) for z in document["zones"]),
        bins=tuple(Bin(**each) for each in document["bins"]),
        depot=_point(document["depot"]),
        drops=tuple(_point(drop) for drop in document.get("drops", ())),
        walkways=tuple(_walkway(way) for way in document.get("walkways", ())),
        obstacles=tuple(
            Obstacle(each["code"], _polygon(each["polygon"]), each.get("note", ""))
            for each in document.get("obstacles", ())
        ),
        closed_bins=frozenset(document.get("closed_bins", ())),
    )


def _walkway(way: Mapping[str, Any]) -> Walkway:
    return Walkway(way["code"], tuple(map(_point, way["points"])), way["width_mm"], one_way=way["one_way"])


def _point(place: Sequence[int]) -> Point:
    x, y = place
    return int(x), int(y)


def _polygon(geometry: Mapping[str, Any]) -> Polygon:
    found = shape(dict(geometry))
    assert isinstance(found, Polygon), "a floor plan's outlines are polygons"
    return found
