from datetime import timedelta

from kernel.db.transactions import UnitOfWork
from shipping.commands.adopt_scans import adopt_scans
from shipping.events.labels import LabelPurchased, LabelRefused
from shipping.gateways.carriers import Purchased, Refused, Unavailable, UnknownOutcome
from shipping.models.parcels import LabelRow, ParcelRow
from shipping.repository import about, items_of, label_view, lock_label, lock_parcel
from shipping.states import PARCEL
from shipping.views import LabelRequest

_FIRST_RETRY_SECONDS = 5
_LONGEST_RETRY_SECONDS = 900


def record_label(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, purchased: Purchased, label_id: str = ""
) -> LabelRequest:
    """Record that the carrier sold the parcel's label. Safe to repeat: the number that was recorded first stays.

    A label that was given up while the carrier was asked is noted as owed a void, so that it is never paid for.
    Without `label_id` the parcel's present label is meant.

    Raises:
        NotFound: this caller has no such parcel or label.

    Emits:
        shipping.label_purchased.v1
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    label = lock_label(uow, tenant_id, label_id or parcel.label_id or "")
    settle_label(uow, parcel, label, purchased)
    return label_view(label)


def settle_label(uow: UnitOfWork, parcel: ParcelRow, label: LabelRow, purchased: Purchased) -> None:
    """Do as `record_label` for a parcel and a label whose rows are locked."""
    if label.tracking_number:
        return
    label.tracking_number, label.charged_minor = purchased.tracking_number, purchased.cost.minor
    label.purchased_at, label.error = uow.now, ""
    if label.state == "requested" and parcel.label_id == label.id:
        label.state = "purchased"
        _put_on_parcel(uow, parcel, label)


def record_label_failure(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, label_id: str, outcome: Refused | Unavailable | UnknownOutcome
) -> LabelRequest:
    """Record that a label was not bought: refused for good, or not known yet and to be asked for again.

    The next attempt uses the same reference, so that an unknown outcome can never become a second paid label.

    Raises:
        NotFound: this caller has no such parcel or label.

    Emits:
        shipping.label_refused.v1 when the carrier declined.
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    label = lock_label(uow, tenant_id, label_id)
    if label.tracking_number or label.state == "refused":
        return label_view(label)
    label.error = outcome.detail[:500]
    if not isinstance(outcome, Refused):
        label.next_attempt_at = uow.now + _pause(label.attempts, outcome)
        return label_view(label)
    label.carrier_void = ""
    if label.state == "requested":
        label.state = "refused"
        parcel.label_id = None
        items = items_of(uow, [parcel])[parcel.id]
        uow.emit(LabelRefused(**about(parcel, items), why=f"{label.carrier} declined it ({outcome.code})"))
    return label_view(label)


def _put_on_parcel(uow: UnitOfWork, parcel: ParcelRow, label: LabelRow) -> None:
    parcel.state = PARCEL.after(parcel.state, "label")
    parcel.carrier, parcel.service, parcel.tracking_number = label.carrier, label.service, label.tracking_number
    parcel.ship_date, parcel.arrives_on = label.ship_date, label.arrives_on
    parcel.tracking_status = "pre_transit"
    items = items_of(uow, [parcel])[parcel.id]
    bought = LabelPurchased(
        **about(parcel, items), label_id=label.id, carrier=label.carrier, service=label.service,
        tracking_number=label.tracking_number, kind=parcel.kind,
        arrives_on=label.arrives_on.isoformat() if label.arrives_on else "",
    )  # fmt: skip
    uow.emit(bought)
    adopt_scans(uow, parcel=parcel)


def _pause(attempts: int, outcome: Unavailable | UnknownOutcome) -> timedelta:
    asked = outcome.retry_after_s if isinstance(outcome, Unavailable) else None
    grown = min(_FIRST_RETRY_SECONDS * 2 ** min(attempts, 10), _LONGEST_RETRY_SECONDS)
    return timedelta(seconds=max(asked or 0, grown))
