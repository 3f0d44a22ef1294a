from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from shipping.gateways.account_carriers import SealedAccount
from shipping.gateways.carriers import Purchased, PurchaseOutcome, UnknownOutcome
from shipping.models.accounts import CarrierAccountRow, CarrierLabelRow
from shipping.models.parcels import LabelRow
from shipping.site_terms import Route

QUIET: Final = timedelta(minutes=10)
"""How long a purchase of unknown outcome rests before a carrier's "never heard of it" is believed."""
_FIRST_TRACKING: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Errand:
    """What a label needs of a real carrier's account.

    Attributes:
        shipment_identifier: what voids the label, where the carrier gave it.
        is_in_doubt: a purchase was sent, and nobody knows whether it took hold.
        is_doubt_old: the carrier had time to know it by now.
    """

    account: SealedAccount
    service_code: str
    shipment_identifier: str
    is_in_doubt: bool
    is_doubt_old: bool


def errand_of(uow: UnitOfWork, label: LabelRow, route: Route | None) -> Errand | None:
    """Note that a label's carrier is about to be asked, and return how; None when it has no account.

    The account that was asked first stays the label's. A purchase counts as in doubt from here on, until its outcome
    is noted: whatever crashes in between, it is looked for before it is repeated. A label that was asked for in another
    way before stays there.
    """
    row = uow.session.get(CarrierLabelRow, (label.tenant_id, label.id))
    is_elsewhere = bool(label.tracking_number) or label.attempts > 1
    if row is None and (route is None or is_elsewhere):
        return None
    if row is None:
        assert route is not None, "checked above"
        row = CarrierLabelRow(
            tenant_id=label.tenant_id, label_id=label.id, account_id=route.account_id, service_code=route.service_code,
            asked_at=None, shipment_identifier="", media_type="", document=None, track_due_at=None,
        )  # fmt: skip
        uow.session.add(row)
    is_in_doubt = row.asked_at is not None
    is_old = row.asked_at is not None and row.asked_at + QUIET <= uow.now
    if label.state == "requested" and (is_old or not is_in_doubt):
        row.asked_at = uow.now
    account = uow.session.get_one(CarrierAccountRow, row.account_id)
    return Errand(sealed(account), row.service_code, row.shipment_identifier, is_in_doubt, is_old)


def note_outcome(uow: UnitOfWork, *, tenant_id: str, label_id: str, outcome: PurchaseOutcome) -> None:
    """Note what came of a purchase at a real carrier: with the label's document and identifier when it was sold."""
    row = uow.session.get_one(CarrierLabelRow, (tenant_id, label_id))
    if isinstance(outcome, UnknownOutcome):
        return
    row.asked_at = None
    if isinstance(outcome, Purchased) and not row.shipment_identifier:
        row.shipment_identifier = outcome.shipment_identifier or outcome.tracking_number
        row.track_due_at = uow.now + _FIRST_TRACKING
        if outcome.document is not None:
            row.media_type, row.document = outcome.document.media_type, outcome.document.content


def carrier_label_of(uow: UnitOfWork, tenant_id: str, label_id: str | None) -> CarrierLabelRow | None:
    """Return what a real carrier has to do with a label, None when no account does."""
    statement = select(CarrierLabelRow).where(
        CarrierLabelRow.tenant_id == tenant_id, CarrierLabelRow.label_id == (label_id or "")
    )
    return uow.session.scalar(statement.execution_options(populate_existing=True))


def sealed(row: CarrierAccountRow) -> SealedAccount:
    """Return an account as it is handed to a gateway, its settings still under the house's key."""
    return SealedAccount(row.id, row.connector, row.sealed, test_mode=row.test_mode, server_url=row.server_url)
