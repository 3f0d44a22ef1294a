from datetime import datetime

from sqlalchemy import select

from fulfillment.domain.order_drafts import MAX_NOTE, is_printable
from fulfillment.events.orders import HoldReleased, OrderHeld
from fulfillment.models import OrderHold
from fulfillment.repository import OrderInHand, lock_order
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.ids import new_id

HOLD_KINDS = ("data", "payment", "fraud", "address", "customer", "merchant", "quality")


class TooLateToHold(Refusal):
    """The order has left or is over."""

    code = "too_late_to_hold"
    title = "The order cannot be held any more"


def hold_order(uow: UnitOfWork, *, tenant_id: str, order_id: str, kind: str, reason: str) -> str:
    """Stop an order where it is and return the hold's id: nobody releases, picks or packs it meanwhile.

    Emits OrderHeld.

    Raises:
        NotFound, Invalid: no such order, kind or reason.
        TooLateToHold: nothing of the order is in the house any more.
    """
    _check(kind, reason)
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    if order.row.terminal or (order.units.ordered and not order.units.in_house):
        raise TooLateToHold("Nothing of this order is in the house.", remedy="Look at where its parcels are.")
    hold = OrderHold(
        tenant_id=tenant_id, id=new_id("hld"), order_id=order_id, kind=kind, reason=reason, placed_at=uow.now,
        placed_by=uow.actor.id, released_at=None, released_by="", release_reason="",
    )  # fmt: skip
    uow.session.add(hold)
    order.row.open_holds += 1
    order.settle(uow.now)
    uow.emit(OrderHeld(**order.about, hold_id=hold.id, kind=kind, reason=reason))
    uow.audit("order.held", subject=order_id, tenant_id=tenant_id, reason=reason, kind=kind)
    return hold.id


def release_hold(uow: UnitOfWork, *, tenant_id: str, order_id: str, hold_id: str, reason: str) -> int:
    """End a hold and return how many are left; a hold that ended before stays as it is. Emits HoldReleased.

    Raises:
        NotFound, Invalid: no such hold, or no reason.
    """
    _check("data", reason)
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    same = OrderHold.tenant_id == tenant_id, OrderHold.id == hold_id, OrderHold.order_id == order_id
    hold = uow.session.scalar(select(OrderHold).where(*same))
    if hold is None:
        raise NotFound("The order has no such hold.", remedy="Read the order again.")
    if hold.released_at is None:
        _release(uow, order, hold, reason, uow.now)
    return order.row.open_holds


def _release(uow: UnitOfWork, order: OrderInHand, hold: OrderHold, reason: str, at: datetime) -> None:
    hold.released_at, hold.released_by, hold.release_reason = at, uow.actor.id, reason
    order.row.open_holds -= 1
    order.settle(at)
    uow.emit(
        HoldReleased(
            **order.about, hold_id=hold.id,
            kind=hold.kind, reason=reason, holds_left=order.row.open_holds,
        )
    )  # fmt: skip
    uow.audit("order.hold_released", subject=hold.order_id, tenant_id=hold.tenant_id, reason=reason, hold_id=hold.id)


def _check(kind: str, reason: str) -> None:
    if kind not in HOLD_KINDS:
        raise Invalid(f"Choose one of {', '.join(HOLD_KINDS)}.", pointer="/kind")
    if not reason.strip() or len(reason) > MAX_NOTE or not is_printable(reason, prose=True):
        raise Invalid(f"A reason has 1 to {MAX_NOTE} printable characters.", pointer="/reason")
