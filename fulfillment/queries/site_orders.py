from sqlalchemy import Select, select

from fulfillment.models import SalesOrder


def orders_at(site_id: str) -> Select[str, str]:
    """Select the merchant and the id of each order of a site: for lists of things about orders in other contexts."""
    return select(SalesOrder.tenant_id, SalesOrder.id).where(SalesOrder.site_id == site_id)
