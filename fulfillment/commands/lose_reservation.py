from collections.abc import Mapping
from datetime import datetime

from fulfillment.commands.reserve_held import tell_shortfall
from fulfillment.commands.reserve_order import reserve_lines
from fulfillment.repository import lock_order
from kernel.db.transactions import UnitOfWork


def lose_reservation(
    uow: UnitOfWork, *, tenant_id: str, order_id: str, units: Mapping[str, int], expired_at: datetime
) -> None:
    """Look again for units whose reservation expired, by line: whatever is still free is reserved anew, and for the
    rest somebody has to choose. Units that were cancelled, or are on the floor already, are not looked for.

    Emits OrderBackordered, OrderShortfall and OrderHeld when anything lacks.
    """
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    for line_id, quantity in units.items():
        order.move(line_id, min(quantity, order.line(line_id).promised), "promised", "backordered")
    reserve_lines(uow, order.row, order.lines, split=True)
    if order.units.backordered:
        uow.session.add(tell_shortfall(uow, order, expired_at=expired_at))
    order.settle(uow.now)
