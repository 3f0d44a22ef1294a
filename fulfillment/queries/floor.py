from datetime import datetime

from sqlalchemy import select

from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.floor_document import plan_from_document
from fulfillment.domain.layout import WarehousePlan
from fulfillment.domain.legs import ZonedFloor, zoned
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.models import FloorPlan, FloorPlanVersion
from kernel.db.transactions import UnitOfWork

_zoned: dict[str, ZonedFloor] = {}
_levels: dict[str, tuple[FloorLayout, dict[str, int]]] = {}
_compiled: dict[str, tuple[tuple[int, datetime], FloorLayout]] = {}
"""By site, with the version and since when it is in force: a version that was rolled back may come again as another."""


def floor_plan(uow: UnitOfWork, site_id: str) -> WarehousePlan | None:
    """Return the floor of a site that is in force, None while there is none."""
    here = (FloorPlan.site_id == FloorPlanVersion.site_id) & (FloorPlan.version == FloorPlanVersion.version)
    statement = select(FloorPlanVersion.document).join(FloorPlan, here).where(FloorPlan.site_id == site_id)
    document = uow.session.scalar(statement)
    return plan_from_document(document) if document else None


def floor_version(uow: UnitOfWork, site_id: str) -> int:
    """Return which version of a site's floor is in force, 0 for none."""
    return uow.session.scalar(select(FloorPlan.version).where(FloorPlan.site_id == site_id)) or 0


def floor_layout(uow: UnitOfWork, site_id: str) -> FloorLayout | None:
    """Return the site's floor ready for routing; compiled once for each version and process."""
    statement = select(FloorPlan.version, FloorPlan.updated_at).where(FloorPlan.site_id == site_id)
    row = uow.session.execute(statement).one_or_none()
    if row is None:
        return None
    version = (row.version, row.updated_at)
    known = _compiled.get(site_id)
    if known and known[0] == version:
        return known[1]
    plan = floor_plan(uow, site_id)
    assert plan, "its version was read a moment ago"
    _compiled[site_id] = (version, compile_floor(plan))
    return _compiled[site_id][1]


def closed_locations(uow: UnitOfWork, site_id: str) -> frozenset[str]:
    """Return the locations of a site that nobody gets to until something is out of the way."""
    layout = floor_layout(uow, site_id)
    return layout.plan.closed_bins if layout else frozenset()


def shelf_levels(uow: UnitOfWork, site_id: str) -> dict[str, int]:
    """Return the level of each location that is drawn on the site's floor, 1 at the ground."""
    layout = floor_layout(uow, site_id)
    if layout is None:
        return {}
    known = _levels.get(site_id)
    if known is None or known[0] is not layout:
        known = _levels[site_id] = (layout, {bin_.code: bin_.level for bin_ in layout.plan.bins})
    return known[1]


def zoned_floor(uow: UnitOfWork, site_id: str) -> ZonedFloor | None:
    """Return the site's floor with its zones and their hand-over points, None while it has no floor."""
    layout = floor_layout(uow, site_id)
    if layout is None:
        return None
    known = _zoned.get(site_id)
    if known is None or known.layout is not layout:
        known = _zoned[site_id] = zoned(layout)
    return known
