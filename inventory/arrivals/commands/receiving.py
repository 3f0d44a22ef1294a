from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from inventory.arrivals.domain import ARRIVAL_STATES, STOCKED, Condition
from inventory.arrivals.errors import NotAnnounced, WrongLocation
from inventory.arrivals.events import ArrivalReceiptUndone, ArrivalReceived
from inventory.arrivals.models import Arrival, ArrivalLine, ArrivalReceipt
from inventory.arrivals.queries import arrival_receipts
from inventory.arrivals.repository import lock_arrival
from inventory.arrivals.views import ArrivalReceiptView
from inventory.commands.receiving import receive_many
from inventory.domain.barcodes import lot_in_scan, serial_in_scan, units_in_scan
from inventory.domain.buckets import Bucket
from inventory.domain.checks import check_quantity
from inventory.domain.values import Receipt
from inventory.errors import AmbiguousBarcode, ReceiptInUse, UnknownBarcode
from inventory.events import StockAdjusted
from inventory.ledger import Cause, Place, StockChange
from inventory.models import Location
from inventory.queries import resolve_barcode
from inventory.repository import bins_of, bucket_quantities, location_ids, lock_levels
from inventory.serials.commands import undo_serials
from inventory.views import ItemView
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.ids import new_id

RECEIVED, UNDONE = "arrival", "arrival_undone"
"""The reasons that the ledger keeps for units of an arrival; nobody else can move units for these."""
_MAX_REASON = 200


def receive_arrival(
    uow: UnitOfWork, *, arrival_id: str, barcode: str, quantity: int, condition: Condition = Condition.GOOD,
    location_code: str = "", reason: str = "", lot: str = "", expires_on: date | None = None,
    serials: Sequence[str] = (),
) -> ArrivalReceiptView:  # fmt: skip
    """Take in units of an arrival: good ones into a bin, from where they can be sold at once; damaged ones aside.

    `barcode` is a GTIN, a GS1 element string or a SKU; with that of a case, `quantity` counts cases. `location_code`
    counts for good units only. An item that was
    not announced is taken in with a `reason`. Of an item that is tracked by lot, good units need their `lot`, by entry
    or in the element string; of one that is tracked by serial number, one of `serials` each. Receivers of one arrival
    wait for each other.

    Emits:
        ArrivalReceived, and StockReceived for good units.

    Raises:
        UnknownArrival, IllegalTransition: the arrival is not open.
        UnknownBarcode, AmbiguousBarcode, NotAnnounced: it is not clear what came.
        UnknownLocation, WrongLocation: the units cannot lie there.
        LotRequired, LotExpired, LotMismatch: the units cannot be sold like this.
        SerialsDiffer, SerialInHouse, SerialShipped: not each has a serial number that is new.
        Forbidden: the arrival belongs to another site than the actor.
        Invalid: a value cannot be right.
    """
    check_quantity(quantity)
    if len(reason) > _MAX_REASON or not reason.isprintable():
        raise Invalid(f"Write at most {_MAX_REASON} printable characters.", pointer="/reason")
    arrival, lines = lock_arrival(uow, arrival_id)
    _require_own_site(uow, arrival)
    arrival.state = ARRIVAL_STATES.after(arrival.state, "receive")
    item = _resolve(uow, arrival, lines, barcode)
    line = next((each for each in lines if each.item_id == item.id), None)
    if line is None:
        line = _extra_line(uow, arrival, lines, item, reason.strip())
    quantity *= units_in_scan(barcode, item.packs)
    check_quantity(quantity)
    if item.lot_tracked:
        printed = lot_in_scan(barcode.strip())
        lot, expires_on = lot.strip() or printed[0], expires_on or printed[1]
    if item.serial_tracked and not serials:
        printed_serial = serial_in_scan(barcode.strip())
        serials = (printed_serial,) if printed_serial else ()
    receipt = Receipt(item.id, location_code.strip(), quantity, arrival.id, lot, expires_on, tuple(serials))
    if condition is Condition.GOOD:
        _stock(uow, arrival, receipt)
        line.received += quantity
    else:
        receipt = replace(receipt, location_code="", lot="", serials=())
        _set_aside(uow, arrival, item.id, quantity)
        line.damaged += quantity
    return _note(uow, arrival, line, receipt, condition)


def undo_receipt(uow: UnitOfWork, *, arrival_id: str, receipt_id: str) -> ArrivalReceiptView:
    """Take back a receipt that was a mistake, as long as its units still lie where they were put and nobody was
    promised them. Undoing it again changes nothing.

    Emits:
        ArrivalReceiptUndone, and StockAdjusted for good units.

    Raises:
        UnknownArrival, NotFound, IllegalTransition: there is nothing to undo.
        ReceiptInUse: the units are promised, picked or moved.
    """
    arrival, lines = lock_arrival(uow, arrival_id)
    _require_own_site(uow, arrival)
    receipt = uow.session.scalar(
        select(ArrivalReceipt).where(
            ArrivalReceipt.tenant_id == arrival.tenant_id,
            ArrivalReceipt.arrival_id == arrival_id,
            ArrivalReceipt.id == receipt_id,
        ),
        execution_options={"populate_existing": True},
    )
    if receipt is None:
        raise NotFound("This arrival has no such receipt.", remedy="Look at its page again.")
    if receipt.undone_at is None:
        line = next(each for each in lines if each.number == receipt.number)
        arrival.state = ARRIVAL_STATES.after(arrival.state, "receive")
        _take_back(uow, arrival, line, receipt)
        if not any(each.received or each.damaged for each in lines):
            arrival.state = ARRIVAL_STATES.after(arrival.state, "empty")
    return arrival_receipts(uow, tenant_id=arrival.tenant_id, arrival_id=arrival_id, ids=[receipt_id])[0]


def _require_own_site(uow: UnitOfWork, arrival: Arrival) -> None:
    if uow.actor.site and uow.actor.site != arrival.site_id:
        raise Forbidden("This arrival is expected at another site.", remedy="Ask who works there.")


def _resolve(uow: UnitOfWork, arrival: Arrival, lines: Sequence[ArrivalLine], barcode: str) -> ItemView:
    """Return the item that was scanned; of several with one barcode, the only one that was announced."""
    found = resolve_barcode(uow, code=barcode, tenant_id=arrival.tenant_id)
    if not found:
        raise UnknownBarcode(
            f"No item of this merchant has the barcode or SKU {barcode.strip()[:100]}.",
            remedy="Scan it again, or add the barcode to its item.",
            pointer="/barcode",
        )
    expected = {line.item_id for line in lines}
    likely = [item for item in found if item.id in expected] if len(found) > 1 else found
    if len(likely) != 1:
        skus = [item.sku for item in likely or found]
        raise AmbiguousBarcode(
            f"It can be {' or '.join(skus[:5])}.", remedy="Enter the SKU instead.", pointer="/barcode", skus=skus[:100]
        )
    return likely[0]


def _extra_line(
    uow: UnitOfWork, arrival: Arrival, lines: list[ArrivalLine], item: ItemView, reason: str
) -> ArrivalLine:
    if not reason:
        raise NotAnnounced(
            f"{item.name} (SKU {item.sku}) is not on this arrival.",
            remedy="Say why it is taken in all the same, or put it aside.",
            pointer="/reason",
            sku=item.sku,
        )
    line = ArrivalLine(
        tenant_id=arrival.tenant_id, arrival_id=arrival.id, number=max(each.number for each in lines) + 1,
        item_id=item.id, expected=0, received=0, damaged=0, reason=reason, outcome="",
    )  # fmt: skip
    uow.session.add(line)
    return line


def _stock(uow: UnitOfWork, arrival: Arrival, receipt: Receipt) -> None:
    code = receipt.location_code
    if not code:
        raise Invalid("Say where the units lie.", remedy="Scan the bin.", pointer="/location_code")
    place = location_ids(uow, site_id=arrival.site_id, codes=[code])[code]
    kind = uow.session.execute(select(Location.kind).where(Location.id == place)).scalar_one()
    if kind not in STOCKED:
        raise WrongLocation(
            f"{code} is a {kind} location.",
            remedy="Choose a pick, bulk or dock location.",
            pointer="/location_code",
            kind=kind,
        )
    receive_many(uow, tenant_id=arrival.tenant_id, site_id=arrival.site_id, receipts=[receipt], reason=RECEIVED)


def _set_aside(uow: UnitOfWork, arrival: Arrival, item_id: str, quantity: int) -> None:
    lock_levels(uow, [(arrival.tenant_id, item_id, arrival.site_id)])
    change = StockChange()
    change.move(
        tenant_id=arrival.tenant_id, site_id=arrival.site_id, item_id=item_id, quantity=quantity,
        source=Place(Bucket.EXTERNAL), target=Place(Bucket.DAMAGED), cause=Cause(RECEIVED, arrival.id),
    )  # fmt: skip
    change.write(uow)


def _note(
    uow: UnitOfWork, arrival: Arrival, line: ArrivalLine, receipt: Receipt, condition: Condition
) -> ArrivalReceiptView:
    uow.session.flush()  # The receipt refers to its line, which may be a new one.
    receipt_id = new_id("rcp")
    uow.session.add(
        ArrivalReceipt(
            tenant_id=arrival.tenant_id, id=receipt_id, arrival_id=arrival.id, number=line.number,
            quantity=receipt.quantity, condition=condition.value, location_code=receipt.location_code, lot=receipt.lot,
            serials=list(receipt.serials), received_at=uow.now, received_by=uow.actor.id,
        )
    )  # fmt: skip
    uow.emit(ArrivalReceived(
        tenant_id=arrival.tenant_id, arrival_id=arrival.id, external_id=arrival.external_id, site_id=arrival.site_id,
        item_id=line.item_id, quantity=receipt.quantity, condition=condition.value, announced=line.expected > 0,
    ))  # fmt: skip
    return arrival_receipts(uow, tenant_id=arrival.tenant_id, arrival_id=arrival.id, ids=[receipt_id])[0]


def _take_back(uow: UnitOfWork, arrival: Arrival, line: ArrivalLine, receipt: ArrivalReceipt) -> None:
    is_good = receipt.condition == Condition.GOOD
    source = _place_of(uow, arrival, line, receipt) if is_good else _damaged(uow, arrival, line, receipt)
    change = StockChange()
    change.move(
        tenant_id=arrival.tenant_id, site_id=arrival.site_id, item_id=line.item_id, quantity=receipt.quantity,
        source=source, target=Place(Bucket.EXTERNAL), cause=Cause(UNDONE, arrival.id), lot=receipt.lot,
    )  # fmt: skip
    if receipt.serials:
        undo_serials(
            uow, tenant_id=arrival.tenant_id, site_id=arrival.site_id, item_id=line.item_id, serials=receipt.serials,
            reference=arrival.id,
        )  # fmt: skip
    line.received -= receipt.quantity if is_good else 0
    line.damaged -= 0 if is_good else receipt.quantity
    receipt.undone_at = uow.now
    change.write(uow)
    uow.emit(ArrivalReceiptUndone(
        tenant_id=arrival.tenant_id, arrival_id=arrival.id, external_id=arrival.external_id, site_id=arrival.site_id,
        item_id=line.item_id, quantity=receipt.quantity, condition=receipt.condition,
    ))  # fmt: skip
    if is_good:
        uow.emit(StockAdjusted(
            tenant_id=arrival.tenant_id, item_id=line.item_id, site_id=arrival.site_id, quantity=-receipt.quantity,
            reason=UNDONE,
        ))  # fmt: skip
    uow.audit("arrival.receipt_undone", subject=receipt.id, tenant_id=arrival.tenant_id, quantity=receipt.quantity)


def _place_of(uow: UnitOfWork, arrival: Arrival, line: ArrivalLine, receipt: ArrivalReceipt) -> Place:
    key = (arrival.tenant_id, line.item_id, arrival.site_id)
    level = lock_levels(uow, [key])[key]
    held = bins_of(uow, site_id=arrival.site_id, items=[key[:2]])[key[:2]]
    of_receipt = (receipt.location_code, receipt.lot)
    here = next((each for each in held if (each.location_code, each.lot) == of_receipt), None)
    if here is None or min(level.free, here.quantity - here.allocated) < receipt.quantity:
        raise _in_use(receipt)
    return Place(Bucket.AVAILABLE, here.location_id)


def _damaged(uow: UnitOfWork, arrival: Arrival, line: ArrivalLine, receipt: ArrivalReceipt) -> Place:
    lock_levels(uow, [(arrival.tenant_id, line.item_id, arrival.site_id)])
    bucket = Bucket.DAMAGED.value
    held = bucket_quantities(uow, [(arrival.tenant_id, line.item_id, arrival.site_id, bucket)])
    if held.get((line.item_id, bucket), 0) < receipt.quantity:
        raise _in_use(receipt)
    return Place(Bucket.DAMAGED)


def _in_use(receipt: ArrivalReceipt) -> ReceiptInUse:
    where = f" in {receipt.location_code}" if receipt.location_code else ""
    return ReceiptInUse(
        f"Fewer than {receipt.quantity} units of it are free{where}.",
        remedy="Count the bin instead: the orders that lose units are told.",
    )
