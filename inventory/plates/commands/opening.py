"""Plates come into use: ours get an SSCC, others bring theirs; units that lie loose are put on them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from inventory.domain.barcodes import lot_in_scan, serial_in_scan, units_in_scan
from inventory.domain.checks import check_quantity
from inventory.errors import UnknownBarcode
from inventory.lot_rules import lot_in
from inventory.plates.domain import own_sscc, require_sscc
from inventory.plates.errors import NotEnoughLoose, PlateNotHere, PlateTaken, TwoMerchants
from inventory.plates.events import PlateOpened
from inventory.plates.models import Plate, PlateContent, PlateSerial
from inventory.plates.repository import Held, hold_plate, loose_units, lying_serials
from inventory.queries import resolve_barcode
from inventory.repository import bins_of, location_ids
from inventory.views import ItemView
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.ids import new_id

_NEXT = text("select nextval('plate_serial_reference')")


def open_plate(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, location_code: str = "", sscc: str = "", arrival_id: str = ""
) -> str:
    """Take a plate into use and return its id: with the SSCC that its sender gave it, or one of ours. Without a
    location it is only a label until somebody puts it down.

    Emits:
        PlateOpened.

    Raises:
        Invalid, UnknownLocation: the SSCC or the location cannot be right.
        PlateTaken: another plate in use has this SSCC.
    """
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code] if location_code else None
    number = require_sscc(sscc) if sscc else _own(uow, site_id)
    values = {
        "tenant_id": tenant_id, "id": new_id("plt"), "site_id": site_id, "sscc": number, "own": not sscc,
        "location_id": place, "arrival_id": arrival_id, "state": "open", "created_at": uow.now,
        "created_by": uow.actor.id,
    }  # fmt: skip
    taken = insert(Plate).values(values).on_conflict_do_nothing().returning(Plate.id)
    plate_id = uow.session.scalar(taken)
    if plate_id is None:
        raise PlateTaken(f"{number} is on another plate.", remedy="Scan it at the list of plates.", pointer="/sscc")
    uow.emit(PlateOpened(
        tenant_id=tenant_id, plate_id=plate_id, site_id=site_id, sscc=number, location_code=location_code, units=0
    ))  # fmt: skip
    uow.audit("plate.opened", subject=plate_id, tenant_id=tenant_id, sscc=number, location=location_code)
    return plate_id


def load_plate(
    uow: UnitOfWork, *, plate_id: str, barcode: str, quantity: int, lot: str | None = None, serials: Sequence[str] = ()
) -> None:
    """Put units on a plate that lie loose beside it; the stock stays as it is.

    Raises:
        UnknownPlate, PlateEnded, PlateNotHere: there is no plate to put them on.
        UnknownBarcode, TwoMerchants: it is not clear what, or it is another merchant's.
        NotEnoughLoose, LotRequired: so many units of it do not lie loose there.
        Invalid: a value cannot be right.
    """
    check_quantity(quantity)
    held = hold_plate(uow, plate_id)
    item = _item(uow, held.plate, barcode)
    quantity *= units_in_scan(barcode, item.packs)
    held = hold_plate(uow, plate_id, with_items=[item.id])
    if held.plate.location_id is None:
        raise PlateNotHere("The plate lies nowhere yet.", remedy="Put it down first: scan the plate and the location.")
    printed = serial_in_scan(barcode.strip())
    add_to_plate(
        uow, held, item=item, quantity=quantity, lot=lot or lot_in_scan(barcode.strip())[0] or None,
        serials=serials or ((printed,) if printed and item.serial_tracked else ()),
    )  # fmt: skip


def add_to_plate(
    uow: UnitOfWork, held: Held, *, item: ItemView, quantity: int, lot: str | None, serials: Sequence[str] = ()
) -> None:
    """Put loose units on a plate whose level is locked. See `load_plate`."""
    plate = held.plate
    assert plate.location_id, "the plate lies somewhere"
    level = (plate.tenant_id, item.id, plate.site_id)
    bins = bins_of(uow, site_id=plate.site_id, items=[level[:2]])[level[:2]]
    meant = lot_in(bins, plate.location_id, lot)
    lying = sum(each.quantity for each in bins if each.key == (plate.location_id, meant))
    loose = loose_units(uow, level, location_id=plate.location_id, lot=meant, held=lying)
    if quantity > loose:
        raise NotEnoughLoose(
            f"{loose} units of SKU {item.sku} lie loose in {held.code}, not {quantity}.",
            remedy="Put fewer on it, or count the location.", pointer="/quantity", loose=loose,
        )  # fmt: skip
    if item.serial_tracked:
        _add_serials(uow, held, item, quantity, serials)
    row = {"tenant_id": plate.tenant_id, "plate_id": plate.id, "item_id": item.id, "lot": meant, "quantity": quantity}
    added = insert(PlateContent).values(row)
    key = ["tenant_id", "plate_id", "item_id", "lot"]
    more = {"quantity": PlateContent.quantity + added.excluded.quantity}
    uow.session.execute(added.on_conflict_do_update(index_elements=key, set_=more))


def _add_serials(uow: UnitOfWork, held: Held, item: ItemView, quantity: int, serials: Iterable[str]) -> None:
    named = list(dict.fromkeys(serials))
    known = lying_serials(uow, held.plate, item_id=item.id, serials=named)
    if len(named) != quantity or set(named) - known:
        raise Invalid(
            f"SKU {item.sku} has serial numbers: each of the {quantity} units on a plate needs one that is here.",
            remedy="Scan the serial number of each unit.",
            pointer="/serials",
        )
    rows = [
        {"tenant_id": item.tenant_id, "item_id": item.id, "serial": serial, "plate_id": held.plate.id}
        for serial in sorted(named)
    ]
    added = insert(PlateSerial).values(rows)
    moved = {"plate_id": added.excluded.plate_id}
    uow.session.execute(added.on_conflict_do_update(index_elements=["tenant_id", "item_id", "serial"], set_=moved))


def _item(uow: UnitOfWork, plate: Plate, barcode: str) -> ItemView:
    found = resolve_barcode(uow, code=barcode, tenant_id=plate.tenant_id)
    if len(found) == 1:
        return found[0]
    if not found and resolve_barcode(uow, code=barcode, site_id=plate.site_id):
        raise TwoMerchants(
            "This is another merchant's: the plate holds one merchant's goods.", remedy="Take another plate for it.",
            pointer="/barcode",
        )  # fmt: skip
    words = f"{barcode.strip()[:100]} can be {' or '.join(item.sku for item in found[:5])}." if found else (
        f"No item of this merchant has the barcode or SKU {barcode.strip()[:100]}."
    )  # fmt: skip
    raise UnknownBarcode(words, remedy="Scan it again, or enter the SKU.", pointer="/barcode")


def _own(uow: UnitOfWork, site_id: str) -> str:
    return own_sscc(get_site(uow, site_id).company_prefix, uow.session.execute(_NEXT).scalar_one())
