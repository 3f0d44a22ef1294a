from collections.abc import Mapping

from inventory.api import Bucket, discard_return, restock_return
from inventory.api import receive_return as put_on_returns_bench
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid
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
    disposition: Disposition | None = None, note: str = "",
) -> ReturnView:  # fmt: skip
    """Grade received units and send them on: only grade A may be restocked. The last unit closes the return and
    instructs the refund. Emits UnitsGraded, then RefundInstructed and ReturnClosed.

    Raises:
        Invalid: more units than were received, or a disposition that the grade does not allow.
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
    line.graded += quantity
    header.version += 1
    refund = refund_for(unit_price_minor=line.unit_price_minor, quantity=quantity, grade=grade, reason=line.reason)
    header.refund_minor += refund
    _inspected(uow, header, line, quantity=quantity, grade=grade, way=way, refund=refund, note=note)
    _send_on(uow, header, line.item_id, quantity, way)
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


def _send_on(uow: UnitOfWork, header: ReturnRequest, item_id: str, quantity: int, way: Disposition) -> None:
    if way is Disposition.RESTOCK:
        restock_return(
            uow, tenant_id=header.tenant_id, site_id=header.site_id, item_id=item_id, quantity=quantity,
            reference=header.id, order_id=header.order_id,
        )  # fmt: skip
    else:
        discard_return(
            uow, tenant_id=header.tenant_id, site_id=header.site_id, item_id=item_id, quantity=quantity,
            reference=header.id, bucket=_BUCKETS[way],
        )  # fmt: skip


def _inspected(
    uow: UnitOfWork, header: ReturnRequest, line: ReturnLine, *, quantity: int, grade: Grade, way: Disposition,
    refund: int, note: str,
) -> None:  # fmt: skip
    inspection = Inspection(
        tenant_id=header.tenant_id, id=new_id("ins"), return_id=header.id, line_id=line.line_id, quantity=quantity,
        grade=grade.value, disposition=way.value, refund_minor=refund, note=note, serials=[], is_swap=False,
        inspected_by=uow.actor.id,
        inspected_at=uow.now,
    )  # fmt: skip
    uow.session.add(inspection)
    uow.emit(UnitsGraded(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=header.id,
        line_id=line.line_id, item_id=line.item_id, quantity=quantity, grade=grade.value, disposition=way.value,
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
