from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from inventory.cases import case_sizes
from inventory.domain.bins import Bin, ProposedPick, choose_bins, explain_missing, follow_proposal
from inventory.domain.values import Allocation, AllocationOutcome, Missing
from inventory.ledger import StockChange
from inventory.repository import Promise, bins_of, location_ids, lock_order_promises, order_shares
from inventory.shares import LineKey, change_share
from kernel.db.transactions import UnitOfWork


def allocate_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, closed: Collection[str] = ()
) -> AllocationOutcome:
    """Set bins aside for what an order is promised at a site. See `allocate_orders`."""
    return allocate_orders(uow, site_id=site_id, order_ids=[(tenant_id, order_id)], closed=closed)


def allocate_orders(
    uow: UnitOfWork,
    *,
    site_id: str,
    order_ids: Sequence[tuple[str, str]],
    proposals: Mapping[LineKey, Sequence[ProposedPick]] | None = None,
    closed: Collection[str] = (),
) -> AllocationOutcome:
    """Set bins aside (hard allocation) for what these (tenant, order) pairs are promised at a site and have no bin for
    yet; those promised first choose first. Repeating it returns the same bins.

    Lines with a proposal come before, in its order. One that no longer holds, now that the stock is locked, is not
    followed: its line gets what it would have got without. Nothing new is taken from `closed` locations.

    The outcome has every bin set aside for the orders, old and new, and the units that no bin could be found for.
    """
    promises = [p for p in lock_order_promises(uow, order_ids) if p.site_id == site_id]
    shares = [s for s in order_shares(uow, order_ids) if s.site_id == site_id]
    bins = bins_of(uow, site_id=site_id, items={(p.tenant_id, p.item_id) for p in promises})
    codes = {b.location_id: b.location_code for held in bins.values() for b in held}
    bins = {item: reached(held, closed) for item, held in bins.items()}
    done: dict[LineKey, int] = defaultdict(int)
    for share in shares:
        done[share.line] += share.quantity
    change = StockChange()
    found = [
        Allocation(s.line_id, s.item_id, codes[s.location_id], s.quantity, s.order_id, s.tenant_id, s.lot)
        for s in shares
    ]
    wanted = _wanted(promises, done)
    cases = case_sizes(uow, [(p.tenant_id, p.item_id) for p, n in wanted.values() if n > 1 and _has_bulk(bins, p)])
    proposed = {line: tuple(picks) for line, picks in (proposals or {}).items() if line in wanted}
    missing, followed = [], 0
    for line in [*proposed, *(line for line in wanted if line not in proposed)]:
        promise, units = wanted[line]
        held, sizes = bins[promise.tenant_id, promise.item_id], cases.get((promise.tenant_id, promise.item_id), ())
        choice = follow_proposal(held, units, proposed[line], sizes) if line in proposed else None
        followed += choice is not None
        taken = _set_aside(change, held, promise, choice or choose_bins(held, units, sizes))
        found += taken
        lacking = units - sum(a.quantity for a in taken)
        if lacking:
            missing.append(Missing(promise.order_id, promise.line_id, line[3], lacking, explain_missing(held)))
    change.write(uow)
    return AllocationOutcome(tuple(_merged(found)), tuple(missing), followed)


def deallocate_stock(uow: UnitOfWork, *, tenant_id: str, order_id: str) -> int:
    """Free the bins set aside for an order; it keeps what it is promised. Return the units."""
    return _deallocate(uow, tenant_id, order_id)


def leave_bins(uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, codes: Collection[str]) -> int:
    """Free what is set aside for an order at some locations of a site, for nobody gets there; it keeps what it is
    promised. Return the units.

    Raises:
        UnknownLocation: the site has no such location.
    """
    places = location_ids(uow, site_id=site_id, codes=sorted(codes))
    return _deallocate(uow, tenant_id, order_id, frozenset(places.values()))


def _deallocate(uow: UnitOfWork, tenant_id: str, order_id: str, left: Collection[str] | None = None) -> int:
    lock_order_promises(uow, [(tenant_id, order_id)])
    change = StockChange()
    shares = [s for s in order_shares(uow, [(tenant_id, order_id)]) if left is None or s.location_id in left]
    for share in shares:
        change_share(change, share, -share.quantity)
    change.write(uow)
    return sum(s.quantity for s in shares)


def reached(held: Sequence[Bin], closed: Collection[str]) -> list[Bin]:
    """Return bins such that nothing is taken from `closed` locations."""
    return [replace(each, kind="closed") if each.location_code in closed else each for each in held]


def take_bins(change: StockChange, held: list[Bin], promise: Promise, units: int) -> list[Allocation]:
    """Set up to `units` aside in these bins for the promise's line, and note it in `held`, for whoever is next."""
    return _set_aside(change, held, promise, choose_bins(held, units))


def _has_bulk(bins: Mapping[tuple[str, str], Sequence[Bin]], promise: Promise) -> bool:
    return any(b.kind == "bulk" for b in bins[promise.tenant_id, promise.item_id])


def _set_aside(
    change: StockChange, held: list[Bin], promise: Promise, choice: Sequence[tuple[Bin, int]]
) -> list[Allocation]:
    taken = []
    for chosen, quantity in choice:
        held[held.index(chosen)] = replace(chosen, allocated=chosen.allocated + quantity)
        change.allocate(
            tenant_id=promise.tenant_id, site_id=promise.site_id, order_id=promise.order_id, line_id=promise.line_id,
            item_id=promise.item_id, location_id=chosen.location_id, lot=chosen.lot, delta=quantity,
        )  # fmt: skip
        given = Allocation(promise.line_id, promise.item_id, chosen.location_code, quantity)
        taken.append(replace(given, order_id=promise.order_id, tenant_id=promise.tenant_id, lot=chosen.lot))
    return taken


def _wanted(promises: Sequence[Promise], done: Mapping[LineKey, int]) -> dict[LineKey, tuple[Promise, int]]:
    totals: dict[LineKey, int] = defaultdict(int)
    first: dict[LineKey, Promise] = {}
    for promise in promises:
        totals[promise.line] += promise.quantity
        first.setdefault(promise.line, promise)
    lacking = {line: units - done.get(line, 0) for line, units in totals.items()}
    return {line: (first[line], units) for line, units in lacking.items() if units > 0}


def _merged(found: Sequence[Allocation]) -> list[Allocation]:
    merged: dict[Allocation, Allocation] = {}
    for one in found:
        key = replace(one, quantity=0)
        known = merged.get(key)
        merged[key] = replace(one, quantity=one.quantity + known.quantity) if known else one
    return list(merged.values())
