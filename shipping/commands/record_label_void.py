from datetime import timedelta

from kernel.db.transactions import UnitOfWork
from shipping.gateways.carriers import Refused, Voided, VoidOutcome
from shipping.repository import lock_label

_RETRY = timedelta(minutes=1)


def record_label_void(uow: UnitOfWork, *, tenant_id: str, label_id: str, outcome: VoidOutcome) -> None:
    """Record what the carrier said to a void that it was owed; one that is not decided is asked for again later.

    Raises:
        NotFound: this caller has no such label.
    """
    label = lock_label(uow, tenant_id, label_id)
    if isinstance(outcome, Voided):
        label.carrier_void, label.error = "done", ""
        return
    label.error = outcome.detail[:500]
    if isinstance(outcome, Refused):
        # The money is lost unless a person claims it: the audit trail says so.
        label.carrier_void = "refused"
        uow.audit("label.void_refused", subject=label_id, tenant_id=tenant_id, reason=label.error)
    else:
        label.next_attempt_at = uow.now + _RETRY
