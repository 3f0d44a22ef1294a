from collections.abc import Mapping, Sequence

from inventory.api import Bucket, discard_return, get_item, is_serial, restock_return, serials_of_order
from inventory.api import receive_return as put_on_returns_bench
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, Refusal
from kernel.ids import new_id
from returns.domain.policy import RETURN_STATES, USUAL_DISPOSITION, Disposition, Grade, refund_for
from returns.events import RefundInstructed, ReturnClosed, ReturnReceived, UnitsGraded
from returns.models import Inspection, ReturnLine, ReturnRequest
from returns.queries import ReturnView, get_return
from returns.repository import load_lines, lock_return

_BUCKETS = {
    Disposition.REFURBISH: Bucket.QUARANTINE,
    Disposition.LIQUIDATE: Bucket.QUARANTINE,
    Disposition.RETURN_TO_VENDOR: Bucket.EXTERNAL,
    Disposition.DONATE: Bucket.EXTERNAL,
    Disposition.DESTROY: Bucket.DAMAGED,
}


class SerialSwap(Refusal):
    """Another unit came back than the order got, or one that nobody can prove to be it."""

    code = "serial_swap"
    title = "This is another unit"


def receive_return(uow: UnitOfWork, *, return_id: str, quantities: Mapping[str, int]) -> ReturnView:
    """Book what came back: `{order line: units}`. Emits ReturnReceived.

    Raises:
        Invalid: a line is not of this return, or more units arrived than were announced.
    """
    header = lock_return(uow, return_id)
    lines = load_lines(uow, return_id)
    _require_announced(lines, quantities)
    header.state = RETURN_STATES.after(header.state, "receive")
    header.received_at = uow.now
    header.version += 1
    for line_id, quantity in sorted(quantities.items()):
        lines[line_id].received += quantity
        put_on_returns_bench(
            uow, tenant_id=header.tenant_id, site_id=header.site_id, item_id=lines[line_id].item_id, quantity=quantity,
            reference=return_id,
        )  # fmt: skip
    booked = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in sorted(quantities.items())]
    uow.emit(ReturnReceived(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=return_id,
        lines=booked,
    ))  # fmt: skip
    uow.session.flush()
    return get_return(uow, return_id)


def _require_announced(lines: dict[str, ReturnLine], quantities: Mapping[str, int]) -> None:
    faults = []
    for line_id, quantity in quantities.items():
        line = lines.get(line_id)
        if line is None:
            faults.append(FieldError(f"/quantities/{line_id}", "unknown_line", "This return has no such line."))
        elif not 0 < quantity <= line.announced - line.received:
            left = line.announced - line.received
            faults.append(FieldError(f"/quantities/{line_id}", "not_announced", f"{left} more were announced."))
    if faults or not quantities:
        raise Invalid(
            "This is not what was announced.", remedy="Count again; set extra pieces aside.", errors=tuple(faults)
        )


def grade_units(
    uow: UnitOfWork, *, return_id: str, line_id: str, quantity: int, grade: Grade,
    disposition: Disposition | None = None, note: str = "", serials: Sequence[str] = (), accept_swap: bool = False,
) -> ReturnView:  # fmt: skip
    """Grade received units and send them on: only grade A may be restocked. The last unit closes the return and
    instructs the refund. Emits UnitsGraded, then RefundInstructed and ReturnClosed.

    Of items that are tracked by serial number, `serials` name the units. Others than the order got, or none, are told
    as a swap; with `accept_swap` the inspection notes that, and goes on. What is restocked is in stock again by its
    number, whoever had it before.

    Raises:
        Invalid: more units than were received, a disposition that the grade does not allow, or serial numbers that
            cannot be right.
        SerialSwap: the order got other units.
        SerialInHouse: a unit with this serial number is in the house: it cannot be restocked.
    """
    header = lock_return(uow, return_id)
    lines = load_lines(uow, return_id)
    line = lines.get(line_id)
    if line is None or not 0 < quantity <= line.received - line.graded:
        waiting = line.received - line.graded if line else 0
        raise Invalid(f"{waiting} pieces of this line wait for grading.", pointer="/quantity")
    way = disposition or USUAL_DISPOSITION[grade]
    if way is Disposition.RESTOCK and grade is not Grade.A:
        raise Invalid("Only grade A goes back on sale.", remedy="Choose another disposition.", pointer="/disposition")
    is_swap = _compare(uow, header, line, quantity=quantity, serials=serials, way=way)
    if is_swap and not accept_swap:
        raise _swap(uow, header, line, serials)
    line.graded += quantity
    header.version += 1
    refund = refund_for(unit_price_minor=line.unit_price_minor, quantity=quantity, grade=grade, reason=line.reason)
    header.refund_minor += refund
    _inspected(
        uow, header, line, quantity=quantity, grade=grade, way=way, refund=refund, note=note, serials=serials,
        is_swap=is_swap,
    )  # fmt: skip
    _send_on(uow, header, line.item_id, quantity, way, serials=serials)
    if all(entry.graded == entry.received == entry.announced for entry in lines.values()):
        _close(uow, header)
    uow.session.flush()
    return get_return(uow, return_id)


def close_return(uow: UnitOfWork, *, return_id: str) -> ReturnView:
    """Close a return of which not everything came back: what was graded is refunded.

    Raises:
        Invalid: received units are not graded yet.
    """
    header = lock_return(uow, return_id)
    if any(line.graded < line.received for line in load_lines(uow, return_id).values()):
        raise Invalid("Some received pieces are not graded yet.", remedy="Grade them first.")
    _close(uow, header)
    uow.session.flush()
    return get_return(uow, return_id)


def _compare(
    uow: UnitOfWork, header: ReturnRequest, line: ReturnLine, *, quantity: int, serials: Sequence[str], way: Disposition
) -> bool:
    """Say whether other units came back than the order got; of an order that is older than the tracking of its item
    nobody knows. Source: E87 of domain.md.
    """
    if not get_item(uow, line.item_id).serial_tracked:
        if serials:
            raise Invalid("This item is not tracked by serial number.", remedy="Leave it out.", pointer="/serials")
        return False
    wrong = [serial for serial in serials if not is_serial(serial)]
    complete = len(set(serials)) == len(serials) == quantity
    if wrong or (serials and not complete) or (way is Disposition.RESTOCK and not complete):
        raise Invalid(
            f"{quantity} unit(s) have {quantity} serial number(s).", remedy="Scan the number of each.",
            pointer="/serials",
        )  # fmt: skip
    got = _got(uow, header, line)
    return bool(got) and not (serials and got.issuperset(serials))


def _got(uow: UnitOfWork, header: ReturnRequest, line: ReturnLine) -> set[str]:
    units = serials_of_order(uow, tenant_id=header.tenant_id, order_id=header.order_id)
    return {unit.serial for unit in units if unit.line_id == line.line_id and unit.left_at is not None}


def _swap(uow: UnitOfWork, header: ReturnRequest, line: ReturnLine, serials: Sequence[str]) -> SerialSwap:
    got = sorted(_got(uow, header, line))
    here = f"This is {', '.join(serials)}" if serials else "No serial number was read"
    return SerialSwap(
        f"{here}; the order got {', '.join(got)}.",
        remedy="Look at the unit again. If it is another one, grade it as a swap.",
        pointer="/serials",
        expected=got,
        found=list(serials),
    )


def _send_on(
    uow: UnitOfWork, header: ReturnRequest, item_id: str, quantity: int, way: Disposition, *, serials: Sequence[str]
) -> None:
    if way is Disposition.RESTOCK:
        restock_return(
            uow, tenant_id=header.tenant_id, site_id=header.site_id, item_id=item_id, quantity=quantity,
            reference=header.id, order_id=header.order_id, serials=serials,
        )  # fmt: skip
    else:
        discard_return(
            uow, tenant_id=header.tenant_id, site_id=header.site_id, item_id=item_id, quantity=quantity,
            reference=header.id, bucket=_BUCKETS[way], serials=serials,
        )  # fmt: skip


def _inspected(
    uow: UnitOfWork, header: ReturnRequest, line: ReturnLine, *, quantity: int, grade: Grade, way: Disposition,
    refund: int, note: str, serials: Sequence[str], is_swap: bool,
) -> None:  # fmt: skip
    inspection = Inspection(
        tenant_id=header.tenant_id, id=new_id("ins"), return_id=header.id, line_id=line.line_id, quantity=quantity,
        grade=grade.value, disposition=way.value, refund_minor=refund, note=note, serials=list(serials),
        is_swap=is_swap, inspected_by=uow.actor.id, inspected_at=uow.now,
    )  # fmt: skip
    uow.session.add(inspection)
    uow.emit(UnitsGraded(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=header.id,
        line_id=line.line_id, item_id=line.item_id, quantity=quantity, grade=grade.value, disposition=way.value,
        serials=list(serials), is_swap=is_swap,
    ))  # fmt: skip


def _close(uow: UnitOfWork, header: ReturnRequest) -> None:
    header.state = RETURN_STATES.after(header.state, "close")
    header.closed_at = uow.now
    if header.refund_minor:
        uow.emit(RefundInstructed(
            tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=header.id,
            amount_minor=header.refund_minor, currency=header.currency,
        ))  # fmt: skip
    uow.emit(ReturnClosed(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=header.id
    ))  # fmt: skip
