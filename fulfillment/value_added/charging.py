"""Steps become owed when the parcel of their goods is closed, and are owed no more when it is opened again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from fulfillment.domain.value_added import Portion
from fulfillment.events.value_added import ServicePerformed, ServiceReversed
from fulfillment.models import AskedService, ServiceCharge, ServiceStep
from fulfillment.repository import OrderInHand
from fulfillment.value_added.steps import AskedInHand
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


def close_steps(
    uow: UnitOfWork, order: OrderInHand, asked: Sequence[AskedInHand], laid: Iterable[Portion],
    parcel_ids: Sequence[str],
) -> None:  # fmt: skip
    """Bind the waiting steps to the parcels that were closed, a part of its own for each, and charge those performed.

    Emits ServicePerformed, once for each performed step.
    """
    by_step: defaultdict[str, list[Portion]] = defaultdict(list)
    for portion in laid:
        by_step[portion.step_id].append(portion)
    for each in asked:
        for step in each.waiting:
            whole = step.quantity, step.seconds
            for portion in by_step[step.id]:
                part = _part(uow, step, portion.quantity, whole)
                part.parcel_id = parcel_ids[portion.parcel]
                if part.state == "confirmed":
                    part.state = "performed"
                    uow.session.flush()
                    _charge(uow, order, each.row, part)


def reverse_steps(uow: UnitOfWork, order: OrderInHand, parcel_id: str) -> None:
    """Take back what was charged for a parcel that is taken apart; what was excused in it waits for the next one.

    Emits ServiceReversed, once for each performed step.
    """
    row = order.row
    if not row.service_count:
        return
    inside = ServiceStep.tenant_id == row.tenant_id, ServiceStep.parcel_id == parcel_id
    of_step = (AskedService.tenant_id == ServiceStep.tenant_id) & (AskedService.id == ServiceStep.asked_id)
    found = select(ServiceStep, AskedService).join(AskedService, of_step).where(*inside).order_by(ServiceStep.id)
    for step, asked in uow.session.execute(found):
        if step.state == "excused":
            step.parcel_id = ""
        if step.state == "performed":
            step.state = "reversed"
            charge = _owed(uow, order, asked, step, kind="reversed", quantity=-step.quantity)
            uow.emit(ServiceReversed(**_told(order, asked, step, charge)))


def _part(uow: UnitOfWork, step: ServiceStep, quantity: int, whole: tuple[int, int]) -> ServiceStep:
    """Return the step itself when all that is left of it goes into one parcel, else a new one for so many of it."""
    if quantity == step.quantity:
        return step
    seconds = whole[1] * quantity // whole[0]
    part = ServiceStep(
        tenant_id=step.tenant_id, id=new_id("stp"), order_id=step.order_id, asked_id=step.asked_id, quantity=quantity,
        state=step.state, parcel_id="", seconds=seconds, photo_id=step.photo_id, reason=step.reason,
        done_at=step.done_at, done_by=step.done_by,
    )  # fmt: skip
    step.quantity, step.seconds = step.quantity - quantity, step.seconds - seconds
    uow.session.add(part)
    return part


def _charge(uow: UnitOfWork, order: OrderInHand, asked: AskedService, step: ServiceStep) -> None:
    charge = _owed(uow, order, asked, step, kind="performed", quantity=step.quantity)
    told = _told(order, asked, step, charge)
    uow.emit(ServicePerformed(**told, seconds=step.seconds, evidence_id=step.photo_id))


def _owed(
    uow: UnitOfWork, order: OrderInHand, asked: AskedService, step: ServiceStep, *, kind: str, quantity: int
) -> ServiceCharge:
    charge = ServiceCharge(
        tenant_id=step.tenant_id, id=new_id("chg"), step_id=step.id, kind=kind, order_id=step.order_id,
        line_id=asked.line_id, parcel_id=step.parcel_id, service_id=asked.service_id, code=asked.code,
        quantity=quantity, unit_price_minor=asked.price_minor, currency=order.row.currency, seconds=step.seconds,
        photo_id=step.photo_id, at=uow.now,
    )  # fmt: skip
    uow.session.add(charge)
    return charge


def _told(order: OrderInHand, asked: AskedService, step: ServiceStep, charge: ServiceCharge) -> dict[str, Any]:
    return {
        **order.about, "charge_id": charge.id, "step_id": step.id, "line_id": asked.line_id,
        "parcel_id": step.parcel_id, "service": asked.code, "name": asked.name, "quantity": step.quantity,
        "unit_price_minor": asked.price_minor, "currency": order.row.currency,
    }  # fmt: skip
