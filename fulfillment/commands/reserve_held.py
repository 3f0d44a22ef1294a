from collections.abc import Callable
from datetime import datetime

from fulfillment.commands.reserve_order import reserve_lines
from fulfillment.events.orders import OrderHeld, OrderShortfall
from fulfillment.events.sentences import items
from fulfillment.models import OrderHold
from fulfillment.repository import OrderInHand
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

SHORTFALL = "shortfall"


def reserve_held(uow: UnitOfWork, order: OrderInHand, *, judge: Callable[[], None]) -> list[OrderHold]:
    """Reserve for a new order what its cart's hold kept, under the same locks: nobody comes between.

    The hold may have expired while the order was being paid. Then whatever is still free is reserved, and when that
    does not suffice the order is held until somebody chose what becomes of it: return that hold. An order out of a cart
    is never refused for its stock; one whose cart nobody knows is judged as any other.

    Emits OrderShortfall and OrderHeld.
    """
    row = order.row
    taken = inventory.take_hold(uow, tenant_id=row.tenant_id, reference=row.hold_reference)
    if not taken.units and taken.expired_at is None:
        judge()
        return []
    reserve_lines(uow, row, order.lines, split=taken.expired_at is not None)
    if taken.expired_at is None or not order.units.backordered:
        return []
    return [tell_shortfall(uow, order, expired_at=taken.expired_at)]


def tell_shortfall(uow: UnitOfWork, order: OrderInHand, *, expired_at: datetime) -> OrderHold:
    """Hold an order whose waiting units are no longer set aside, for somebody to choose, and return the hold's new row.

    Emits OrderShortfall and OrderHeld.
    """
    row, units = order.row, order.units.backordered
    lines = [
        {"line_id": line.id, "item_id": line.item_id, "quantity": line.backordered}
        for line in order.lines
        if line.backordered
    ]
    reason = f"{items(units)} that had been set aside were gone when the order was to have them"
    hold = OrderHold(
        tenant_id=row.tenant_id, id=new_id("hld"), order_id=row.id, kind=SHORTFALL, reason=reason, placed_at=uow.now,
        placed_by=uow.actor.id, released_at=None, released_by="", release_reason="",
    )  # fmt: skip
    row.open_holds += 1
    uow.emit(
        OrderShortfall(
            **order.about, units=units, lines=lines, hold_reference=row.hold_reference,
            expired_at=expired_at.isoformat(),
        )
    )  # fmt: skip
    uow.emit(OrderHeld(**order.about, hold_id=hold.id, kind=SHORTFALL, reason=reason))
    return hold
