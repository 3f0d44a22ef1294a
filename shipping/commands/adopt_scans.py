from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from shipping.commands.record_scans import apply_scans
from shipping.models.parcels import ParcelRow
from shipping.models.tracking import RawScanRow, TrackingScanRow
from shipping.scan_intake import Intake, parcel_for, scan_from


def adopt_scans(uow: UnitOfWork, *, parcel: ParcelRow) -> int:
    """Give a locked parcel the quarantined scans with its number, as when the carrier scanned it before we knew that
    the label was bought. Returns how many. Emits as `record_scans`.
    """
    taken = select(TrackingScanRow.id).where(TrackingScanRow.id == RawScanRow.id).exists()
    statement = select(RawScanRow).where(
        RawScanRow.tenant_id == "",
        RawScanRow.carrier == parcel.carrier,
        RawScanRow.tracking_number == parcel.tracking_number,
        ~taken,
    )
    waiting = [(row, scan_from(row.scan)) for row in uow.session.scalars(statement.order_by(RawScanRow.id))]
    mine = [Intake(row.id, row.fingerprint, scan, parcel) for row, scan in waiting if parcel_for(scan, [parcel])]
    apply_scans(uow, mine)
    return len(mine)
