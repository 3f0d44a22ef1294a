from sqlalchemy import select

from fulfillment.commands.cancel_order import take_back
from fulfillment.commands.hold_order import release_hold
from fulfillment.commands.reserve_held import SHORTFALL
from fulfillment.commands.reserve_order import reserve_lines
from fulfillment.events.orders import ShortfallSettled
from fulfillment.models import OrderHold
from fulfillment.repository import lock_order
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal

CHOICES = ("wait", "ship_rest", "cancel")
_WORDS = {"wait": "it waits for them", "ship_rest": "the rest goes out first", "cancel": "they are cancelled"}


class NoShortfall(Refusal):
    """Nothing about this order's stock is to be chosen."""

    code = "no_shortfall"
    title = "There is nothing to choose"


def settle_shortfall(uow: UnitOfWork, *, tenant_id: str, order_id: str, choice: str, reason: str = "") -> None:
    """Choose what becomes of an order whose units were no longer set aside: it waits for them, the rest goes out first
    (`ship_rest`), or those that are not there are cancelled. What is free by now is reserved before.

    Emits ShortfallSettled and HoldReleased, and what cancelling emits.

    Raises:
        NotFound: the actor sees no such order.
        Invalid: there is no such choice.
        NoShortfall: the order lacks nothing, or somebody chose before.
    """
    if choice not in CHOICES:
        raise Invalid(f"Choose one of {', '.join(CHOICES)}.", pointer="/choice")
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    holds = _open(uow, tenant_id, order_id)
    if not holds:
        raise NoShortfall("No shortfall of this order is open.", remedy="Read the order again.")
    reserve_lines(uow, order.row, order.lines, split=True)
    if choice == "ship_rest":
        order.row.split_policy = "split"
    lacking = {line: line.backordered for line in order.lines if line.backordered}
    for hold_id in holds:
        release_hold(uow, tenant_id=tenant_id, order_id=order_id, hold_id=hold_id, reason=reason or _WORDS[choice])
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    uow.emit(ShortfallSettled(**order.about, choice=choice, units=sum(lacking.values())))
    if choice == "cancel" and lacking:
        take_back(uow, order, lacking, reason or _WORDS[choice])
    order.settle(uow.now)


def _open(uow: UnitOfWork, tenant_id: str, order_id: str) -> list[str]:
    statement = select(OrderHold.id).where(
        OrderHold.tenant_id == tenant_id,
        OrderHold.order_id == order_id,
        OrderHold.kind == SHORTFALL,
        OrderHold.released_at.is_(None),
    )
    return list(uow.session.scalars(statement.order_by(OrderHold.id)))
