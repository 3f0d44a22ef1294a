from datetime import datetime

from sqlalchemy import Row, text

from inventory.drifts.events import StockDriftFound
from kernel.db.transactions import UnitOfWork

# Levels are looked at in turns; each is held against its own rows, by their indexes: a turn costs its share only.
_DIFFERING = """
    select s.tenant_id, s.item_id, s.site_id, d.counter, d.place, d.ledger, d.counted
    from stock_level s
    cross join lateral (
      with moved as materialized (
        select k.bucket, k.location_id, k.lot, sum(k.quantity) as quantity
        from stock_movement m
        cross join lateral (values (m.to_bucket, m.to_location_id, m.lot, m.quantity),
                                   (m.from_bucket, m.from_location_id, m.lot, -m.quantity))
          k(bucket, location_id, lot, quantity)
        where m.tenant_id = s.tenant_id and m.item_id = s.item_id and m.site_id = s.site_id
        group by 1, 2, 3)
      select 'on_hand' as counter, '' as place, coalesce(sum(v.quantity), 0) as ledger, s.on_hand as counted
      from moved v where v.bucket = 'AVAILABLE'
      union all
      select 'reserved', '', coalesce(sum(r.quantity), 0), s.reserved
      from reservation r
      where r.tenant_id = s.tenant_id and r.item_id = s.item_id and r.site_id = s.site_id and r.quantity > 0
      union all
      select 'bin', l.code || case when lot = '' then '' else ', lot ' || lot end, coalesce(v.quantity, 0),
             coalesce(b.quantity, 0)
      from (select location_id, lot, quantity from moved where bucket = 'AVAILABLE') v
      full join (
        select h.location_id, h.lot, h.quantity from bin_stock h join location p on p.id = h.location_id
        where h.tenant_id = s.tenant_id and h.item_id = s.item_id and p.site_id = s.site_id) b using (location_id, lot)
      join location l on l.id = location_id
      union all
      select 'bucket', bucket, coalesce(v.quantity, 0), coalesce(b.quantity, 0)
      from (select bucket, sum(quantity) as quantity from moved where bucket not in ('AVAILABLE', 'EXTERNAL')
            group by 1) v
      full join (
        select h.bucket, h.quantity from bucket_stock h
        where h.tenant_id = s.tenant_id and h.item_id = s.item_id and h.site_id = s.site_id) b using (bucket)) d
    where mod(hashtext(s.item_id)::bigint + 2147483648, :turns) = :turn and d.ledger <> d.counted
"""
_RECORD = text(
    f"""
    insert into stock_drift (tenant_id, item_id, site_id, counter, place, ledger, counted, found_at, agreed_at)
    select d.*, :now, :agreed from ({_DIFFERING}) d
    on conflict (tenant_id, item_id, site_id, counter, place) do update
    set ledger = excluded.ledger, counted = excluded.counted, found_at = excluded.found_at
    where (stock_drift.ledger, stock_drift.counted) <> (excluded.ledger, excluded.counted)
    returning tenant_id, item_id, site_id, counter, place, ledger, counted
    """  # noqa: S608 - composed of constants
)
_FORGET = text(
    f"""
    delete from stock_drift k
    where mod(hashtext(k.item_id)::bigint + 2147483648, :turns) = :turn and not exists (
      select 1 from ({_DIFFERING}) d
      where (d.tenant_id, d.item_id, d.site_id, d.counter, d.place)
          = (k.tenant_id, k.item_id, k.site_id, k.counter, k.place))
    """  # noqa: S608 - composed of constants
)
_ANY = text("select exists (select 1 from stock_drift)")
_LAST_LOOK = text("select checked_at from drift_turn where turns = :turns and turn = :turn for update")
_LOOKED = text(
    "insert into drift_turn (turns, turn, checked_at) values (:turns, :turn, :now)"
    " on conflict (turns, turn) do update set checked_at = excluded.checked_at"
)


def find_drift(uow: UnitOfWork, *, turn: int = 0, turns: int = 1) -> int:
    """Hold the counters of one in `turns` items against the rows they count, and return how many newly differ: what a
    site has on hand and promised of the item, every bin and every bucket.

    What differs stays in `stock_drift` until it agrees again. It corrects nothing: a difference means that something
    wrote around the ledger, and somebody has to look. See `inventory.drifts.queries`.

    Emits:
        StockDriftFound for each counter that differs, once for each difference.
    """
    share = {"turn": turn % turns, "turns": turns}
    agreed: datetime | None = uow.session.scalar(_LAST_LOOK, share)
    rows = uow.session.execute(_RECORD, {**share, "now": uow.now, "agreed": agreed}).all()
    if uow.session.scalar(_ANY):
        uow.session.execute(_FORGET, share)
    uow.session.execute(_LOOKED, {**share, "now": uow.now})
    for row in sorted(rows, key=tuple):
        uow.emit(_found(row))
    return len(rows)


def _found(row: Row[tuple[str, str, str, str, str, int, int]]) -> StockDriftFound:
    return StockDriftFound(
        tenant_id=row.tenant_id, item_id=row.item_id, site_id=row.site_id, quantity=int(row.counted),
        counter=row.counter, place=row.place, ledger=int(row.ledger),
    )  # fmt: skip
