from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.floor_document import plan_to_document
from fulfillment.domain.layout import WarehousePlan
from fulfillment.models import FloorPlan
from kernel.db.transactions import UnitOfWork


def store_floor_plan(uow: UnitOfWork, *, site_id: str, plan: WarehousePlan) -> int:
    """Make a drawn floor the one on which a site's walks are computed, and return its version.

    Raises:
        LayoutError: names every part of the plan that cannot be walked; the former plan stays.
    """
    compile_floor(plan)
    values = {"site_id": site_id, "version": 1, "document": plan_to_document(plan), "updated_at": uow.now}
    statement = insert(FloorPlan).values(values)
    newer = {"version": FloorPlan.version + 1, "document": statement.excluded.document, "updated_at": uow.now}
    upsert = statement.on_conflict_do_update(index_elements=[FloorPlan.site_id], set_=newer)
    version = uow.session.execute(upsert.returning(FloorPlan.version)).scalar_one()
    uow.audit("floor_plan.stored", subject=site_id, version=version)
    return version
