from collections import Counter
from collections.abc import Sequence

from inventory.domain.buckets import Bucket
from inventory.domain.checks import check_quantity
from inventory.domain.values import Receipt
from inventory.events import StockReceived
from inventory.ledger import Cause, Place, StockChange
from inventory.lot_rules import record_lots, traced_items
from inventory.repository import lock_levels, require_items, spots_of
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
    """Take delivered units into their locations, all or none. The ledger keeps the reason. Units in a location from
    which nothing is sold are in the house, and cannot be sold.

    Emits:
        StockReceived for each item and reference of which units can be sold.

    Raises:
        UnknownItem, UnknownLocation, Invalid: a receipt cannot be right; nothing was changed.
        LotRequired, LotExpired, LotBlocked, LotMismatch: as `record_lots`.
        SerialsDiffer, SerialInHouse, SerialShipped: as `check_receipts` and `record_serials`.
    """
    for n, receipt in enumerate(receipts):
        check_quantity(receipt.quantity, f"/receipts/{n}/quantity")
    require_items(uow, tenant_id=tenant_id, item_ids=[r.item_id for r in receipts])
    spots = spots_of(uow, site_id=site_id, codes=[r.location_code for r in receipts])
    items = traced_items(uow, tenant_id=tenant_id, receipts=receipts)
    check_receipts(items, receipts)
    record_lots(uow, tenant_id=tenant_id, site_id=site_id, receipts=receipts, items=items)
    lock_levels(uow, [(tenant_id, r.item_id, site_id) for r in receipts])
    record_serials(uow, tenant_id=tenant_id, site_id=site_id, receipts=receipts, items=items)
    change = StockChange()
    for receipt in receipts:
        change.move(
            tenant_id=tenant_id, site_id=site_id, item_id=receipt.item_id, quantity=receipt.quantity,
            source=Place(Bucket.EXTERNAL), target=spots[receipt.location_code].place,
            cause=Cause(reason, receipt.reference), lot=receipt.lot,
        )  # fmt: skip
    change.write(uow)
    totals: Counter[tuple[str, str]] = Counter()
    for receipt in [r for r in receipts if spots[r.location_code].place.location_id]:
        totals[receipt.item_id, receipt.reference] += receipt.quantity
    for (item_id, reference), quantity in totals.items():
        uow.emit(
            StockReceived(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=quantity, reference=reference)
        )
