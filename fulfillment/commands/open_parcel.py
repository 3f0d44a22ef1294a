from sqlalchemy import select

from fulfillment.domain.order_state import ParcelState
from fulfillment.models import OrderLine, OrderParcel
from fulfillment.repository import OrderInHand, lock_order
from fulfillment.value_added.charging import reverse_steps
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping import api as shipping


def reopen_parcel(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reason: str, carton_reusable: bool = False
) -> None:
    """Take a wrongly packed parcel apart: it is voided with its label, and its units are in the tote again, to be
    corrected and packed anew. A carton that is `carton_reusable` is on hand again, where the site counts it.

    Raises:
        NotFound: no order has this parcel.
        IllegalTransition: it is on a closed manifest, or voided already.
    """
    order, parcel = parcel_in_hand(uow, tenant_id=tenant_id, parcel_id=parcel_id)
    shipping.reopen_parcel(
        uow, tenant_id=tenant_id, parcel_id=parcel_id, reason=reason, carton_reusable=carton_reusable
    )
    take_apart(uow, order, parcel)
    order.settle(uow.now)
    uow.audit("order.parcel_reopened", subject=order.row.id, tenant_id=tenant_id, reason=reason, parcel_id=parcel_id)


def parcel_in_hand(uow: UnitOfWork, *, tenant_id: str, parcel_id: str) -> tuple[OrderInHand, OrderParcel]:
    """Lock the order of a parcel, and return both.

    Raises:
        NotFound: no order has this parcel.
    """
    same = OrderParcel.tenant_id == tenant_id, OrderParcel.parcel_id == parcel_id
    order_id = uow.session.scalar(select(OrderParcel.order_id).where(*same))
    if order_id is None:
        raise NotFound("No order has this parcel.", remedy="Scan the parcel's label again.")
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    found = next((parcel for parcel in order.parcels if parcel.parcel_id == parcel_id), None)
    return order, found or uow.session.scalars(select(OrderParcel).where(*same)).one()


def take_apart(uow: UnitOfWork, order: OrderInHand, parcel: OrderParcel) -> None:
    """Move the units of a voided parcel from packed back to picked, in the books of the order and of the stock. Its
    serial numbers are in stock again, and what was done to its units is owed no more. Emits ServiceReversed for that.
    """
    parcel.state = ParcelState.VOIDED.value
    reverse_steps(uow, order, parcel.parcel_id)
    units = []
    for content in parcel.lines:
        line: OrderLine = order.line(str(content["line_id"]))
        quantity = int(content["quantity"])
        order.move(line.id, quantity, "packed", "picked")
        units.append((line.item_id, quantity))
    row = order.row
    inventory.unpack_stock(uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=row.id, lines=units)
    if serials := parcel_serials(parcel):
        inventory.free_serials(uow, tenant_id=row.tenant_id, units=serials)


def parcel_serials(parcel: OrderParcel) -> list[tuple[str, str]]:
    """Return the units of a parcel that have serial numbers, as (item id, serial)."""
    return [(str(c["item_id"]), serial) for c in parcel.lines for serial in c.get("serials", ())]
