from collections import Counter
from collections.abc import Sequence

from inventory.domain.buckets import Bucket
from inventory.domain.checks import check_quantity
from inventory.domain.values import Receipt
from inventory.errors import NotEnoughInBin
from inventory.events import StockReceived
from inventory.ledger import Cause, Place, StockChange
from inventory.lot_rules import lot_in, record_lots, traced_items
from inventory.repository import bins_of, location_ids, lock_levels, require_items
from inventory.serials.rules import check_receipts, record_serials
from kernel.db.transactions import UnitOfWork


def receive_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, location_code: str, quantity: int, reference: str
) -> None:
    """Take delivered units of one item into a location. See `receive_many`."""
    receipt = Receipt(item_id, location_code, quantity, reference)
    receive_many(uow, tenant_id=tenant_id, site_id=site_id, receipts=[receipt])


def receive_many(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, receipts: Sequence[Receipt], reason: str = "receipt"
) -> None:
    """Take delivered units into their locations, all or none. The ledger keeps the reason.

    Emits:
        StockReceived for each item and reference.

    Raises:
        UnknownItem, UnknownLocation, Invalid: a receipt cannot be right; nothing was changed.
        LotRequired, LotExpired, LotBlocked, LotMismatch: as `record_lots`.
        SerialsDiffer, SerialInHouse, SerialShipped: as `check_receipts` and `record_serials`.
    """
    for n, receipt in enumerate(receipts):
        check_quantity(receipt.quantity, f"/receipts/{n}/quantity")
    require_items(uow, tenant_id=tenant_id, item_ids=[r.item_id for r in receipts])
    places = location_ids(uow, site_id=site_id, codes=[r.location_code for r in receipts])
    items = traced_items(uow, tenant_id=tenant_id, receipts=receipts)
    check_receipts(items, receipts)
    record_lots(uow, tenant_id=tenant_id, site_id=site_id, receipts=receipts, items=items)
    lock_levels(uow, [(tenant_id, r.item_id, site_id) for r in receipts])
    record_serials(uow, tenant_id=tenant_id, site_id=site_id, receipts=receipts, items=items)
    change = StockChange()
    for receipt in receipts:
        change.move(
            tenant_id=tenant_id, site_id=site_id, item_id=receipt.item_id, quantity=receipt.quantity,
            source=Place(Bucket.EXTERNAL), target=Place(Bucket.AVAILABLE, places[receipt.location_code]),
            cause=Cause(reason, receipt.reference), lot=receipt.lot,
        )  # fmt: skip
    change.write(uow)
    totals: Counter[tuple[str, str]] = Counter()
    for receipt in receipts:
        totals[receipt.item_id, receipt.reference] += receipt.quantity
    for (item_id, reference), quantity in totals.items():
        uow.emit(
            StockReceived(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=quantity, reference=reference)
        )


def move_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, from_code: str, to_code: str, quantity: int,
    reason: str = "put_away", lot: str | None = None, reference: str = "",
) -> None:  # fmt: skip
    """Move unallocated units between two locations: put-away from the dock, replenishment of a pick face. Where several
    lots lie in the source, say which. The ledger keeps the reason and the reference.

    Raises:
        NotEnoughInBin: the source holds fewer units that no order waits for.
        LotRequired: several lots lie there.
        UnknownLocation, Invalid: the request cannot be right.
    """
    check_quantity(quantity)
    places = location_ids(uow, site_id=site_id, codes=[from_code, to_code])
    lock_levels(uow, [(tenant_id, item_id, site_id)])
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    moved = lot_in(held, places[from_code], lot)
    free = sum(b.quantity - b.allocated for b in held if b.key == (places[from_code], moved))
    if quantity > free:
        raise NotEnoughInBin(
            f"{from_code} holds {free} units that no order waits for, not {quantity}.",
            remedy="Move fewer, or pick the waiting orders first.",
            pointer="/quantity",
            location_code=from_code,
            free=free,
        )
    change = StockChange()
    change.move(
        tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=quantity,
        source=Place(Bucket.AVAILABLE, places[from_code]), target=Place(Bucket.AVAILABLE, places[to_code]),
        cause=Cause(reason, reference), lot=moved,
    )  # fmt: skip
    change.write(uow)
