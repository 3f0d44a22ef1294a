from collections.abc import Iterable, Sequence
from dataclasses import replace

from inventory.domain.bins import Bin
from inventory.domain.buckets import Bucket
from inventory.domain.checks import check_quantity
from inventory.errors import LotExpired, NotEnoughInBin, NotReserved
from inventory.ledger import Cause, Place, StockChange
from inventory.lot_rules import local_day, lot_in
from inventory.repository import (
    Promise,
    Share,
    bins_of,
    location_ids,
    lock_levels,
    lock_line_promises,
    order_shares,
)
from inventory.shares import LineKey, change_share, trim_shares
from kernel.db.transactions import UnitOfWork


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
    promises = line_promises(uow, line, site_id)
    shares = line_shares(uow, line, site_id)
    _require_reserved(promises, quantity)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    picked = (place, lot_set_aside(shares, held, place, lot))
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
    consume(change, promises, quantity)
    _consume_shares(change, shares, picked, quantity, sum(p.quantity for p in promises) - quantity)
    change.write(uow)


def lock_stock(uow: UnitOfWork, *, tenant_id: str, site_id: str, item_ids: Iterable[str]) -> None:
    """Lock the stock levels of several items of a merchant at a site, in the one order in which everybody does."""
    lock_levels(uow, [(tenant_id, item_id, site_id) for item_id in item_ids])


def line_promises(uow: UnitOfWork, line: LineKey, site_id: str) -> list[Promise]:
    """Lock the stock level of an order line, and return what the line is promised of it."""
    tenant_id, _, _, item_id = line
    lock_levels(uow, [(tenant_id, item_id, site_id)])
    return lock_line_promises(uow, line, site_id)


def line_shares(uow: UnitOfWork, line: LineKey, site_id: str) -> list[Share]:
    """Return what bins of a site set aside for an order line."""
    return [s for s in order_shares(uow, [line[:2]]) if s.line == line and s.site_id == site_id]


def lot_set_aside(shares: Sequence[Share], held: Sequence[Bin], place: str, lot: str | None) -> str:
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


def consume(change: StockChange, promises: Sequence[Promise], quantity: int) -> dict[str, int]:
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
