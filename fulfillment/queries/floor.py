from sqlalchemy import select

from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.floor_document import plan_from_document
from fulfillment.domain.layout import WarehousePlan
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.models import FloorPlan
from kernel.db.transactions import UnitOfWork

_compiled: dict[str, tuple[int, FloorLayout]] = {}


def floor_plan(uow: UnitOfWork, site_id: str) -> WarehousePlan | None:
    """Return the drawn floor of a site, None while nobody has stored one."""
    document = uow.session.scalar(select(FloorPlan.document).where(FloorPlan.site_id == site_id))
    return plan_from_document(document) if document else None


def floor_layout(uow: UnitOfWork, site_id: str) -> FloorLayout | None:
    """Return the site's floor ready for routing; compiled once for each version and process."""
    version = uow.session.scalar(select(FloorPlan.version).where(FloorPlan.site_id == site_id))
    if version is None:
        return None
    known = _compiled.get(site_id)
    if known and known[0] == version:
        return known[1]
    plan = floor_plan(uow, site_id)
    assert plan, "its version was read a moment ago"
    _compiled[site_id] = (version, compile_floor(plan))
    return _compiled[site_id][1]
