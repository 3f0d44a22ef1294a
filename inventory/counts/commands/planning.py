"""Which bins are to be counted because it is their time: items by class, bins by how long ago they were counted."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import text

from inventory.counts.commands.tasks import BinKey, want_counts
from inventory.counts.domain import ABC_LOOKBACK, INTERVALS, AbcClass, CountCause, classify
from inventory.domain.bins import PICKABLE
from kernel.db.transactions import UnitOfWork

CLASSED_EVERY = timedelta(days=1)
# One merchant at one site at a time: what a turn costs follows from one merchant's ledger.
_STALE = text(
    """
    select m.merchant_id, m.site_id from merchant_site m
    where exists (select 1 from stock_level s where s.tenant_id = m.merchant_id and s.site_id = m.site_id)
      and not exists (select 1 from item_class c where c.tenant_id = m.merchant_id and c.site_id = m.site_id
                      and c.classed_at > :since)
    order by m.merchant_id, m.site_id limit 1
    """
)
_PICKED = text(
    """
    select s.item_id, coalesce(sum(m.quantity), 0) as units
    from stock_level s
    left join stock_movement m on m.tenant_id = s.tenant_id and m.item_id = s.item_id and m.site_id = s.site_id
         and m.from_bucket = 'AVAILABLE' and m.to_bucket = 'IN_TOTE' and m.at > :since
    where s.tenant_id = :tenant and s.site_id = :site group by s.item_id
    """
)
_CLASS = text(
    """
    insert into item_class (tenant_id, site_id, item_id, abc, units, classed_at)
    select :tenant, :site, c.item_id, c.abc, c.units, :now
    from unnest(cast(:items as text[]), cast(:classes as text[]), cast(:units as bigint[])) c(item_id, abc, units)
    order by c.item_id
    on conflict (tenant_id, site_id, item_id) do update
    set abc = excluded.abc, units = excluded.units, classed_at = excluded.classed_at
    """
)
# A bin that was never counted is due as if its item had been counted when it was created: a new house owes no counts.
_DUE = text(
    """
    with crowded as (
      select t.site_id from count_task t
      where t.cause = 'abc' and t.state in ('open', 'recount', 'counted')
      group by t.site_id having count(*) >= :waiting)
    select d.tenant_id, d.site_id, d.item_id, d.location_id
    from (
      select b.tenant_id, l.site_id, b.item_id, b.location_id, coalesce(c.abc, 'C') as abc,
             coalesce((select max(t.closed_at) from count_task t
                       where t.tenant_id = b.tenant_id and t.item_id = b.item_id and t.location_id = b.location_id
                         and t.state = 'approved'), i.created_at) as counted_at
      from bin_stock b
      join location l on l.id = b.location_id and l.kind = any(:kinds)
      join item i on i.tenant_id = b.tenant_id and i.id = b.item_id
      left join item_class c on c.tenant_id = b.tenant_id and c.site_id = l.site_id and c.item_id = b.item_id
      where b.quantity > 0 and mod(hashtext(b.item_id)::bigint + 2147483648, :turns) = :turn
        and not exists (select 1 from count_task t
                        where t.tenant_id = b.tenant_id and t.item_id = b.item_id and t.location_id = b.location_id
                          and t.state in ('open', 'recount', 'counted'))) d
    join unnest(cast(:classes as text[]), cast(:before as timestamptz[])) r(abc, before) on r.abc = d.abc
    where d.counted_at < r.before and d.site_id not in (select site_id from crowded)
    order by d.abc, d.counted_at, d.tenant_id, d.item_id, d.location_id limit :limit
    """
)


def classify_items(uow: UnitOfWork, *, tenant_id: str, site_id: str, lookback: timedelta = ABC_LOOKBACK) -> int:
    """Class a merchant's items at a site by the units picked there within `lookback`; return how many were classed."""
    since = {"tenant": tenant_id, "site": site_id, "since": uow.now - lookback}
    picked = {row.item_id: int(row.units) for row in uow.session.execute(_PICKED, since)}
    classes = classify(picked)
    columns = {
        "tenant": tenant_id, "site": site_id, "now": uow.now, "items": list(classes),
        "classes": [each.value for each in classes.values()], "units": [picked[item_id] for item_id in classes],
    }  # fmt: skip
    uow.session.execute(_CLASS, columns)
    return len(classes)


def plan_counts(
    uow: UnitOfWork, *, turn: int = 0, turns: int = 1, limit: int = 50, waiting: int = 200,
    intervals: Mapping[AbcClass, timedelta] = INTERVALS,
) -> int:  # fmt: skip
    """Have the bins counted whose time has come, in one of `turns` shares of all items, A items first.

    At most `limit` new counts a turn, and none at a site where `waiting` planned ones wait already: what nobody gets
    round to does not pile up. Bins that nobody picks from are left out. Classes are renewed daily, one merchant a turn.
    Return how many counts are new.

    Emits:
        CountWanted for each.
    """
    stale = uow.session.execute(_STALE, {"since": uow.now - CLASSED_EVERY}).one_or_none()
    if stale is not None:
        classify_items(uow, tenant_id=stale.merchant_id, site_id=stale.site_id)
    columns = {
        "turn": turn % turns, "turns": turns, "limit": limit, "waiting": waiting, "kinds": sorted(PICKABLE),
        "classes": [each.value for each in intervals], "before": [uow.now - each for each in intervals.values()],
    }  # fmt: skip
    due = [BinKey(*row) for row in uow.session.execute(_DUE, columns)]
    return len(want_counts(uow, due, cause=CountCause.ABC))
