from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import tuple_, update

from inventory.commands.allocating import take_bins
from inventory.commands.count_tasks import BinKey, want_counts
from inventory.domain.bins import Bin
from inventory.domain.buckets import SHORT_REASONS, Bucket
from inventory.domain.checks import check_quantity
from inventory.domain.counts import CountCause
from inventory.domain.values import ShortOutcome
from inventory.errors import LotExpired, NotEnoughInBin, NotReserved
from inventory.events import StockAdjusted
from inventory.ledger import Cause, Place, StockChange
from inventory.lot_rules import local_day, lot_in
from inventory.models import BinStock
from inventory.repository import (
    Promise,
    Share,
    bins_of,
    item_shares,
    location_ids,
    lock_item_promises,
    lock_levels,
    lock_order_promises,
    order_shares,
)
from inventory.shares import LineKey, change_share, trim_shares
from inventory.shorting import short_newest
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


def pick_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, line_id: str, item_id: str, location_code: str,
    quantity: int, tote: str, lot: str | None = None,
) -> None:  # fmt: skip
    """Move picked units from a bin into a tote: they leave the stock, the promise and the bin's allocation at once.

    The bin and lot need not be the ones that were set aside, as long as the units are not set aside for others. Where
    several lots lie, it is the one set aside here, unless another is named.

    Raises:
        NotReserved: the line is promised fewer units.
        NotEnoughInBin: the bin holds fewer units for this line.
        LotRequired: several lots lie there, and none is set aside.
        LotExpired: the units are no longer good.
        UnknownLocation, Invalid: the request cannot be right.
    """
    check_quantity(quantity)
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code]
    line = (tenant_id, order_id, line_id, item_id)
    promises = _line_promises(uow, line, site_id)
    shares = _line_shares(uow, line, site_id)
    _require_reserved(promises, quantity)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    picked = (place, _lot_set_aside(shares, held, place, lot))
    own = sum(s.quantity for s in shares if s.bin == picked)
    here = [b for b in held if b.key == picked]
    _require_in_bin(here, own, location_code, quantity)
    _require_good(uow, site_id, here)
    change = StockChange()
    change.move(
        tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=quantity,
        source=Place(Bucket.AVAILABLE, place), target=Place(Bucket.IN_TOTE), cause=Cause("pick", order_id, tote),
        lot=picked[1],
    )  # fmt: skip
    _consume(change, promises, quantity)
    _consume_shares(change, shares, picked, quantity, sum(p.quantity for p in promises) - quantity)
    change.write(uow)


def report_short(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, line_id: str, item_id: str, location_code: str,
    expected: int, found: int, reason: str, lot: str | None = None,
) -> ShortOutcome:  # fmt: skip
    """Take note that a picker found only `found` of `expected` units in a bin (those found are picked separately).

    The lacking units leave the stock (LOST, DAMAGED, QUARANTINE or HOSPITAL, by the reason), the bin is frozen until
    it is counted, and other bins are set aside instead as far as there are any; what nobody has is no longer promised.
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
    promises = _line_promises(uow, line, site_id)
    shares = _line_shares(uow, line, site_id)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    short = (place, _lot_set_aside(shares, held, place, lot))
    own = sum(s.quantity for s in shares if s.bin == short)
    lost = min(expected - found, own)
    _freeze(uow, tenant_id, item_id, short)
    want_counts(uow, [BinKey(tenant_id, site_id, item_id, place)], cause=CountCause.SHORT_PICK)
    held = [replace(b, frozen=b.frozen or b.key == short) for b in held]
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
    given_up = _consume(change, list(reversed(promises)), missing)
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


def _line_promises(uow: UnitOfWork, line: LineKey, site_id: str) -> list[Promise]:
    tenant_id, order_id, _, item_id = line
    lock_levels(uow, [(tenant_id, item_id, site_id)])
    promises = lock_order_promises(uow, [(tenant_id, order_id)], item_id=item_id)
    return [p for p in promises if p.line == line and p.site_id == site_id]


def _line_shares(uow: UnitOfWork, line: LineKey, site_id: str) -> list[Share]:
    return [s for s in order_shares(uow, [line[:2]]) if s.line == line and s.site_id == site_id]


def _lot_set_aside(shares: Sequence[Share], held: Sequence[Bin], place: str, lot: str | None) -> str:
    """Return the lot that is taken from a location: the one named, or the only one set aside or lying there."""
    aside = {s.lot for s in shares if s.location_id == place}
    return aside.pop() if lot is None and len(aside) == 1 else lot_in(held, place, lot)


def _require_good(uow: UnitOfWork, site_id: str, here: Sequence[Bin]) -> None:
    expires_on = here[0].expires_on
    if expires_on and expires_on < local_day(uow, site_id):
        raise LotExpired(
            f"Lot {here[0].lot} expired on {expires_on}.",
            remedy="Leave it, and report the pick as short: expired.",
            pointer="/lot",
            expires_on=expires_on.isoformat(),
        )


def _require_reserved(promises: Sequence[Promise], quantity: int) -> None:
    promised = sum(p.quantity for p in promises)
    if quantity > promised:
        raise NotReserved(
            f"This line waits for {promised} more units, not {quantity}.",
            remedy="Put the others back; the line may have been cancelled or picked already.",
            pointer="/quantity",
            reserved=promised,
        )


def _require_in_bin(held: Sequence[Bin], own: int, location_code: str, quantity: int) -> None:
    usable = sum(b.quantity - b.allocated for b in held) + own
    if quantity > usable:
        raise NotEnoughInBin(
            f"{location_code} has {usable} units for this line, not {quantity}.",
            remedy="Check the location, or report the pick as short.",
            pointer="/quantity",
            location_code=location_code,
            usable=usable,
        )


def _consume(change: StockChange, promises: Sequence[Promise], quantity: int) -> dict[str, int]:
    """Take units out of promises, in the given order; return how many by reservation id."""
    taken: dict[str, int] = {}
    for promise in promises:
        units = min(promise.quantity, quantity)
        if units > 0:
            change.reserve(tenant_id=promise.tenant_id, reservation_id=promise.id, delta=-units)
            taken[promise.id] = units
            quantity -= units
    return taken


def _consume_shares(
    change: StockChange, shares: Sequence[Share], picked: tuple[str, str], quantity: int, still: int
) -> None:
    """Use up what this bin set aside; other bins keep theirs, unless that is more than the line still waits for."""
    rest = []
    for share in shares:
        used = min(share.quantity, quantity) if share.bin == picked else 0
        if used:
            change_share(change, share, -used)
        if share.quantity > used:
            rest.append(replace(share, quantity=share.quantity - used))
    if rest:
        trim_shares(change, rest, {rest[0].line: still})


def _freeze(uow: UnitOfWork, tenant_id: str, item_id: str, short: tuple[str, str]) -> None:
    key = tuple_(BinStock.tenant_id, BinStock.item_id, BinStock.location_id, BinStock.lot)
    uow.session.execute(
        update(BinStock).where(key == (tenant_id, item_id, *short)).values(frozen=True, count_wanted_at=uow.now)
    )
