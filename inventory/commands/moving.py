from sqlalchemy import select

from inventory.commands.adjusting import take_out
from inventory.domain.bins import Bin
from inventory.domain.buckets import UNSOLD_KINDS, Bucket
from inventory.domain.checks import check_quantity
from inventory.errors import NotEnoughInBin, NotEnoughInBucket
from inventory.events import StockAdjusted, StockReceived
from inventory.ledger import Cause, StockChange
from inventory.lot_rules import lot_in, require_sellable_lot
from inventory.models import BinStock, Location
from inventory.repository import LevelKey, Spot, bins_of, lock_levels, spots_of, unsold_bins
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

ADMITTED, DISCHARGED = "to_hospital", "from_hospital"
"""The reasons that the ledger keeps of units that leave what can be sold, and come back."""


def move_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, from_code: str, to_code: str, quantity: int,
    reason: str = "put_away", lot: str | None = None, reference: str = "",
) -> None:  # fmt: skip
    """Move units between two locations: put-away from the dock, replenishment of a pick face. Where several lots lie
    in the source, say which. The ledger keeps the reason and the reference.

    Units that orders wait for stay where they are, but for what goes to a hospital location: that can be sold no
    more, whoever it is promised to. What comes back from there can be sold again. The ledger's reasons for these are
    `ADMITTED` and `DISCHARGED`.

    Emits:
        StockAdjusted for units that go to a hospital location, and ReservationShorted for each line that lost some;
        StockReceived for units that come back.

    Raises:
        NotEnoughInBin: the source holds fewer units that no order waits for, or fewer at all.
        NotEnoughInBucket: fewer units are in the hospital.
        LotRequired: several lots lie there.
        LotBlocked, LotExpired: units that come back cannot be sold.
        UnknownLocation, Invalid: the request cannot be right.
    """
    check_quantity(quantity)
    spots = spots_of(uow, site_id=site_id, codes=[from_code, to_code])
    source, target = spots[from_code], spots[to_code]
    level = (tenant_id, item_id, site_id)
    lock_levels(uow, [level])
    if source.place == target.place and not source.place.location_id:
        raise Invalid(
            "Both are hospital locations: the book has them as one.", remedy="Carry the units; nothing is booked.",
            pointer="/to_code",
        )  # fmt: skip
    if not source.place.location_id:
        _discharge(uow, level, source, target, units=quantity, lot=lot, reference=reference)
        return
    held = bins_of(uow, site_id=site_id, items=[level[:2]])[level[:2]]
    moved = lot_in(held, source.location_id, lot)
    if target.place.location_id:
        _carry(uow, level, source, target, units=_loose(held, source, moved, quantity), lot=moved,
               cause=Cause(reason, reference))  # fmt: skip
    else:
        _admit(uow, level, (source.location_id, moved), target, units=quantity, reference=reference)


def admit_strays(uow: UnitOfWork, *, limit: int) -> int:
    """Take out of what can be sold whatever the book still has for sale in hospital locations; return how many bins.

    Emits:
        StockAdjusted for each; ReservationShorted for each line that lost units.
    """
    rows = uow.session.execute(
        select(
            BinStock.tenant_id, BinStock.item_id, Location.site_id, BinStock.location_id, BinStock.lot, Location.code,
            Location.kind,
        )
        .join(Location, Location.id == BinStock.location_id)
        .where(Location.kind.in_(UNSOLD_KINDS), BinStock.quantity > 0)
        .order_by(BinStock.tenant_id, BinStock.item_id, Location.site_id, Location.code, BinStock.lot)
        .limit(limit)
    ).all()  # fmt: skip
    for tenant_id, item_id, site_id, location_id, lot, code, kind in rows:
        level, key = (tenant_id, item_id, site_id), (location_id, lot)
        lock_levels(uow, [level])
        held = bins_of(uow, site_id=site_id, items=[level[:2]])[level[:2]]
        units = sum(each.quantity for each in held if each.key == key)
        if units:
            _admit(uow, level, key, Spot(location_id, code, kind), units=units, reference="")
    return len(rows)


def _loose(held: list[Bin], source: Spot, lot: str, quantity: int) -> int:
    free = sum(b.quantity - b.allocated for b in held if b.key == (source.location_id, lot))
    if quantity > free:
        raise NotEnoughInBin(
            f"{source.code} holds {free} units that no order waits for, not {quantity}.",
            remedy="Move fewer, or pick the waiting orders first.",
            pointer="/quantity",
            location_code=source.code,
            free=free,
        )
    return quantity


def _carry(uow: UnitOfWork, level: LevelKey, source: Spot, target: Spot, *, units: int, lot: str, cause: Cause) -> None:
    tenant_id, item_id, site_id = level
    change = StockChange()
    change.move(
        tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=units, source=source.place,
        target=target.place, cause=cause, lot=lot,
    )  # fmt: skip
    change.write(uow)


def _admit(uow: UnitOfWork, level: LevelKey, key: tuple[str, str], target: Spot, *, units: int, reference: str) -> None:
    tenant_id, item_id, site_id = level
    change, cause = StockChange(), Cause(ADMITTED, reference, target.code)
    take_out(uow, change, level, key, units=units, target=target.place, cause=cause, pointer="/quantity")
    change.write(uow)
    uow.emit(StockAdjusted(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=-units, reason=ADMITTED))


def _discharge(
    uow: UnitOfWork, level: LevelKey, source: Spot, target: Spot, *, units: int, lot: str | None, reference: str
) -> None:
    tenant_id, item_id, site_id = level
    lying = unsold_bins(uow, level, source)
    meant = lot_in(lying, source.location_id, lot)
    there = sum(each.quantity for each in lying if each.lot == meant)
    if there < units:
        raise NotEnoughInBucket(
            f"{there} units are in the hospital, not {units}.", remedy="Look at the item's movements.",
            pointer="/quantity", item_id=item_id, bucket=Bucket.HOSPITAL.value, quantity=there,
        )  # fmt: skip
    require_sellable_lot(uow, level, meant)
    _carry(uow, level, source, target, units=units, lot=meant, cause=Cause(DISCHARGED, reference, source.code))
    uow.emit(StockReceived(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=units, reference=DISCHARGED))
