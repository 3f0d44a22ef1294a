from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.money import Money
from shipping.account_labels import carrier_label_of, note_outcome
from shipping.commands.record_label import settle_label
from shipping.gateways.carriers import Purchased
from shipping.models.parcels import LabelRow
from shipping.repository import label_view, lock_label, lock_parcel
from shipping.views import LabelRequest

_LONGEST = 60


class NotInDoubt(Refusal):
    """Whether this label was bought is known."""

    code = "not_in_doubt"
    title = "Whether this label was bought is known"


def settle_doubt(uow: UnitOfWork, *, tenant_id: str, label_id: str, tracking_number: str) -> LabelRequest:
    """Say what a person found in the carrier's own tool about a purchase whose answer was lost: the label's number, or
    with none that it was not bought; then it is bought anew, unless it was given up meanwhile.

    Raises:
        NotFound: this caller has no such label.
        NotInDoubt: the outcome is known.
        Invalid: this is no tracking number.

    Emits:
        shipping.label_purchased.v1 when it was bought.
    """
    known = uow.session.get(LabelRow, (tenant_id, label_id))
    if known is None:
        raise NotFound("There is no such label.")
    parcel = lock_parcel(uow, tenant_id, known.parcel_id)
    label = lock_label(uow, tenant_id, label_id)
    row = carrier_label_of(uow, tenant_id, label_id)
    if row is None or row.asked_at is None or label.tracking_number:
        raise NotInDoubt("The carrier told by now.", remedy="Look at the parcel.")
    number = tracking_number.strip().upper()
    if number and not (number.isascii() and number.isalnum() and len(number) <= _LONGEST):
        raise Invalid("This is no tracking number.", remedy="Write letters and digits.", pointer="/tracking_number")
    uow.audit("label.doubt_settled", subject=label_id, tenant_id=tenant_id, tracking_number=number)
    if number:
        bought = Purchased(number, Money(label.price_minor, label.currency), number)
        note_outcome(uow, tenant_id=tenant_id, label_id=label_id, outcome=bought)
        settle_label(uow, parcel, label, bought)
    else:
        row.asked_at, label.error = None, ""
    label.next_attempt_at = uow.now
    return label_view(label)
