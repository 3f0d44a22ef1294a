from fulfillment.commands.cancel_order import take_back
from fulfillment.commands.open_parcel import parcel_in_hand, take_apart
from fulfillment.domain.cancellation import CancelAnswer, CancelState
from fulfillment.repository import OrderInHand, units_of
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping


def pull_parcel(uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reason: str) -> CancelAnswer | None:
    """Take a parcel off a closed manifest before it is loaded: its label is voided, its units are in the tote again. So
    is one that the dock looks for and the truck left behind.

    Returns what became of the cancellation for which the dock looked for it, None if there was none: then the units
    are packed anew. Emits OrderCancelled for the units that could be cancelled now.

    Raises:
        NotFound: no order has this parcel.
        IllegalTransition: it is on no closed manifest, or the carrier has it already.
    """
    order, parcel = parcel_in_hand(uow, tenant_id=tenant_id, parcel_id=parcel_id)
    found = shipping.get_parcel(uow, tenant_id=tenant_id, parcel_id=parcel_id)
    is_left_behind = found.state == "labelled" and order.row.intercept
    take = shipping.reopen_parcel if is_left_behind else shipping.pull_parcel
    take(uow, tenant_id=tenant_id, parcel_id=parcel_id, reason=reason)
    take_apart(uow, order, parcel)
    uow.audit("order.parcel_pulled", subject=order.row.id, tenant_id=tenant_id, reason=reason, parcel_id=parcel_id)
    told = _cancel_wished(uow, order)
    order.settle(uow.now)
    return told


def _cancel_wished(uow: UnitOfWork, order: OrderInHand) -> CancelAnswer | None:
    row = order.row
    wish, row.intercept = row.intercept, {}
    asked = wish.get("units", {})
    wanted = {line: min(asked[line.id], units_of(line).open) for line in order.lines if line.id in asked}
    wanted = {line: quantity for line, quantity in wanted.items() if quantity}
    if not wanted:
        row.intercept_requested_at = None
        return None
    told = take_back(uow, order, wanted, wish["reason"])
    if told.state is not CancelState.PENDING_INTERCEPT:
        row.intercept_requested_at = None
    return told
