from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fulfillment.api import LineView, OrderView, get_order
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid
from kernel.ids import new_id
from returns.commands.decide import authorize, deny
from returns.domain.policy import REASONS, Decision, ReturnPolicy, decide
from returns.events import ReturnRequested
from returns.models import ReturnLine, ReturnRequest
from returns.queries import ReturnView, get_return
from returns.repository import serialize_returns, units_spoken_for
from shipping.api import parcels_of

POLICY = ReturnPolicy()


@dataclass(frozen=True, slots=True)
class ReturnLineDraft:
    """What the customer wants to send back of one order line, in base units, and why."""

    line_id: str
    quantity: int
    reason: str


def request_return(
    uow: UnitOfWork, *, order_id: str, lines: Sequence[ReturnLineDraft], note: str = "",
    policy: ReturnPolicy = POLICY, by_hand: str = "",
) -> ReturnView:  # fmt: skip
    """Open a return and decide it by policy: authorized, denied, or left to a person. Emits both facts. What would be
    authorized is left to a person where `by_hand` tells the customer why.

    Raises:
        Invalid: a line is not of this order, a reason is unknown, or more units are named than can still come back.
    """
    serialize_returns(uow, order_id)
    order = get_order(uow, order_id)
    _require_returnable(uow, order, lines)
    header = _open(uow, order, note, policy)
    of_order = {line.id: line for line in order.lines}
    uow.session.flush()
    uow.session.add_all(_line(header, of_order[draft.line_id], draft) for draft in lines)
    named = [{"line_id": d.line_id, "quantity": d.quantity, "reason": d.reason} for d in lines]
    uow.emit(ReturnRequested(
        tenant_id=order.tenant_id, order_id=order.id, customer_id=order.customer.id, return_id=header.id, lines=named
    ))  # fmt: skip
    value = sum(of_order[d.line_id].unit_price_minor * d.quantity for d in lines)
    decision = decide(policy, delivered_at=_delivered_at(uow, order), value_minor=value, now=uow.now)
    if by_hand and decision.state == "authorized":
        decision = Decision("requested", by_hand)
    header.decision = decision.why
    if decision.state == "authorized":
        authorize(uow, header, decision.why)
    elif decision.state == "denied":
        deny(uow, header, decision.why)
    uow.session.flush()
    return get_return(uow, header.id)


def _require_returnable(uow: UnitOfWork, order: OrderView, lines: Sequence[ReturnLineDraft]) -> None:
    if not lines:
        raise Invalid("Name at least one piece to send back.", pointer="/lines")
    if len({draft.line_id for draft in lines}) < len(lines):
        raise Invalid("Name each line of the order once.", pointer="/lines")
    spoken_for = units_spoken_for(uow, order.id)
    of_order = {line.id: line for line in order.lines}
    faults = []
    for index, draft in enumerate(lines):
        at = f"/lines/{index}"
        line = of_order.get(draft.line_id)
        if line is None:
            faults.append(FieldError(f"{at}/line_id", "unknown_line", "This order has no such line."))
            continue
        left = line.units.shipped - line.units.lost - line.units.rts - spoken_for.get(line.id, 0)
        if not 0 < draft.quantity <= left:
            faults.append(FieldError(f"{at}/quantity", "not_returnable", f"{max(left, 0)} can still come back."))
        if draft.reason not in REASONS:
            faults.append(FieldError(f"{at}/reason", "unknown_reason", f"Choose from {', '.join(REASONS)}."))
    if faults:
        raise Invalid("This cannot come back as asked.", remedy="Correct what `errors` names.", errors=tuple(faults))


def _delivered_at(uow: UnitOfWork, order: OrderView) -> datetime | None:
    arrived = [p.delivered_at for p in parcels_of(uow, tenant_id=order.tenant_id, reference=order.id) if p.delivered_at]
    return max(arrived, default=None)


def _open(uow: UnitOfWork, order: OrderView, note: str, policy: ReturnPolicy) -> ReturnRequest:
    header = ReturnRequest(
        tenant_id=order.tenant_id, id=new_id("rma"), order_id=order.id, customer_id=order.customer.id,
        site_id=order.site_id, state="requested", note=note, decision="", currency=order.currency, refund_minor=0,
        parcel_id="", tracking_number="", requested_at=uow.now, decided_at=None, received_at=None, closed_at=None,
        expires_at=uow.now + policy.label_life, version=1,
    )  # fmt: skip
    uow.session.add(header)
    return header


def _line(header: ReturnRequest, line: LineView, draft: ReturnLineDraft) -> ReturnLine:
    return ReturnLine(
        tenant_id=header.tenant_id, return_id=header.id, line_id=line.id, item_id=line.item_id, sku=line.sku,
        name=line.name, reason=draft.reason, unit_price_minor=line.unit_price_minor, announced=draft.quantity,
        received=0, graded=0,
    )  # fmt: skip
