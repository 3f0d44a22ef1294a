from collections.abc import Iterable, Mapping
from typing import Any

from fulfillment.repository import lock_order
from kernel.db.transactions import UnitOfWork


def take_return(uow: UnitOfWork, *, tenant_id: str, order_id: str, lines: Iterable[Mapping[str, Any]]) -> None:
    """Note the units of an order that came back, never more of a line than were shipped."""
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    known = {line.id: line for line in order.lines}
    for told in lines:
        line = known.get(str(told.get("line_id", "")))
        if line is not None:
            line.returned = min(line.shipped, line.returned + int(told["quantity"]))
    order.settle(uow.now)
