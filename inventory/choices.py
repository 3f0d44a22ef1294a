"""What could be taken from where, for whoever proposes; nothing is locked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from inventory.cases import case_sizes
from inventory.domain.bins import Bin
from inventory.repository import bins_of
from inventory.shares import LineKey
from kernel.db.transactions import UnitOfWork

_WANTED = text(
    """
    select r.tenant_id, r.order_id, r.line_id, r.item_id,
           sum(r.quantity) - coalesce((select sum(a.quantity) from allocation a where a.tenant_id = r.tenant_id
             and a.order_id = r.order_id and a.line_id = r.line_id and a.item_id = r.item_id), 0) as units
    from reservation r
    where r.quantity > 0 and r.site_id = :site
      and (r.tenant_id, r.order_id) in (select * from unnest(cast(:tenants as text[]), cast(:orders as text[])))
    group by r.tenant_id, r.order_id, r.line_id, r.item_id order by r.tenant_id, r.order_id, r.line_id, r.item_id
    """
)


@dataclass(frozen=True, slots=True)
class StockChoice:
    """Units that order lines are promised and have no bin for yet, and by (tenant, item) the bins that hold such units
    and the sizes of its cases. See `bins.portions` for what may be taken.
    """

    wanted: Mapping[LineKey, int]
    bins: Mapping[tuple[str, str], Sequence[Bin]]
    cases: Mapping[tuple[str, str], Collection[int]]


def stock_choice(uow: UnitOfWork, *, site_id: str, order_ids: Sequence[tuple[str, str]]) -> StockChoice:
    """Return what these (tenant, order) pairs want of a site and where it lies, as of now.

    Items of which bins have less than is wanted are left out: who gets what is there is decided by who came first.
    """
    columns = {"site": site_id, "tenants": [t for t, _ in order_ids], "orders": [o for _, o in order_ids]}
    wanted = {(t, o, line, item): int(n) for t, o, line, item, n in uow.session.execute(_WANTED, columns) if n > 0}
    totals: dict[tuple[str, str], int] = {}
    for (tenant_id, _, _, item_id), units in wanted.items():
        totals[tenant_id, item_id] = totals.get((tenant_id, item_id), 0) + units
    held = bins_of(uow, site_id=site_id, items=totals)
    enough = {key: bins for key, bins in held.items() if sum(b.free for b in bins) >= totals[key]}
    in_bulk = [key for key, bins in enough.items() if any(b.kind == "bulk" for b in bins)]
    covered = {line: units for line, units in wanted.items() if (line[0], line[3]) in enough}
    return StockChoice(covered, enough, case_sizes(uow, in_bulk))
