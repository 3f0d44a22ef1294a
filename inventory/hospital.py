"""What lies in a site's hospital: units that somebody has to look at before they can be sold."""

from sqlalchemy import text

from inventory.views import BinView
from kernel.db.transactions import UnitOfWork

_IN_HOSPITAL = text(
    """
    select b.tenant_id, b.item_id, i.sku, i.name, b.site_id, l.code, cast(m.units as bigint) as quantity,
           cast(0 as bigint) as allocated, false as frozen, cast(null as timestamptz) as count_wanted_at, l.kind, m.lot,
           t.expires_on
    from location l
    join bucket_stock b on b.site_id = l.site_id and b.bucket = 'HOSPITAL' and b.quantity > 0
    join item i on i.tenant_id = b.tenant_id and i.id = b.item_id
    cross join lateral (
      select s.lot, sum(s.quantity * (cast(s.to_bucket = b.bucket as int) - cast(s.from_bucket = b.bucket as int)))
             as units
      from stock_movement s
      where s.tenant_id = b.tenant_id and s.item_id = b.item_id and s.site_id = b.site_id
        and b.bucket in (s.from_bucket, s.to_bucket)
      group by s.lot) m
    left join lot t on t.tenant_id = b.tenant_id and t.item_id = b.item_id and t.code = m.lot
    where l.site_id = :site and l.code = :code and l.kind = 'hospital' and m.units > 0
    order by i.sku, i.id, m.lot
    """
)


def in_hospital(uow: UnitOfWork, *, site_id: str, location_code: str) -> list[BinView]:
    """Return what lies in the hospital, by SKU and lot, if the location belongs to it; else nothing."""
    columns = {"site": site_id, "code": location_code}
    return [BinView(*row) for row in uow.session.execute(_IN_HOSPITAL, columns)]
