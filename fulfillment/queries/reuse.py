from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from fulfillment.models import BatchOrder, PickTask
from fulfillment.queries.work import WorkTask, task_views
from fulfillment.repository import OPEN_TASK_STATES
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Reuse:
    """Units of a cancelled order that another one on the same walk needs: so many may go from tote to tote."""

    put_back: WorkTask
    pick: WorkTask
    quantity: int


def reusable_units(uow: UnitOfWork, *, batch_id: str, site_id: str) -> list[Reuse]:
    """Return what lies in totes of cancelled orders and is still to be picked for others on the same walk, each unit
    and each pick named once.
    """
    back, pick = aliased(PickTask), aliased(PickTask)
    same = (
        (back.tenant_id == pick.tenant_id) & (back.item_id == pick.item_id) & (back.lot == pick.lot)
        & (back.order_id != pick.order_id)
    )  # fmt: skip
    statement = (
        select(back.id, pick.id)
        .join(pick, same)
        .join(BatchOrder, (BatchOrder.tenant_id == back.tenant_id) & (BatchOrder.order_id == back.order_id))
        .where(BatchOrder.batch_id == batch_id, pick.batch_id == batch_id, pick.kind == "pick", pick.step == "")
        .where(back.kind == "put_back", back.state == "READY", pick.state.in_(OPEN_TASK_STATES))
        .where(back.site_id == site_id)
        .order_by(pick.seq, pick.id, back.id)
        .distinct()
    )
    pairs, taken = [], set[str]()
    for back_id, pick_id in uow.session.execute(statement.add_columns(pick.seq)).columns(0, 1):
        if not taken & {back_id, pick_id}:
            pairs.append((back_id, pick_id))
            taken |= {back_id, pick_id}
    views = {v.task_id: v for v in task_views(uow, taken, site_id=site_id)} if pairs else {}
    return [
        Reuse(views[b], views[p], min(views[b].quantity - views[b].done, views[p].quantity - views[p].done))
        for b, p in pairs
        if views[p].tote
    ]
