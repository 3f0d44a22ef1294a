from collections.abc import Sequence

from sqlalchemy import select, tuple_

from fulfillment.domain.order_state import IN_HOUSE, ParcelState
from fulfillment.models import OrderParcel
from fulfillment.repository import lock_orders
from kernel.db.transactions import UnitOfWork


def follow_manifest(uow: UnitOfWork, parcels: Sequence[tuple[str, str]]) -> None:
    """Note for many parcels (tenant, parcel id) at once that they are on a closed manifest, and derive their orders
    anew: the number of statements does not grow with the number of parcels. Said again or late, it changes nothing.
    """
    before = [state.value for state in IN_HOUSE - {ParcelState.MANIFESTED}]
    statement = select(OrderParcel.tenant_id, OrderParcel.order_id).where(
        tuple_(OrderParcel.tenant_id, OrderParcel.parcel_id).in_(parcels), OrderParcel.state.in_(before)
    )
    keys = {(row.tenant_id, row.order_id) for row in uow.session.execute(statement)}
    listed = set(parcels)
    for order in lock_orders(uow, sorted(keys)):
        for parcel in order.parcels:
            if (parcel.tenant_id, parcel.parcel_id) in listed and parcel.state in before:
                parcel.state = ParcelState.MANIFESTED.value
        order.settle(uow.now)
