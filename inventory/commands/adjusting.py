from collections.abc import Sequence

from sqlalchemy import update

from inventory.commands.allocating import take_bins
from inventory.commands.count_tasks import BinKey, note_count, record_shorted
from inventory.domain.bins import Bin
from inventory.domain.buckets import Bucket
from inventory.domain.checks import check_quantity
from inventory.errors import NotEnoughInBin
from inventory.events import BinCounted, StockAdjusted
from inventory.ledger import Cause, Place, StockChange
from inventory.models import BinStock
from inventory.repository import (
    LevelKey,
    Promise,
    bins_of,
    bucket_quantities,
    item_shares,
    location_ids,
    lock_item_promises,
    lock_levels,
    require_items,
)
from inventory.shares import LineKey, change_share, trim_shares
from inventory.shorting import short_newest
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import MAX_QUANTITY


def adjust_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, location_code: str, delta: int, reason: str,
    reference: str = "",
) -> None:  # fmt: skip
    """Correct the book for one bin by `delta` units: found ones come back from LOST first, gone ones go there.

    Stock below what is promised is allowed: the newest promises are shorted, holds before orders, and bins that were
    set aside here are replaced by others as far as there are any.

    Emits:
        StockAdjusted; ReservationShorted for each line that lost units.

    Raises:
        NotEnoughInBin: the bin holds fewer units than are to leave it.
        UnknownItem, UnknownLocation, Invalid: the request cannot be right.
    """
    check_quantity(abs(delta), "/delta")
    if not reason.strip():
        raise Invalid("Every adjustment needs a reason.", pointer="/reason")
    require_items(uow, tenant_id=tenant_id, item_ids=[item_id])
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code]
    level = (tenant_id, item_id, site_id)
    change = StockChange()
    if delta > 0:
        lock_levels(uow, [level])
        _bring_back(uow, change, level, place, units=delta, cause=Cause(f"adjust:{reason}", reference))
    else:
        _take_out(uow, change, level, place, units=-delta, reason=reason, reference=reference)
    change.write(uow)
    uow.emit(StockAdjusted(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=delta, reason=reason))
    uow.audit(
        "stock.adjusted", subject=item_id, tenant_id=tenant_id, reason=reason, delta=delta, location=location_code
    )


def count_bin(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, location_code: str, counted: int, count_id: str = ""
) -> int:
    """Take a cycle count: the book becomes what was counted and the bin is open again. Return the difference.

    `count_id` is the count that this books; without one, the count is noted as told, and ends the bin's task.

    Emits:
        BinCounted; as `adjust_stock`, when the count differs from the book.

    Raises:
        UnknownItem, UnknownLocation, Invalid: the request cannot be right.
    """
    if not 0 <= counted <= MAX_QUANTITY:
        raise Invalid(f"A count is a whole number from 0 to {MAX_QUANTITY}.", pointer="/counted")
    require_items(uow, tenant_id=tenant_id, item_ids=[item_id])
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code]
    lock_levels(uow, [(tenant_id, item_id, site_id)])
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    expected = sum(b.quantity for b in held if b.location_id == place)
    delta, told = counted - expected, len(uow.emitted)
    here = BinKey(tenant_id, site_id, item_id, place)
    count_id = count_id or note_count(uow, here, expected=expected, counted=counted)
    uow.session.execute(
        update(BinStock)
        .where(BinStock.tenant_id == tenant_id, BinStock.item_id == item_id, BinStock.location_id == place)
        .values(frozen=False, count_wanted_at=None)
    )
    if delta:
        adjust_stock(
            uow, tenant_id=tenant_id, site_id=site_id, item_id=item_id, location_code=location_code, delta=delta,
            reason="cycle_count", reference=count_id,
        )  # fmt: skip
        record_shorted(uow, tenant_id=tenant_id, task_id=count_id, events=uow.emitted[told:])
    uow.emit(BinCounted(
        tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=counted, location_code=location_code,
        count_id=count_id, difference=delta,
    ))  # fmt: skip
    return delta


def _bring_back(uow: UnitOfWork, change: StockChange, level: LevelKey, place: str, *, units: int, cause: Cause) -> None:
    tenant_id, item_id, site_id = level
    key = (tenant_id, item_id, site_id, Bucket.LOST.value)
    lost = bucket_quantities(uow, [key]).get((item_id, Bucket.LOST.value), 0)
    parts = ((Bucket.LOST, min(lost, units)), (Bucket.EXTERNAL, units - min(lost, units)))
    for source, quantity in parts:
        if quantity:
            change.move(
                tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=quantity, source=Place(source),
                target=Place(Bucket.AVAILABLE, place), cause=cause,
            )  # fmt: skip


def _take_out(
    uow: UnitOfWork, change: StockChange, level: LevelKey, place: str, *, units: int, reason: str, reference: str
) -> None:
    tenant_id, item_id, site_id = level
    found = lock_levels(uow, [level]).get(level)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    here = next((b for b in held if b.location_id == place), None)
    if found is None or here is None or here.quantity < units:
        raise NotEnoughInBin(
            f"The bin holds {here.quantity if here else 0} units: {units} cannot leave it.",
            remedy="Count the bin and correct by the difference.",
            pointer="/delta",
        )
    change.move(
        tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=units,
        source=Place(Bucket.AVAILABLE, place), target=Place(Bucket.LOST), cause=Cause(f"adjust:{reason}", reference),
    )  # fmt: skip
    promises = lock_item_promises(uow, level)
    live = short_newest(uow, change, promises, over=units - found.free, reason=reason)
    _replace_shares(uow, change, level, promises=promises, live=live, held=held, here=here, units=units)


def _replace_shares(
    uow: UnitOfWork, change: StockChange, level: LevelKey, *, promises: Sequence[Promise], live: dict[LineKey, int],
    held: list[Bin], here: Bin, units: int,
) -> None:  # fmt: skip
    """Cut what bins set aside to what lines keep and to what the bin still holds; look for other bins instead."""
    shares = item_shares(uow, level)
    cuts = trim_shares(change, shares, live, first_location=here.location_id)
    cut_here = sum(n for share, n in cuts.items() if share.location_id == here.location_id)
    excess = here.allocated - cut_here - (here.quantity - units)
    others = [b for b in held if b.location_id != here.location_id]
    newest = {p.line: p for p in promises}
    shares_here = [s for s in shares if s.location_id == here.location_id]
    for share in sorted(shares_here, key=lambda s: (newest[s.line].created_at, newest[s.line].id), reverse=True):
        moved = min(share.quantity - cuts.get(share, 0), excess)
        if moved > 0:
            excess -= moved
            change_share(change, share, -moved)
            take_bins(change, others, newest[share.line], moved)
