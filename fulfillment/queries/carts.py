from sqlalchemy import select

from fulfillment.domain.batching import CART, CartCapacity
from fulfillment.models import FloorSetting
from kernel.db.transactions import UnitOfWork


def cart_of(uow: UnitOfWork, site_id: str) -> CartCapacity:
    """Return what a cart of a site takes; the usual one while nobody said otherwise."""
    row = uow.session.scalar(
        select(FloorSetting).where(FloorSetting.site_id == site_id), execution_options={"populate_existing": True}
    )
    if row is None:
        return CART
    return CartCapacity(row.cart_totes, row.cart_weight_g, row.cart_totes * row.tote_volume_mm3, row.cart_items)
