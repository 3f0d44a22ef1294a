from collections.abc import Sequence

from sqlalchemy import select

from fulfillment.models import BatchOrder, OrderLine
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


class WrongScan(Refusal):
    """A scanned code is not the one that is needed: a hard stop that changes nothing, and is counted."""

    code = "wrong_scan"
    title = "Wrong scan"

    def __init__(self, what: str, *, scanned: str, needed: str, remedy: str = "") -> None:
        super().__init__(
            f"Scanned: {scanned}. Need: {needed}.",
            remedy=remedy or f"Scan the {what} that is shown.",
            what=what,
            scanned=scanned,
            needed=needed,
        )


def require_location(scanned: str, needed: str) -> None:
    """Stop when another location was scanned than the task names.

    Raises:
        WrongScan: it is another location.
    """
    if scanned.strip().casefold() != needed.casefold():
        raise WrongScan("location", scanned=scanned or "nothing", needed=needed)


def require_item(uow: UnitOfWork, line: OrderLine, barcode: str, lot: str = "") -> None:
    """Stop when a scanned code is not one of the line's item; a code that several items carry is fine if one fits. With
    a `lot`, one that the code carries has to be the same.

    Raises:
        WrongScan: it names another item or lot, or none.
    """
    code = barcode.strip()
    if code == line.sku:
        return
    found = inventory.resolve_barcode(uow, tenant_id=line.tenant_id, code=code)
    if any(item.id == line.item_id for item in found):
        scanned, _ = inventory.lot_in_scan(code)
        if lot and scanned not in ("", lot):
            raise WrongScan("lot", scanned=f"lot {scanned}", needed=f"lot {lot}")
        return
    needed = f"{line.name} (SKU {line.sku})" if line.name else f"SKU {line.sku}"
    raise WrongScan("item", scanned=_named(found, code), needed=needed)


def _named(found: Sequence[inventory.ItemView], code: str) -> str:
    if not found:
        return f"{code or 'nothing'}, which no item carries"
    return " or ".join(f"{item.name} (SKU {item.sku})" for item in found[:2])


def require_tote(uow: UnitOfWork, slots: Sequence[BatchOrder], tote: str, *, site_id: str) -> str:
    """Return the tote that units of an order go into: the one scanned if it is the order's, bound now if its slot has
    none yet; without a scan, the one that is bound.

    Raises:
        WrongScan: the tote is another order's, or none was scanned and none is bound.
    """
    code = tote.strip()
    bound = [slot.tote for slot in slots if slot.tote]
    if code in bound or (not code and bound):
        return code or bound[0]
    if not code or len(bound) == len(slots):
        needed = ", ".join(bound) or "a tote for this order"
        raise WrongScan("tote", scanned=code or "nothing", needed=needed)
    bind_to(uow, next(slot for slot in slots if not slot.tote), code, site_id=site_id)
    return code


def bind_to(uow: UnitOfWork, slot: BatchOrder, tote: str, *, site_id: str) -> None:
    """Put a tote into a slot; no tote holds goods of two orders.

    Raises:
        WrongScan: the tote holds another order's goods.
    """
    other = select(BatchOrder.slot).where(BatchOrder.site_id == site_id, BatchOrder.tote == tote, BatchOrder.is_open)
    if uow.session.execute(other).first():
        raise WrongScan("tote", scanned=f"{tote}, which holds another order", needed="an empty tote")
    slot.tote = tote
