from collections.abc import Collection
from dataclasses import replace

from inventory.commands.allocating import reached, take_bins
from inventory.domain.values import Reliance
from inventory.ledger import StockChange
from inventory.repository import bins_of, item_shares, location_ids, lock_item_promises, lock_levels
from inventory.shares import change_share
from kernel.db.transactions import UnitOfWork


def spread_reliance(
    uow: UnitOfWork,
    *,
    tenant_id: str,
    site_id: str,
    item_id: str,
    location_code: str,
    but_for: str,
    closed: Collection[str] = (),
) -> tuple[Reliance, ...]:
    """Set other bins aside for the orders that rely on one that is in doubt, those promised first before others, and
    return all that relied on it with what became of each; the order `but_for` is left alone.

    Nothing is taken from `closed` locations. What no other bin has stays aside where it was: the count may find it.
    Walks follow with the next StockAdjusted.

    Raises:
        UnknownLocation: the site has no such location.
    """
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code]
    level = (tenant_id, item_id, site_id)
    lock_levels(uow, [level])
    shares = [s for s in item_shares(uow, level) if s.location_id == place and s.order_id != but_for]
    if not shares:
        return ()
    promises = {p.line: p for p in reversed(lock_item_promises(uow, level))}
    held = [
        replace(each, frozen=each.frozen or each.location_id == place)
        for each in reached(bins_of(uow, site_id=site_id, items=[level[:2]])[level[:2]], closed)
    ]
    change, found = StockChange(), []
    for share in sorted(shares, key=lambda s: (promises[s.line].created_at, promises[s.line].id, s.lot)):
        promise = promises[share.line]
        given = take_bins(change, held, promise, share.quantity)
        moved = sum(each.quantity for each in given)
        if moved:
            change_share(change, share, -moved)
        places = tuple(dict.fromkeys(each.location_code for each in given))
        found.append(
            Reliance(share.order_id, promise.customer_id, share.line_id, share.quantity, moved=moved, places=places)
        )
    change.write(uow)
    return tuple(found)
