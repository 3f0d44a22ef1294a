from dataclasses import dataclass

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of a source: distinct orders, pieces, goods and freight in minor units."""

    orders: int = 0
    pieces: int = 0
    goods_minor: int = 0
    freight_minor: int = 0

    def __sub__(self, other: "Totals") -> "Totals":
        return self + Totals(-other.orders, -other.pieces, -other.goods_minor, -other.freight_minor)

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.orders + other.orders,
            self.pieces + other.pieces,
            self.goods_minor + other.goods_minor,
            self.freight_minor + other.freight_minor,
        )


# Counts what stands in the tables, not what the code that filled them believes: that is what makes it a control.
_STORED = text(
    """
    with taken as (
      select o.tenant_id, o.id, o.external_id, o.shipping_minor from sales_order o
      where (o.site_id = :site or :site = '') and (o.channel = :channel or :channel = '')
        and (o.tenant_id = :tenant or :tenant = '') and o.external_id = any(:orders))
    select (select count(distinct external_id) from taken) as orders,
           (select coalesce(sum(shipping_minor), 0) from taken) as freight,
           coalesce(sum(l.ordered), 0) as pieces, coalesce(sum(l.ordered * l.unit_price_minor), 0) as goods
    from taken t join order_line l on l.tenant_id = t.tenant_id and l.order_id = t.id
    """
)


def stored_totals(
    uow: UnitOfWork, *, external_ids: list[str], site_id: str = "", channel: str = "", tenant_id: str = ""
) -> Totals:
    """Read the control totals of these orders back from the database; an empty restriction does not restrict."""
    whose = {"site": site_id, "channel": channel, "tenant": tenant_id}
    row = uow.session.execute(_STORED, {**whose, "orders": external_ids}).one()
    return Totals(int(row.orders), int(row.pieces), int(row.goods), int(row.freight))


def stored_orders(uow: UnitOfWork, *, site_id: str, channel: str) -> set[tuple[str, str]]:
    """Return the merchant and the number of every order that came to a site through this channel."""
    statement = text("select tenant_id, external_id from sales_order where site_id = :site and channel = :channel")
    rows = uow.session.execute(statement, {"site": site_id, "channel": channel})
    return {(row.tenant_id, row.external_id) for row in rows}
