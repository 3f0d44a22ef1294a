from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.commands.settle_promise import renew_promise
from fulfillment.events.orders import OrderBackordered
from fulfillment.repository import lock_order
from kernel.db.transactions import UnitOfWork


def short_reservation(uow: UnitOfWork, *, tenant_id: str, order_id: str, line_id: str, quantity: int) -> None:
    """Backorder units that were promised to a line and turned out to be missing. Emits OrderBackordered, PromiseMoved.

    Units that were cancelled or picked since are not taken again.
    """
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    line = order.line(line_id)
    promised = min(quantity, line.promised)
    allocated = min(quantity - promised, line.allocated)
    if not promised + allocated:
        return
    for units, source in ((promised, "promised"), (allocated, "allocated")):
        order.move(line_id, units, source, "backordered")
    if order.row.released_at:
        reconcile_tasks(uow, order)
    uow.emit(
        OrderBackordered(
            **order.about, units=promised + allocated,
            lines=[{"line_id": line.id, "item_id": line.item_id, "quantity": promised + allocated}],
            cause="the stock turned out to be missing",
        )
    )  # fmt: skip
    renew_promise(uow, order, cause="stock turned out to be missing")
    order.settle(uow.now)
