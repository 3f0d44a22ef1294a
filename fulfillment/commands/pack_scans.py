"""What a scan at the packing bench stands for: an item, or one unit of it by its serial number."""

from collections.abc import Sequence

from fulfillment.commands.scans import WrongScan, require_item
from fulfillment.models import OrderLine, PackSession
from fulfillment.repository import OrderInHand
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

_ANOTHER = "Put it aside, and scan another unit."


def track(uow: UnitOfWork, order: OrderInHand, session: PackSession) -> None:
    """Note in a packer's session which lines are scanned by serial number. What was scanned of a line is scanned anew
    if its item was not tracked then, if fewer of its units are wanted by now (nobody knows which went back), or if one
    of its units is not here any more.
    """
    picked = [line for line in order.lines if line.picked]
    tracked = inventory.serial_tracked(uow, [line.item_id for line in picked])
    before = session.serials
    wanted = {(line.item_id, serial) for line in picked for serial in before.get(line.id, ())}
    row = order.row
    here = inventory.serials_here(uow, tenant_id=row.tenant_id, site_id=row.site_id, pairs=wanted) if wanted else set()
    known = {
        line.id: before[line.id]
        for line in picked
        if line.id in before and len(before[line.id]) <= line.picked
        if here.issuperset((line.item_id, serial) for serial in before[line.id])
    }
    session.serials = {line.id: known.get(line.id, []) for line in picked if line.item_id in tracked}
    if fresh := session.serials.keys() - known.keys():
        session.scanned = {line_id: units for line_id, units in session.scanned.items() if line_id not in fresh}


def find_units(
    uow: UnitOfWork, order: OrderInHand, session: PackSession, code: str, quantity: int
) -> tuple[list[OrderLine], str]:
    """Return the lines that a scan can count for, and the serial number of its unit, "" where units have none.

    Raises:
        WrongScan: no line has this item; or not one new serial number was scanned of an item whose units have them.
        SerialNotHere: a unit with this serial number is not in stock here.
    """
    picked = [line for line in order.lines if line.picked]
    lines = _of_item(uow, order, picked, code)
    if lines and not any(line.id in session.serials for line in lines):
        return lines, ""
    tracked = [line for line in picked if line.id in session.serials]
    if not lines:
        serial, lines = code, _with_serial(uow, tracked, code)
        if not lines:
            _require_known(uow, picked, tracked, code)
    else:
        serial = inventory.serial_in_scan(code)
    _require_new(lines, session, serial, code)
    if quantity != 1:
        raise Invalid("Units with serial numbers are scanned one by one.", pointer="/quantity")
    row = order.row
    pairs = [(lines[0].item_id, serial)]
    inventory.require_serials(uow, tenant_id=row.tenant_id, site_id=row.site_id, pairs=pairs)
    return lines, serial


def _of_item(uow: UnitOfWork, order: OrderInHand, picked: Sequence[OrderLine], code: str) -> list[OrderLine]:
    same = [line for line in picked if line.sku == code]
    if same:
        return same
    found = {item.id for item in inventory.resolve_barcode(uow, tenant_id=order.row.tenant_id, code=code)}
    return [line for line in picked if line.item_id in found]


def _with_serial(uow: UnitOfWork, tracked: Sequence[OrderLine], serial: str) -> list[OrderLine]:
    """Return the lines of the item that has a unit with this serial number.

    Raises:
        WrongScan: several items of the order have one.
    """
    if not tracked or not inventory.is_serial(serial):
        return []
    items = {line.item_id for line in tracked}
    found = inventory.items_with_serial(uow, tenant_id=tracked[0].tenant_id, item_ids=sorted(items), serial=serial)
    if len(found) > 1:
        needed = "the code that carries item and serial number"
        raise WrongScan(
            "serial number", scanned=f"{serial}, which several items have", needed=needed, remedy="Scan that code."
        )
    return [line for line in tracked if line.item_id in found]


def _require_known(uow: UnitOfWork, picked: Sequence[OrderLine], tracked: Sequence[OrderLine], code: str) -> None:
    """Say what a code is that no line of the order has: another item, a unit of one, or nothing that is known."""
    is_item = inventory.gtin_in(code) or inventory.resolve_barcode(uow, tenant_id=picked[0].tenant_id, code=code)
    if not tracked or is_item or not inventory.is_serial(code):
        require_item(uow, picked[0], code)
    others = inventory.find_serials(uow, serial=code).items
    scanned = f"serial number {code} of {others[0].name} (SKU {others[0].sku})" if others else f"{code}, unknown here"
    raise WrongScan("serial number", scanned=scanned, needed=_needed(tracked[0]), remedy=_ANOTHER)


def _require_new(lines: Sequence[OrderLine], session: PackSession, serial: str, code: str) -> None:
    line = lines[0]
    if not serial:
        raise WrongScan(
            "serial number",
            scanned=f"{code}, which carries no serial number",
            needed=_needed(line),
            remedy="Scan the code that has it.",
        )
    if any(serial in session.serials.get(same.id, ()) for same in lines):
        raise WrongScan(
            "serial number", scanned=f"{serial} again", needed=f"another {line.name or line.sku}", remedy=_ANOTHER
        )


def _needed(line: OrderLine) -> str:
    return f"a serial number of {line.name or line.sku} (SKU {line.sku})"
