from collections.abc import Sequence

from fulfillment.repository import OrderInHand
from inventory import api as inventory
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping


def declare_exports(uow: UnitOfWork, order: OrderInHand, parcels: Sequence[shipping.ParcelView]) -> None:
    """Tell what customs asks of the goods in an order's new parcels, if they cross a customs border: as far as it is
    known, at the prices that the customer pays.
    """
    row, site = order.row, get_site(uow, order.row.site_id)
    if not shipping.leaves_customs_area((site.country, site.postal_code), (row.ship_country, row.ship_postal_code)):
        return
    prices = {line.id: line.unit_price_minor for line in order.lines}
    facts = inventory.trade_facts(uow, {each.item_id for parcel in parcels for each in parcel.contents})
    for parcel in parcels:
        goods = [_told(each, facts.get(each.item_id), prices[each.line_id]) for each in parcel.contents]
        shipping.declare_goods(
            uow, tenant_id=row.tenant_id, parcel_id=parcel.id, goods=goods,
            invoice_number=invoice_number(row.external_id, parcel.sscc),
        )  # fmt: skip


def invoice_number(order_number: str, sscc: str) -> str:
    """Return the number of a parcel's commercial invoice: what people call the order, and the parcel's last digits."""
    return f"{order_number}-{sscc[-6:]}"


def _told(
    content: shipping.Content, facts: inventory.TradeFacts | None, unit_value_minor: int
) -> shipping.ExportGoods:  # fmt: skip
    known = facts or inventory.TradeFacts()
    return shipping.ExportGoods(
        content.line_id, content.item_id, known.hs_code, known.country_of_origin, unit_value_minor
    )
