"""An arrival is taken in plate by plate: one scan for everything that was announced on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from inventory.arrivals.commands.receiving import receive_arrival
from inventory.arrivals.models import Arrival, ArrivalPlate
from inventory.arrivals.repository import lock_arrival
from inventory.arrivals.views import ArrivalReceiptView
from inventory.plates.commands.opening import add_to_plate, open_plate
from inventory.plates.domain import require_sscc
from inventory.plates.errors import PlateNotHere, TwoMerchants, UnknownPlate
from inventory.plates.models import Plate
from inventory.plates.repository import hold_plate, open_plate_id
from inventory.queries import items_by_id
from inventory.repository import location_ids
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class PlateLine:
    """Units on a plate as somebody scans them. See `receive_arrival` for what each field means."""

    barcode: str
    quantity: int
    lot: str = ""
    expires_on: date | None = None
    serials: Sequence[str] = field(default=())


def receive_plate(
    uow: UnitOfWork,
    *,
    arrival_id: str,
    sscc: str,
    location_code: str,
    lines: Sequence[PlateLine] = (),
    reason: str = "",
) -> str:
    """Take in a plate with what was announced on it, or with `lines`, as one: all or nothing. Return the plate's id.

    Units that come on a plate that is here already are put on it.

    Emits:
        PlateOpened; ArrivalReceived and StockReceived for each line.

    Raises:
        Invalid: the SSCC cannot be right, or no location was named.
        UnknownPlate: nothing was announced on it, and no lines say what is.
        PlateTaken, PlateNotHere, TwoMerchants: this SSCC is in use elsewhere.
        As `receive_arrival`; nothing was taken in then.
    """
    number = require_sscc(sscc)
    arrival, _ = lock_arrival(uow, arrival_id)
    wanted = list(lines) or _announced(uow, arrival, number)
    if not location_code.strip():
        raise Invalid("Say where the plate lies.", remedy="Scan the location.", pointer="/location_code")
    plate_id = _plate(uow, arrival, number, location_code.strip(), is_whole=not lines)
    for line in wanted:
        receipt = receive_arrival(
            uow, arrival_id=arrival_id, barcode=line.barcode, quantity=line.quantity, lot=line.lot,
            location_code=location_code, expires_on=line.expires_on, serials=line.serials, reason=reason,
        )  # fmt: skip
        put_receipt_on_plate(uow, plate_id=plate_id, receipt=receipt)
    return plate_id


def put_receipt_on_plate(uow: UnitOfWork, *, plate_id: str, receipt: ArrivalReceiptView) -> None:
    """Put units on a plate that were just taken in where it lies.

    Raises:
        As `load_plate`.
    """
    held = hold_plate(uow, plate_id, with_items=[receipt.item_id])
    item = items_by_id(uow, [receipt.item_id])[receipt.item_id]
    add_to_plate(uow, held, item=item, quantity=receipt.quantity, lot=receipt.lot, serials=receipt.serials)


def _plate(uow: UnitOfWork, arrival: Arrival, number: str, code: str, *, is_whole: bool) -> str:
    found = open_plate_id(uow, site_id=arrival.site_id, sscc=number)
    if found is None or is_whole:
        return open_plate(
            uow, tenant_id=arrival.tenant_id, site_id=arrival.site_id, location_code=code, sscc=number,
            arrival_id=arrival.id,
        )  # fmt: skip
    held = hold_plate(uow, found)
    if held.plate.tenant_id != arrival.tenant_id:
        raise TwoMerchants(
            f"{number} holds another merchant's goods.", remedy="Take another plate for these.", pointer="/sscc"
        )
    if held.plate.location_id is None:
        _put_down(uow, held.plate, arrival, code)
    elif held.code != code:
        raise PlateNotHere(
            f"{number} lies in {held.code}, not in {code}.", remedy="Scan where it lies.", pointer="/location_code"
        )
    return found


def _put_down(uow: UnitOfWork, plate: Plate, arrival: Arrival, code: str) -> None:
    plate.location_id = location_ids(uow, site_id=arrival.site_id, codes=[code])[code]
    plate.arrival_id = arrival.id
    uow.session.flush()


def _announced(uow: UnitOfWork, arrival: Arrival, number: str) -> list[PlateLine]:
    of_arrival = (ArrivalPlate.tenant_id == arrival.tenant_id) & (ArrivalPlate.arrival_id == arrival.id)
    rows = uow.session.scalars(
        select(ArrivalPlate).where(of_arrival, ArrivalPlate.sscc == number).order_by(ArrivalPlate.number)
    ).all()
    if not rows:
        raise UnknownPlate(
            f"This arrival announces no plate {number}.",
            remedy="Scan what is on it, with this plate as the one that it lies on.", pointer="/sscc",
        )  # fmt: skip
    items = items_by_id(uow, {row.item_id for row in rows})
    return [PlateLine(items[row.item_id].sku, row.quantity, row.lot, row.expires_on) for row in rows]
