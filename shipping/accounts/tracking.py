from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from kernel import actors
from kernel.db.transactions import UnitOfWork, run
from shipping.account_labels import sealed
from shipping.commands.record_scans import record_scans
from shipping.gateway_choice import account_gateway
from shipping.gateways.account_carriers import AccountUnusableError, SealedAccount
from shipping.gateways.carriers import TrackingHistory, TrackingOutcome, Unavailable
from shipping.models.accounts import CarrierAccountRow, CarrierLabelRow
from shipping.models.parcels import LabelRow, ParcelRow

_LEASE: Final = timedelta(minutes=10)
_LONGEST_WATCH: Final = timedelta(days=90)
_PAUSES: Final = {
    "out_for_delivery": timedelta(minutes=15),
    "attempt_failed": timedelta(minutes=30),
    "available_for_pickup": timedelta(hours=2),
    "exception": timedelta(hours=1),
    "pre_transit": timedelta(hours=3),
}
_PAUSE: Final = timedelta(hours=2)
_OVER: Final = frozenset({"delivered", "returned", "cancelled"})


@dataclass(frozen=True, slots=True)
class _Look:
    tenant_id: str
    label_id: str
    carrier: str
    tracking_number: str
    account: SealedAccount


def fetch_due_tracking(*, limit: int = 20) -> int:
    """Ask real carriers for the scans of parcels that are due, the oftener the nearer a parcel is to its door.

    A parcel is watched from its label on until it is delivered, returned, given up, or 90 days old. Returns how many
    were asked for.
    """
    actor = actors.system("tracking")
    looks = run(actor, lambda uow: _claim(uow, limit))
    for look in looks:
        _keep(look, _ask(look))
    return len(looks)


def _claim(uow: UnitOfWork, limit: int) -> list[_Look]:
    statement = (
        select(CarrierLabelRow)
        .where(CarrierLabelRow.track_due_at <= uow.now)
        .order_by(CarrierLabelRow.track_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    looks = []
    for row in uow.session.scalars(statement).all():
        row.track_due_at = uow.now + _LEASE
        label = uow.session.get_one(LabelRow, (row.tenant_id, row.label_id))
        account = sealed(uow.session.get_one(CarrierAccountRow, row.account_id))
        looks.append(_Look(row.tenant_id, row.label_id, label.carrier, label.tracking_number, account))
    return looks


def _ask(look: _Look) -> TrackingOutcome:
    try:
        gateway = account_gateway(look.account)
    except AccountUnusableError as error:
        return Unavailable(str(error))
    return gateway.fetch_tracking(carrier=look.carrier, tracking_number=look.tracking_number)


def _keep(look: _Look, outcome: TrackingOutcome) -> None:
    run(actors.system("tracking"), lambda uow: _record(uow, look, outcome))


def _record(uow: UnitOfWork, look: _Look, outcome: TrackingOutcome) -> None:
    if isinstance(outcome, TrackingHistory):
        record_scans(uow, carrier=look.carrier, scans=outcome.scans, source="poll")
    row = uow.session.get_one(CarrierLabelRow, (look.tenant_id, look.label_id))
    label = uow.session.get_one(LabelRow, (look.tenant_id, look.label_id))
    parcel = uow.session.get_one(ParcelRow, (look.tenant_id, label.parcel_id))
    row.track_due_at = _next(uow.now, label, parcel)


def _next(now: datetime, label: LabelRow, parcel: ParcelRow) -> datetime | None:
    is_over = parcel.tracking_status in _OVER or label.state == "voided"
    if is_over or label.requested_at + _LONGEST_WATCH < now:
        return None
    return now + _PAUSES.get(parcel.tracking_status, _PAUSE)
