from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from inventory.errors import ReceiptInUse
from inventory.queries import get_item
from inventory.repository import lock_levels
from inventory.serials.balance import units_without_serial
from inventory.serials.domain import AWAY, IN_STOCK, WITH_ORDER, check_serials, repeated
from inventory.serials.errors import SerialNotHere, SerialsComplete, SerialsDiffer, UnknownSerial
from inventory.serials.models import SerialUnit
from inventory.serials.rules import Taken, in_house, serial_units, take_in, where_is
from inventory.serials.steps import note_steps
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


class GivenSerial(NamedTuple):
    """A unit that an order gets: for which of its lines, and in which parcel."""

    item_id: str
    serial: str
    line_id: str
    parcel_id: str


def require_serials(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, pairs: Sequence[tuple[str, str]], lock: bool = False
) -> list[SerialUnit]:
    """Return the units (item id, serial) that are to be given to an order.

    Raises:
        SerialNotHere: one is not in stock at this site.
    """
    units = serial_units(uow, tenant_id=tenant_id, pairs=pairs, lock=lock)
    known = {(unit.item_id, unit.serial) for unit in units}
    for item_id, serial in pairs:
        if (item_id, serial) not in known:
            raise SerialNotHere(
                f"Nobody received a unit with serial number {serial}.",
                remedy="Take another unit, or have this one registered with its item.",
                serial=serial,
            )
    for unit in units:
        if unit.state != IN_STOCK or unit.site_id != site_id:
            raise SerialNotHere(
                f"Serial number {unit.serial} is not in stock here: it is {where_is(uow, unit)}.",
                remedy="Put it aside, and take another unit.",
                serial=unit.serial,
            )
    return units


def serials_here(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, pairs: Collection[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Return those of these units (item id, serial) that are in stock at a site."""
    units = serial_units(uow, tenant_id=tenant_id, pairs=pairs)
    return {(unit.item_id, unit.serial) for unit in units if unit.state == IN_STOCK and unit.site_id == site_id}


def give_serials(uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, given: Sequence[GivenSerial]) -> None:
    """Bind units to the order and parcel that they are packed for. Of two orders that want the same, one gets it.

    Raises:
        SerialNotHere: a unit is not in stock at this site; nothing was changed.
    """
    places = {(each.item_id, each.serial): each for each in given}
    for unit in require_serials(uow, tenant_id=tenant_id, site_id=site_id, pairs=list(places), lock=True):
        mine = places[unit.item_id, unit.serial]
        unit.state, unit.order_id, unit.line_id, unit.parcel_id = WITH_ORDER, order_id, mine.line_id, mine.parcel_id
    for parcel_id in dict.fromkeys(each.parcel_id for each in given):
        units = [(each.item_id, each.serial) for each in given if each.parcel_id == parcel_id]
        note_steps(
            uow, tenant_id=tenant_id, site_id=site_id, kind="packed", units=units, reference=order_id,
            parcel_id=parcel_id,
        )  # fmt: skip


def free_serials(uow: UnitOfWork, *, tenant_id: str, units: Sequence[tuple[str, str]]) -> None:
    """Take units (item id, serial) out of a parcel that is opened again: they can be packed anew, for whomever."""
    _change(uow, tenant_id, units, kind="unpacked", state=IN_STOCK)


def ship_serials(uow: UnitOfWork, *, tenant_id: str, units: Sequence[tuple[str, str]]) -> None:
    """Note that packed units left the house; they stay with their order."""
    _change(uow, tenant_id, units, kind="shipped", state=WITH_ORDER, left_at=uow.now)


def restock_serials(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, serials: Sequence[str], reference: str,
    location_code: str, lot: str = "",
) -> None:  # fmt: skip
    """Put units that came back into stock, also such as nobody knew: what lies there can be sold again.

    Raises:
        SerialInHouse: a unit with this number is in the house already.
    """
    pairs = [(item_id, serial) for serial in serials]
    for unit in serial_units(uow, tenant_id=tenant_id, pairs=pairs, lock=True):
        if unit.state == IN_STOCK or (unit.state == WITH_ORDER and unit.left_at is None):
            raise in_house(unit.serial, where_is(uow, unit))
        unit.state, unit.order_id, unit.line_id, unit.parcel_id, unit.left_at = AWAY, "", "", "", None
    taken = [Taken(item_id, serial, location_code, lot) for serial in serials]
    take_in(uow, tenant_id=tenant_id, site_id=site_id, taken=taken)
    note_steps(uow, tenant_id=tenant_id, site_id=site_id, kind="restocked", units=pairs, reference=reference)


def discard_serials(uow: UnitOfWork, *, tenant_id: str, item_id: str, serials: Sequence[str], reference: str) -> None:
    """Note that units which came back are not sold again. Such as are in the house, or unknown, stay as they are: what
    came back then was another unit.
    """
    pairs = [(item_id, serial) for serial in serials]
    found = serial_units(uow, tenant_id=tenant_id, pairs=pairs, lock=True)
    gone = [(u.item_id, u.serial) for u in found if u.state == WITH_ORDER and u.left_at is not None]
    _change(uow, tenant_id, gone, kind="discarded", state=AWAY, reference=reference)


def register_serials(uow: UnitOfWork, *, item_id: str, site_id: str, serials: Sequence[str]) -> None:
    """Give serial numbers to units that lie in the house without a known one: from before their item was tracked, or
    found since.

    Raises:
        Invalid, SerialsDiffer: a text cannot be a serial number, or comes twice; or the item is not tracked by them.
        SerialsComplete: fewer units are without a serial number.
        SerialInHouse: a unit has the number already.
    """
    check_serials(serials)
    item = get_item(uow, item_id)
    if not item.serial_tracked:
        raise Invalid(f"SKU {item.sku} is not tracked by serial number.", remedy="Switch that on first.")
    if twice := repeated(serials):
        raise SerialsDiffer(f"Serial number {twice[0]} comes twice.", remedy="Scan each unit once.", serials=twice)
    lock_levels(uow, [(item.tenant_id, item_id, site_id)])
    without = max(0, units_without_serial(uow, tenant_id=item.tenant_id, item_id=item_id).get(site_id, 0))
    if len(serials) > without:
        raise SerialsComplete(
            f"{without} unit(s) of SKU {item.sku} lie here without a known serial number, not {len(serials)}.",
            remedy="Count the units first, or take new ones in as a delivery.",
            pointer="/serials",
            units=without,
        )
    pairs = [(item_id, serial) for serial in serials]
    for unit in serial_units(uow, tenant_id=item.tenant_id, pairs=pairs, lock=True):
        if unit.state != AWAY:
            raise in_house(unit.serial, where_is(uow, unit))
    taken = [Taken(item_id, serial, "", "") for serial in serials]
    take_in(uow, tenant_id=item.tenant_id, site_id=site_id, taken=taken)
    note_steps(uow, tenant_id=item.tenant_id, site_id=site_id, kind="registered", units=pairs)
    uow.audit("serials.registered", subject=item_id, tenant_id=item.tenant_id, units=len(serials))


def write_off_serial(uow: UnitOfWork, *, item_id: str, serial: str, reason: str) -> None:
    """Note that a unit in stock is gone: lost, broken, stolen. How many units lie where is said by a count, not here.

    Raises:
        UnknownSerial: the item has no such serial number.
        SerialNotHere: it is not in stock.
        Invalid: there is no reason.
    """
    words = reason.strip()
    if not words:
        raise Invalid("Say why it is gone.", pointer="/reason")
    item = get_item(uow, item_id)
    found = serial_units(uow, tenant_id=item.tenant_id, pairs=[(item_id, serial)], lock=True)
    if not found:
        raise UnknownSerial("The item has no such serial number.", remedy="Read the print again.", pointer="/serial")
    if found[0].state != IN_STOCK:
        raise SerialNotHere(
            f"Serial number {serial} is {where_is(uow, found[0])}.",
            remedy="Only a unit in stock is written off.",
            pointer="/serial",
            serial=serial,
        )
    _change(uow, item.tenant_id, [(item_id, serial)], kind="written_off", state=AWAY, note=words)
    uow.audit("serial.written_off", subject=item_id, tenant_id=item.tenant_id, serial=serial, reason=words)


def undo_serials(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, serials: Sequence[str], reference: str
) -> None:
    """Take back the serial numbers of a receipt that was a mistake.

    Raises:
        ReceiptInUse: an order got one of the units meanwhile.
    """
    pairs = [(item_id, serial) for serial in serials]
    units = serial_units(uow, tenant_id=tenant_id, pairs=pairs, lock=True)
    used = [u.serial for u in units if u.state != IN_STOCK or u.site_id != site_id]
    if used:
        raise ReceiptInUse(
            f"Serial number {used[0]} is no longer in stock.",
            remedy="Count the bin instead: the orders that lose units are told.",
        )
    _change(uow, tenant_id, pairs, kind="undone", state=AWAY, reference=reference)


def _change(
    uow: UnitOfWork, tenant_id: str, pairs: Sequence[tuple[str, str]], *, kind: str, state: str,
    left_at: datetime | None = None, reference: str = "", note: str = "",
) -> None:  # fmt: skip
    for unit in serial_units(uow, tenant_id=tenant_id, pairs=pairs, lock=True):
        note_steps(
            uow, tenant_id=tenant_id, site_id=unit.site_id, kind=kind, units=[(unit.item_id, unit.serial)],
            reference=reference or unit.order_id, parcel_id=unit.parcel_id, note=note,
        )  # fmt: skip
        unit.state, unit.left_at = state, left_at
        if state != WITH_ORDER:
            unit.order_id = unit.line_id = unit.parcel_id = ""
    uow.session.flush()
