"""Parcels whose label was bought, and nobody scanned on them."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from shipping.models.parcels import LabelRow, ParcelRow
from shipping.models.sorting import ParcelStageRow
from shipping.repository import items_of, parcel_view
from shipping.views import ParcelView

_A_SHIFT: Final = timedelta(hours=12)
"""What was packed before is with the dock, or with the floor office, and no more with its packer."""
_MOST: Final = 50


def parcels_to_label(uow: UnitOfWork, *, site_id: str, packer: str) -> list[ParcelView]:
    """Return the parcels that a packer closed within the last 12 hours, that weigh right and wait for their label to be
    scanned on them, the oldest first. What stands on a lane has left the bench.
    """
    staged = select(ParcelStageRow.parcel_id).where(
        ParcelStageRow.tenant_id == ParcelRow.tenant_id, ParcelStageRow.parcel_id == ParcelRow.id
    )
    statement = (
        select(ParcelRow)
        .join(LabelRow, (LabelRow.tenant_id == ParcelRow.tenant_id) & (LabelRow.id == ParcelRow.label_id))
        .where(
            ParcelRow.site_id == site_id, ParcelRow.packed_by == packer, ParcelRow.state == "labelled",
            ParcelRow.packed_at > uow.now - _A_SHIFT, ParcelRow.kind == "outbound", ParcelRow.clearance == "passed",
            ParcelRow.check_hold_id.is_(None), LabelRow.verified_at.is_(None), ~staged.exists(),
        )
    )  # fmt: skip
    rows = list(uow.session.scalars(statement.order_by(ParcelRow.packed_at, ParcelRow.id).limit(_MOST)))
    items = items_of(uow, rows)
    return [parcel_view(row, items[row.id]) for row in rows]
