from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert, select

from inventory.domain.values import Demand
from inventory.selling.models import PlannedDemand
from kernel.db.transactions import UnitOfWork


def plan_demand(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, ship_on: date, demands: Sequence[Demand]
) -> None:
    """Note what an order will want on a later day. Nothing is promised: the notes only tell what is to come."""
    about = {"tenant_id": tenant_id, "order_id": order_id, "site_id": site_id, "ship_on": ship_on}
    rows = [about | {"line_id": d.line_id, "item_id": d.item_id, "quantity": d.quantity} for d in demands]
    if rows:
        uow.session.execute(insert(PlannedDemand), rows)


def drop_demand(
    uow: UnitOfWork, *, tenant_id: str, order_id: str, line_id: str | None = None, quantity: int | None = None
) -> None:
    """Forget what an order (or one line of it, or part of that line) would want. Lock the order first."""
    mine = [PlannedDemand.tenant_id == tenant_id, PlannedDemand.order_id == order_id]
    if line_id is None:
        uow.session.execute(delete(PlannedDemand).where(*mine))
        return
    row = uow.session.scalar(
        select(PlannedDemand).where(*mine, PlannedDemand.line_id == line_id),
        execution_options={"populate_existing": True},
    )
    if row is None:
        return
    if quantity is None or quantity >= row.quantity:
        uow.session.delete(row)
    else:
        row.quantity -= quantity
    uow.session.flush()
