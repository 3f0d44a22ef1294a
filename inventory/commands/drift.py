from sqlalchemy import text

from inventory.events import StockDriftFound
from kernel.db.transactions import UnitOfWork

_DRIFT = text(
    """
    select tenant_id, item_id, site_id, counter, ledger, counted
    from (
      select tenant_id, item_id, site_id, 'on_hand' as counter, coalesce(m.quantity, 0) as ledger,
             coalesce(s.on_hand, 0) as counted
      from (
        select tenant_id, item_id, site_id,
               sum(quantity * ((to_bucket = 'AVAILABLE')::int - (from_bucket = 'AVAILABLE')::int)) as quantity
        from stock_movement group by 1, 2, 3) m
      full join stock_level s using (tenant_id, item_id, site_id)
      union all
      select tenant_id, item_id, site_id, 'reserved', coalesce(r.quantity, 0), coalesce(s.reserved, 0)
      from (select tenant_id, item_id, site_id, sum(quantity) as quantity from reservation group by 1, 2, 3) r
      full join stock_level s using (tenant_id, item_id, site_id)
    ) d
    where ledger <> counted
    order by tenant_id, item_id, site_id, counter
    """
)


def find_drift(uow: UnitOfWork) -> int:
    """Hold the counters of all stock levels against the rows they count, and return how many differ.

    It corrects nothing: a difference means that something wrote around the ledger, and somebody has to look.

    Emits:
        StockDriftFound for each counter that differs.
    """
    rows = uow.session.execute(_DRIFT).all()
    for row in rows:
        uow.emit(
            StockDriftFound(
                tenant_id=row.tenant_id, item_id=row.item_id, site_id=row.site_id, quantity=int(row.counted),
                counter=row.counter, ledger=int(row.ledger),
            )
        )  # fmt: skip
    return len(rows)
