from collections.abc import Iterator

from fulfillment.api import floor_plan, sample_warehouse_for, store_floor_plan
from inventory.api import LocationDraft, create_locations, find_locations
from kernel.db.transactions import UnitOfWork

_KINDS = {"receiving": "dock", "pack": "pack", "lane": "lane"}
_BESIDE_PACKING = (("HOSPITAL-1", "hospital", 2_000), ("RETURNS-1", "returns", 4_000))
"""Where damaged goods and returned ones wait: code, kind, and how far beside the pack station, in mm."""


def lay_out_floor(uow: UnitOfWork, *, site_id: str, bins: int) -> list[str]:
    """Give a site a floor with room for `bins` bins, unless it has one, and return its pick locations in code order.

    The floor plan and the locations are the same places: walks are exact from the first batch on.
    """
    if floor_plan(uow, site_id) is None:
        plan = sample_warehouse_for(bins)
        store_floor_plan(uow, site_id=site_id, plan=plan)
        shelves = [
            LocationDraft(
                code=b.code, zone=b.zone, aisle=b.aisle, bay=b.code.split("-")[2], level=str(b.level), x_mm=b.x_mm,
                y_mm=b.y_mm,
            )
            for b in plan.bins
        ]  # fmt: skip
        stations = [(zone.code, zone.kind, zone.polygon.representative_point()) for zone in plan.zones]
        places = [
            LocationDraft(code=code, kind=_KINDS[kind], x_mm=round(point.x), y_mm=round(point.y))
            for code, kind, point in stations
            if kind in _KINDS
        ]
        create_locations(uow, site_id=site_id, locations=[*shelves, *places, *_benches(*plan.depot)])
    return [location.code for location in find_locations(uow, site_id=site_id) if location.kind == "pick"]


def _benches(x_mm: int, y_mm: int) -> Iterator[LocationDraft]:
    for code, kind, aside_mm in _BESIDE_PACKING:
        yield LocationDraft(code=code, kind=kind, x_mm=x_mm + aside_mm, y_mm=y_mm)
