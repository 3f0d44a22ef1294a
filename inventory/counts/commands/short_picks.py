from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import tuple_, update

from inventory.commands.allocating import reached, take_bins
from inventory.commands.picking import consume, line_promises, line_shares, lot_set_aside
from inventory.counts.commands.tasks import BinKey, want_counts
from inventory.counts.domain import CountCause
from inventory.domain.buckets import SHORT_REASONS, Bucket
from inventory.domain.values import ShortOutcome
from inventory.events import StockAdjusted
from inventory.ledger import Cause, Place, StockChange
from inventory.models import BinStock
from inventory.repository import Promise, bins_of, item_shares, location_ids, lock_item_promises, lock_levels
from inventory.shares import LineKey, change_share
from inventory.shorting import short_newest
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


def report_short(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, line_id: str, item_id: str, location_code: str,
    expected: int, found: int, reason: str, lot: str | None = None, closed: Collection[str] = (),
) -> ShortOutcome:  # fmt: skip
    """Take note that a picker found only `found` of `expected` units in a bin (those found are picked separately).

    The lacking units leave the stock (LOST, DAMAGED, QUARANTINE or HOSPITAL, by the reason), the bin is frozen until
    it is counted, and other bins are set aside instead as far as there are any, none at `closed` locations; what nobody
    has is no longer promised.
    Who is on the floor goes before those who only wait: when these were promised the units of the other bins, the
    newest of them lose the promise.

    Emits:
        StockAdjusted for the units that left the stock; ReservationShorted for each waiting line that lost units;
        CountWanted, unless the bin's count is wanted already.

    Raises:
        Invalid: `found` is not below `expected`, or there is no reason.
        UnknownLocation: the site has no such location.
    """
    if not 0 <= found < expected:
        raise Invalid("A short pick finds fewer units than expected.", pointer="/found")
    if not reason.strip():
        raise Invalid("Say why: missing, damaged, expired, wrong_item, or in words.", pointer="/reason")
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code]
    line = (tenant_id, order_id, line_id, item_id)
    promises = line_promises(uow, line, site_id)
    shares = line_shares(uow, line, site_id)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    short = (place, lot_set_aside(shares, held, place, lot))
    own = sum(s.quantity for s in shares if s.bin == short)
    lost = min(expected - found, own)
    _freeze(uow, tenant_id, item_id, short)
    want_counts(uow, [BinKey(tenant_id, site_id, item_id, place)], cause=CountCause.SHORT_PICK)
    held = [replace(b, frozen=b.frozen or b.key == short) for b in reached(held, closed)]
    change = StockChange()
    if lost:
        change.move(
            tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=lost,
            source=Place(Bucket.AVAILABLE, place), target=Place(SHORT_REASONS.get(reason, Bucket.HOSPITAL)),
            cause=Cause(f"short:{reason}", order_id), lot=short[1],
        )  # fmt: skip
        here = next(s for s in shares if s.bin == short)
        change_share(change, here, -lost)
    reallocated = take_bins(change, held, promises[0], lost) if lost else []
    missing = lost - sum(a.quantity for a in reallocated)
    given_up = consume(change, list(reversed(promises)), missing)
    if lost:
        _short_waiting(uow, change, promises[0], gone=lost, given_up=given_up, reason=reason)
    change.write(uow)
    if lost:
        uow.emit(StockAdjusted(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=-lost, reason=reason))
    return ShortOutcome(tuple(reallocated), missing)


def _short_waiting(
    uow: UnitOfWork, change: StockChange, short: Promise, *, gone: int, given_up: Mapping[str, int], reason: str
) -> None:
    """Take promises back that the stock no longer covers, from lines for which nothing lies aside yet.

    These always suffice: what lies aside never exceeds the stock, so that whatever is promised beyond it does not.
    What the line of the `short` pick has `given_up` already, by reservation id, is neither promised nor aside for it.
    """
    level, missing = short.level, sum(given_up.values())
    over = gone - missing - lock_levels(uow, [level])[level].free
    if over > 0:
        kept: Counter[LineKey] = Counter({short.line: -missing})
        for share in item_shares(uow, level):
            kept[share.line] += share.quantity
        promises = [replace(p, quantity=p.quantity - given_up.get(p.id, 0)) for p in lock_item_promises(uow, level)]
        short_newest(uow, change, promises, over=over, reason=reason, kept=kept)


def _freeze(uow: UnitOfWork, tenant_id: str, item_id: str, short: tuple[str, str]) -> None:
    key = tuple_(BinStock.tenant_id, BinStock.item_id, BinStock.location_id, BinStock.lot)
    uow.session.execute(
        update(BinStock).where(key == (tenant_id, item_id, *short)).values(frozen=True, count_wanted_at=uow.now)
    )
