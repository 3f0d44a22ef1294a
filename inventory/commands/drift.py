from sqlalchemy import text

from inventory.events import StockDriftFound
from kernel.db.transactions import UnitOfWork

# Levels are looked at in turns; each is held against its own rows, by their indexes: a turn costs its share only.
_DIFFERING = """
    select s.tenant_id, s.item_id, s.site_id, d.counter, d.ledger, d.counted
    from stock_level s
    cross join lateral (
      select coalesce(sum(m.quantity * ((m.to_bucket = 'AVAILABLE')::int - (m.from_bucket = 'AVAILABLE')::int)), 0)
             as on_hand
      from stock_movement m
      where m.tenant_id = s.tenant_id and m.item_id = s.item_id and m.site_id = s.site_id) l
    cross join lateral (
      select coalesce(sum(r.quantity), 0) as reserved
      from reservation r
      where r.tenant_id = s.tenant_id and r.item_id = s.item_id and r.site_id = s.site_id and r.quantity > 0) p
    cross join lateral (values ('on_hand', l.on_hand, s.on_hand), ('reserved', p.reserved, s.reserved))
      d(counter, ledger, counted)
    where mod(hashtext(s.item_id)::bigint + 2147483648, :turns) = :turn and d.ledger <> d.counted
"""
_RECORD = text(
    f"""
    insert into stock_drift (tenant_id, item_id, site_id, counter, ledger, counted, found_at)
    select d.*, :now from ({_DIFFERING}) d
    on conflict (tenant_id, item_id, site_id, counter) do update
    set ledger = excluded.ledger, counted = excluded.counted, found_at = excluded.found_at
    where (stock_drift.ledger, stock_drift.counted) <> (excluded.ledger, excluded.counted)
    returning tenant_id, item_id, site_id, counter, ledger, counted
    """  # noqa: S608 - composed of constants
)
_FORGET = text(
    f"""
    delete from stock_drift k
    where mod(hashtext(k.item_id)::bigint + 2147483648, :turns) = :turn and not exists (
      select 1 from ({_DIFFERING}) d
      where (d.tenant_id, d.item_id, d.site_id, d.counter) = (k.tenant_id, k.item_id, k.site_id, k.counter))
    """  # noqa: S608 - composed of constants
)
_ANY = text("select exists (select 1 from stock_drift)")


def find_drift(uow: UnitOfWork, *, turn: int = 0, turns: int = 1) -> int:
    """Hold the counters of one in `turns` stock levels against the rows they count, and return how many newly differ.

    What differs stays in `stock_drift` until it agrees again. It corrects nothing: a difference means that something
    wrote around the ledger, and somebody has to look.

    Emits:
        StockDriftFound for each counter that differs, once for each difference.
    """
    share = {"turn": turn % turns, "turns": turns}
    rows = uow.session.execute(_RECORD, {**share, "now": uow.now}).all()
    if uow.session.scalar(_ANY):
        uow.session.execute(_FORGET, share)
    for row in sorted(rows, key=lambda found: (found.tenant_id, found.item_id, found.site_id, found.counter)):
        uow.emit(
            StockDriftFound(
                tenant_id=row.tenant_id, item_id=row.item_id, site_id=row.site_id, quantity=int(row.counted),
                counter=row.counter, ledger=int(row.ledger),
            )
        )  # fmt: skip
    return len(rows)
