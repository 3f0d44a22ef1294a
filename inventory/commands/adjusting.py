from collections.abc import Sequence

from inventory.commands.allocating import take_bins
from inventory.domain.bins import Bin
from inventory.domain.buckets import Bucket
from inventory.domain.checks import check_quantity
from inventory.errors import NotEnoughInBin
from inventory.events import StockAdjusted
from inventory.ledger import Cause, Place, StockChange
from inventory.lot_rules import lot_for
from inventory.repository import (
    LevelKey,
    Promise,
    Spot,
    bins_of,
    bucket_quantities,
    item_shares,
    lock_item_promises,
    lock_levels,
    require_items,
    spots_of,
    unsold_bins,
)
from inventory.shares import LineKey, change_share, trim_shares
from inventory.shorting import short_newest
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


def adjust_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, location_code: str, delta: int, reason: str,
    reference: str = "", lot: str | None = None,
) -> None:  # fmt: skip
    """Correct the book for one bin by `delta` units: found ones come back from LOST first, gone ones go there. Where
    several lots lie, say which.

    Stock below what is promised is allowed: the newest promises are shorted, holds before orders, and bins that were
    set aside here are replaced by others as far as there are any. In a hospital location nobody is promised anything.

    Emits:
        StockAdjusted; ReservationShorted for each line that lost units.

    Raises:
        NotEnoughInBin: the bin holds fewer units than are to leave it.
        LotRequired: it is not clear which lot is meant.
        UnknownLot: the item has no such lot.
        UnknownItem, UnknownLocation, Invalid: the request cannot be right.
    """
    check_quantity(abs(delta), "/delta")
    if not reason.strip():
        raise Invalid("Every adjustment needs a reason.", pointer="/reason")
    require_items(uow, tenant_id=tenant_id, item_ids=[item_id])
    spot = spots_of(uow, site_id=site_id, codes=[location_code])[location_code]
    level = (tenant_id, item_id, site_id)
    lock_levels(uow, [level])
    change = StockChange()
    held = held_in(uow, level, spot)
    meant = lot_for(uow, tenant_id=tenant_id, item_id=item_id, bins=held, place=spot.location_id, lot=lot)
    cause = Cause(f"adjust:{reason}", reference)
    if delta > 0:
        _bring_back(uow, change, level, (spot.place, meant), units=delta, cause=cause)
    elif spot.place.location_id:
        lost = Place(Bucket.LOST)
        take_out(uow, change, level, (spot.location_id, meant), units=-delta, target=lost, cause=cause)
    else:
        _lose_unsold(change, level, (spot.place, meant), held=held, units=-delta, cause=cause)
    change.write(uow)
    uow.emit(StockAdjusted(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=delta, reason=reason))
    uow.audit(
        "stock.adjusted", subject=item_id, tenant_id=tenant_id, reason=reason, delta=delta, location=location_code
    )


def held_in(uow: UnitOfWork, level: LevelKey, spot: Spot) -> list[Bin]:
    """Return what a site holds of an item in bins, or in what a location from which nothing is sold belongs to."""
    if spot.place.location_id:
        return bins_of(uow, site_id=level[2], items=[level[:2]])[level[:2]]
    return unsold_bins(uow, level, spot)


def _lose_unsold(
    change: StockChange, level: LevelKey, source: tuple[Place, str], *, held: Sequence[Bin], units: int, cause: Cause
) -> None:
    place, lot = source
    there = sum(each.quantity for each in held if each.lot == lot)
    if there < units:
        raise _not_enough(there, units, "/delta")
    tenant_id, item_id, site_id = level
    change.move(
        tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=units, source=place, target=Place(Bucket.LOST),
        cause=cause, lot=lot,
    )  # fmt: skip


def _bring_back(
    uow: UnitOfWork, change: StockChange, level: LevelKey, place: tuple[Place, str], *, units: int, cause: Cause
) -> None:
    tenant_id, item_id, site_id = level
    key = (tenant_id, item_id, site_id, Bucket.LOST.value)
    lost = bucket_quantities(uow, [key]).get((item_id, Bucket.LOST.value), 0)
    parts = ((Bucket.LOST, min(lost, units)), (Bucket.EXTERNAL, units - min(lost, units)))
    for source, quantity in parts:
        if quantity:
            change.move(
                tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=quantity, source=Place(source),
                target=place[0], cause=cause, lot=place[1],
            )  # fmt: skip


def take_out(
    uow: UnitOfWork, change: StockChange, level: LevelKey, place: tuple[str, str], *, units: int, target: Place,
    cause: Cause, pointer: str = "/delta",
) -> None:  # fmt: skip
    """Move units of a location and lot out of what can be sold, whoever they are promised to. The newest promises that
    the stock no longer covers are shorted; other bins are set aside for the rest.

    Emits:
        ReservationShorted for each line that lost units.

    Raises:
        NotEnoughInBin: the bin holds fewer units.
    """
    tenant_id, item_id, site_id = level
    found = lock_levels(uow, [level]).get(level)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    here = next((b for b in held if b.key == place), None)
    if found is None or here is None or here.quantity < units:
        raise _not_enough(here.quantity if here else 0, units, pointer)
    change.move(
        tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=units,
        source=Place(Bucket.AVAILABLE, here.location_id), target=target, cause=cause, lot=here.lot,
    )  # fmt: skip
    promises = lock_item_promises(uow, level)
    live = short_newest(uow, change, promises, over=units - found.free, reason=cause.reason.removeprefix("adjust:"))
    _replace_shares(uow, change, level, promises=promises, live=live, held=held, here=here, units=units)


def _not_enough(there: int, units: int, pointer: str) -> NotEnoughInBin:
    return NotEnoughInBin(
        f"The bin holds {there} units: {units} cannot leave it.",
        remedy="Count the bin and correct by the difference.",
        pointer=pointer,
    )


def _replace_shares(
    uow: UnitOfWork, change: StockChange, level: LevelKey, *, promises: Sequence[Promise], live: dict[LineKey, int],
    held: list[Bin], here: Bin, units: int,
) -> None:  # fmt: skip
    """Cut what bins set aside to what lines keep and to what the bin still holds; look for other bins instead."""
    shares = item_shares(uow, level)
    cuts = trim_shares(change, shares, live, first=here.key)
    cut_here = sum(n for share, n in cuts.items() if share.bin == here.key)
    excess = here.allocated - cut_here - (here.quantity - units)
    others = [b for b in held if b.key != here.key]
    newest = {p.line: p for p in promises}
    shares_here = [s for s in shares if s.bin == here.key]
    for share in sorted(shares_here, key=lambda s: (newest[s.line].created_at, newest[s.line].id), reverse=True):
        moved = min(share.quantity - cuts.get(share, 0), excess)
        if moved > 0:
            excess -= moved
            change_share(change, share, -moved)
            take_bins(change, others, newest[share.line], moved)
