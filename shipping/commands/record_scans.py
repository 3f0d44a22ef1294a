from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kernel.db.inbox import take_new
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.ids import new_id
from shipping.commands.check_weight import check_carrier_weight
from shipping.events.tracking import (
    ParcelDelivered,
    ParcelException,
    ParcelInTransit,
    ParcelOutForDelivery,
    ParcelReturning,
    TrackingUpdated,
)
from shipping.gateways.carriers import RawScan
from shipping.models.parcels import ParcelRow
from shipping.models.tracking import RawScanRow, TrackingScanRow
from shipping.repository import about, items_of
from shipping.scan_intake import Intake, derived, derived_columns, fingerprint, parcel_for, raw_document, scan_row
from shipping.sentences import sentence_for
from shipping.views import Content, ScanCounts

_CHANGES = {
    "picked_up": ParcelInTransit,
    "in_transit": ParcelInTransit,
    "out_for_delivery": ParcelOutForDelivery,
    "available_for_pickup": ParcelOutForDelivery,
    "delivered": ParcelDelivered,
    "attempt_failed": ParcelException,
    "exception": ParcelException,
    "cancelled": ParcelException,
    "expired": ParcelException,
    "returning": ParcelReturning,
    "returned": ParcelReturning,
}


def record_scans(
    uow: UnitOfWork, *, carrier: str, scans: Sequence[RawScan], push_id: str = "", source: str = "push"
) -> ScanCounts:
    """Take a carrier's scans in: each is kept raw, once, and the state of its parcel is derived anew from all of them.

    A repetition is known by the carrier's event id and by its content, and changes nothing. A scan with a number that
    no parcel has stays in quarantine, visible, until a parcel gets that number. A code that is not known leaves the
    status as it is and flags the parcel. A weight that comes with a scan is held against what the label declares.

    Raises:
        Invalid: a scan's time has no zone, or it is another carrier's.

    Emits:
        shipping.tracking_updated.v1 for each new scan, and when a parcel's own status changed one of
        shipping.parcel_in_transit.v1, parcel_out_for_delivery.v1, parcel_delivered.v1, parcel_exception.v1,
        parcel_returning.v1; shipping.parcel_weight_differs.v1 when the carrier weighed it otherwise than declared.
    """
    for scan in scans:
        if scan.occurred_at.tzinfo is None or scan.carrier != carrier:
            raise Invalid("Each scan is this carrier's, with a time and its offset.", pointer="/scans")
    parcels = _lock_parcels(uow, carrier, {scan.tracking_number for scan in scans})
    new = _keep_raw(uow, _unseen(uow, carrier, scans, parcels), push_id, source)
    known = [intake for intake in new if intake.parcel is not None]
    apply_scans(uow, known)
    return ScanCounts(len(known), len(scans) - len(new), len(new) - len(known))


def apply_scans(uow: UnitOfWork, intakes: Sequence[Intake]) -> None:
    """Add scans to their locked parcels, derive those parcels' states from all their scans, and tell it."""
    if not intakes:
        return
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    parcels: dict[str, ParcelRow] = {}
    for intake in intakes:
        parcel = intake.parcel
        assert parcel is not None, "only scans of known parcels are applied"
        parcels[parcel.id] = parcel
        rows[parcel.id].append(scan_row(parcel, intake, uow.now))
    uow.session.execute(insert(TrackingScanRow), [row for of_parcel in rows.values() for row in of_parcel])
    history = _history(uow, list(parcels.values()))
    items = items_of(uow, list(parcels.values()))
    for parcel_id, parcel in sorted(parcels.items()):
        _derive(uow, parcel, items[parcel_id], history[parcel_id], rows[parcel_id])
    for intake in intakes:
        if intake.parcel and intake.scan.weight_g:
            check_carrier_weight(uow, intake.parcel, reading_g=intake.scan.weight_g, scan_id=intake.id)


def _lock_parcels(uow: UnitOfWork, carrier: str, numbers: set[str]) -> list[ParcelRow]:
    statement = select(ParcelRow).where(ParcelRow.carrier == carrier, ParcelRow.tracking_number.in_(numbers - {""}))
    ordered = statement.order_by(ParcelRow.tenant_id, ParcelRow.id).with_for_update()
    return list(uow.session.scalars(ordered.execution_options(populate_existing=True)))


def _unseen(uow: UnitOfWork, carrier: str, scans: Sequence[RawScan], parcels: Sequence[ParcelRow]) -> list[Intake]:
    by_number: dict[str, list[ParcelRow]] = defaultdict(list)
    for parcel in parcels:
        by_number[parcel.tracking_number].append(parcel)
    marks = {scan.event_id or fingerprint(scan) for scan in scans}
    fresh = take_new(uow, f"scans:{carrier}", sorted(marks))
    unique: dict[str, Intake] = {}
    for scan in scans:
        mark = fingerprint(scan)
        if (scan.event_id or mark) in fresh and mark not in unique:
            unique[mark] = Intake(new_id("scn"), mark, scan, parcel_for(scan, by_number[scan.tracking_number]))
    return list(unique.values())


def _keep_raw(uow: UnitOfWork, intakes: list[Intake], push_id: str, source: str) -> list[Intake]:
    """Store the raw scans and return those whose content was not there yet."""
    if not intakes:
        return []
    rows = [
        {
            "tenant_id": i.parcel.tenant_id if i.parcel else "", "id": i.id, "carrier": i.scan.carrier,
            "tracking_number": i.scan.tracking_number, "fingerprint": i.fingerprint, "source": source,
            "push_id": push_id, "scan": raw_document(i.scan), "received_at": uow.now,
        }
        for i in intakes
    ]  # fmt: skip
    statement = insert(RawScanRow).on_conflict_do_nothing().returning(RawScanRow.id)
    kept = set(uow.session.scalars(statement, rows))
    return [intake for intake in intakes if intake.id in kept]


def _history(uow: UnitOfWork, parcels: Sequence[ParcelRow]) -> dict[str, list[TrackingScanRow]]:
    found: dict[str, list[TrackingScanRow]] = {parcel.id: [] for parcel in parcels}
    statement = select(TrackingScanRow).where(
        TrackingScanRow.tenant_id.in_({parcel.tenant_id for parcel in parcels}), TrackingScanRow.parcel_id.in_(found)
    )
    for row in uow.session.scalars(statement):
        found[row.parcel_id].append(row)
    return found


def _derive(
    uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], history: Sequence[TrackingScanRow],
    new: Sequence[dict[str, Any]],
) -> None:  # fmt: skip
    before = parcel.tracking_status
    columns = derived_columns(derived(history))
    for name, value in columns.items():
        setattr(parcel, name, value)
    told = about(parcel, items)
    for row in sorted(new, key=lambda r: (r["occurred_at"], r["id"])):
        sentence = sentence_for(row["status"], row["reason"], row["place"])
        updated = TrackingUpdated(
            **told, occurred_at=row["occurred_at"], carrier=parcel.carrier, status=row["status"],
            parcel_status=parcel.tracking_status, place=row["place"], sentence=sentence,
        )  # fmt: skip
        uow.emit(updated)
    change = _CHANGES.get(parcel.tracking_status)
    if change is not None and parcel.tracking_status != before:
        sentence = sentence_for(parcel.tracking_status, parcel.tracking_reason, parcel.tracking_place)
        changed = change(
            **told, occurred_at=parcel.tracked_at, carrier=parcel.carrier, status=parcel.tracking_status,
            reason=parcel.tracking_reason, place=parcel.tracking_place, sentence=sentence, kind=parcel.kind,
        )  # fmt: skip
        uow.emit(changed)
