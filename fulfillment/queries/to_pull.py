from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fulfillment.domain.order_state import IN_HOUSE
from fulfillment.models import OrderParcel, SalesOrder
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ParcelToPull:
    """A parcel on a closed manifest that holds cancelled units: the dock looks for it before it is loaded."""

    tenant_id: str
    order_id: str
    external_id: str
    parcel_id: str
    tracking_number: str
    reason: str
    asked_at: datetime


def parcels_to_pull(uow: UnitOfWork, *, site_id: str) -> list[ParcelToPull]:
    """Return the parcels that a site's dock was asked to pull, the longest known first."""
    of_order = (OrderParcel.tenant_id == SalesOrder.tenant_id) & (OrderParcel.order_id == SalesOrder.id)
    statement = (
        select(SalesOrder, OrderParcel)
        .join(OrderParcel, of_order)
        .where(SalesOrder.site_id == site_id, SalesOrder.intercept_requested_at.is_not(None))
        .where(OrderParcel.state.in_([state.value for state in IN_HOUSE]))
        .order_by(SalesOrder.intercept_requested_at, OrderParcel.parcel_id)
    )
    return [
        _to_pull(order, parcel)
        for order, parcel in uow.session.execute(statement)
        if any(str(content["line_id"]) in order.intercept["units"] for content in parcel.lines)
    ]


def _to_pull(order: SalesOrder, parcel: OrderParcel) -> ParcelToPull:
    assert order.intercept_requested_at is not None, "the query asks for it"
    return ParcelToPull(
        order.tenant_id, order.id, order.external_id, parcel.parcel_id, parcel.tracking_number,
        order.intercept["reason"], order.intercept_requested_at,
    )  # fmt: skip
