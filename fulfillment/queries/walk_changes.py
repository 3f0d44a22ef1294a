from collections.abc import Collection

from sqlalchemy import select

from fulfillment.models import PickBatch, WorkOp
from kernel.db.transactions import UnitOfWork


def walk_changed(uow: UnitOfWork, *, site_id: str, picker: str, op_ids: Collection[str]) -> bool:
    """Say whether the rest of a picker's walk was put into another order since they last heard from us: before these
    operations they sent none since.
    """
    since = select(WorkOp.op_id).where(
        WorkOp.site_id == site_id, WorkOp.at > PickBatch.changed_at, WorkOp.actor == picker,
        WorkOp.op_id.not_in(op_ids),
    )  # fmt: skip
    changed = select(PickBatch.id).where(
        PickBatch.site_id == site_id, PickBatch.picker == picker, PickBatch.state.in_(("ASSIGNED", "IN_PROGRESS")),
        PickBatch.changed_at.is_not(None), ~since.exists(),
    )  # fmt: skip
    return uow.session.scalar(select(changed.exists())) is True
