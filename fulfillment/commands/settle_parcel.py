from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from fulfillment.commands.follow_parcel import contents_of, settle_outcome
from fulfillment.commands.place_order import place_order
from fulfillment.domain.order_drafts import (
    MAX_NOTE,
    REPLACEMENT,
    Address,
    CustomerDraft,
    LineDraft,
    OrderDraft,
    is_printable,
)
from fulfillment.domain.order_state import OrderState, ParcelState
from fulfillment.domain.parcel_outcomes import OUTCOME, Decision, refund_minor
from fulfillment.events.outcomes import (
    OrderClosedShort,
    ParcelDeclaredLost,
    ParcelReceivedBack,
    RefundInstructed,
    ReplacementOrdered,
)
from fulfillment.models import Customer, OrderLine, OrderParcel, ParcelOutcome, SalesOrder
from fulfillment.queries.views import OrderView, address_of
from fulfillment.repository import OrderInHand, lock_order
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound


def declare_lost(uow: UnitOfWork, *, tenant_id: str, order_id: str, parcel_id: str, reason: str) -> None:
    """Stop waiting for a parcel that left: its units count as lost, and a decision for the customer is due.

    Emits ParcelDeclaredLost.

    Raises:
        NotFound, Invalid: no such order or parcel, or no reason.
        IllegalTransition: it is in the house, was delivered, came back, or is settled.
    """
    order, parcel = _in_hand(uow, tenant_id, order_id, parcel_id, reason)
    _advance(order, parcel, "declare lost")
    uow.emit(ParcelDeclaredLost(**_about(order, parcel), reason=reason))
    _close(uow, order)
    uow.audit("order.parcel_declared_lost", subject=order_id, tenant_id=tenant_id, reason=reason, parcel_id=parcel_id)


def receive_back(
    uow: UnitOfWork, *, tenant_id: str, order_id: str, parcel_id: str, damaged: Mapping[str, int] | None = None,
    note: str, damaged_serials: Sequence[str] = (),
) -> None:  # fmt: skip
    """Book in a parcel that the carrier brought back: good units go back on sale, `damaged` ones ({line id: units}) do
    not. Of units that have serial numbers, `damaged_serials` say which are damaged where only some of a line are. What
    is done for the customer is decided next, unless it was decided when the parcel counted as lost.

    Emits ParcelReceivedBack, and StockReceived for those who wait for the items.

    Raises:
        NotFound, Invalid: no such order or parcel, no note, more damaged units than it held, or not clear
            which are damaged.
        IllegalTransition: it never left, was delivered, or was booked in before.
    """
    order, parcel = _in_hand(uow, tenant_id, order_id, parcel_id, note)
    broken = _require_contents(order, parcel, damaged or {})
    serials = _require_serials(parcel, broken, damaged_serials)
    _advance(order, parcel, "receive back")
    _put_away(uow, order, parcel, broken, serials)
    uow.emit(ParcelReceivedBack(**_about(order, parcel), damaged=sum(broken.values())))
    _close(uow, order)
    uow.audit("order.parcel_received_back", subject=order_id, tenant_id=tenant_id, reason=note, parcel_id=parcel_id)


def send_again(
    uow: UnitOfWork, *, tenant_id: str, order_id: str, parcel_id: str, reason: str, ship_to: Address | None = None
) -> OrderView:
    """Place an order that costs nothing for what a lost or returned parcel held, and return it. `ship_to` corrects the
    address. Emits ReplacementOrdered, and what placing an order emits.

    Raises:
        NotFound, Invalid: no such order or parcel, no reason, or an address that cannot be right.
        IllegalTransition: the parcel is not lost, not booked in yet, or settled.
    """
    order, parcel = _in_hand(uow, tenant_id, order_id, parcel_id, reason)
    _advance(order, parcel, "decide")
    uow.session.flush()
    again = place_order(uow, tenant_id=tenant_id, draft=_draft(uow, order, parcel, reason, ship_to))
    uow.emit(
        ReplacementOrdered(
            **_about(order, parcel), replacement_id=again.id, replacement_number=again.external_id,
        )
    )  # fmt: skip
    _decided(uow, order, parcel, Decision.SEND_AGAIN, reason, replacement_id=again.id)
    return again


def refund_parcel(uow: UnitOfWork, *, tenant_id: str, order_id: str, parcel_id: str, reason: str) -> int:
    """Instruct the refund of what a lost or returned parcel held, and return it in minor units. Emits RefundInstructed.

    Raises:
        NotFound, Invalid: no such order or parcel, or no reason.
        IllegalTransition: the parcel is not lost, not booked in yet, or settled.
    """
    order, parcel = _in_hand(uow, tenant_id, order_id, parcel_id, reason)
    _advance(order, parcel, "decide")
    contents = [(_price_paid(uow, order.row, line), quantity) for line, quantity in contents_of(order, parcel)]
    amount = refund_minor(
        contents, order.units, shipping_minor=order.row.shipping_minor,
        refunded_before=bool(_decisions(uow, order, Decision.REFUND)),
    )  # fmt: skip
    uow.emit(RefundInstructed(**_about(order, parcel), amount_minor=amount, currency=order.row.currency))
    _decided(uow, order, parcel, Decision.REFUND, reason, amount=amount)
    return amount


def _in_hand(
    uow: UnitOfWork, tenant_id: str, order_id: str, parcel_id: str, reason: str
) -> tuple[OrderInHand, OrderParcel]:
    if not reason.strip() or len(reason) > MAX_NOTE or not is_printable(reason, prose=True):
        raise Invalid(f"A reason has 1 to {MAX_NOTE} printable characters.", pointer="/reason")
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    for parcel in order.parcels:
        if parcel.parcel_id == parcel_id:
            return order, parcel
    raise NotFound("This order has no such parcel.", remedy="Read the order again.", pointer="/parcel_id")


def _advance(order: OrderInHand, parcel: OrderParcel, verb: str) -> None:
    after = ParcelState(OUTCOME.after(parcel.state, verb))
    settle_outcome(order, parcel, after)
    parcel.state = after.value


def _require_contents(order: OrderInHand, parcel: OrderParcel, damaged: Mapping[str, int]) -> dict[str, int]:
    held = {line.id: quantity for line, quantity in contents_of(order, parcel)}
    for line_id, quantity in damaged.items():
        if not 0 <= quantity <= held.get(line_id, 0):
            most = held.get(line_id, 0)
            raise Invalid(f"The parcel held {most} units of this line.", pointer=f"/damaged/{line_id}")
    return {line_id: quantity for line_id, quantity in damaged.items() if quantity}


def _require_serials(
    parcel: OrderParcel, broken: Mapping[str, int], damaged: Sequence[str]
) -> dict[str, tuple[list[str], list[str]]]:
    """Return the serial numbers of good and of damaged units, by line; units without any are left out."""
    found = {}
    for content in parcel.lines:
        line_id, held = str(content["line_id"]), list(content.get("serials", ()))
        wanted = broken.get(line_id, 0)
        bad = held if wanted == len(held) else [serial for serial in held if serial in damaged]
        if held and len(bad) != wanted:
            raise Invalid(
                f"{wanted} unit(s) of {', '.join(held)} are damaged.", remedy="Say which, by serial number.",
                pointer="/damaged_serials",
            )  # fmt: skip
        if held:
            found[line_id] = ([serial for serial in held if serial not in bad], bad)
    return found


def _put_away(
    uow: UnitOfWork, order: OrderInHand, parcel: OrderParcel, broken: Mapping[str, int],
    serials: Mapping[str, tuple[list[str], list[str]]],
) -> None:  # fmt: skip
    tenant_id, site_id, reference = order.row.tenant_id, order.row.site_id, parcel.parcel_id
    for line, quantity in contents_of(order, parcel):
        inventory.receive_return(
            uow, tenant_id=tenant_id, site_id=site_id, item_id=line.item_id, quantity=quantity, reference=reference
        )
        damaged = broken.get(line.id, 0)
        good, bad = serials.get(line.id, ([], []))
        if damaged:
            inventory.discard_return(
                uow, tenant_id=tenant_id, site_id=site_id, item_id=line.item_id, quantity=damaged, reference=reference,
                serials=bad,
            )  # fmt: skip
        if quantity > damaged:
            inventory.restock_return(
                uow, tenant_id=tenant_id, site_id=site_id, item_id=line.item_id, quantity=quantity - damaged,
                reference=reference, order_id=order.row.id, serials=good,
            )  # fmt: skip


def _draft(
    uow: UnitOfWork, order: OrderInHand, parcel: OrderParcel, reason: str, ship_to: Address | None
) -> OrderDraft:
    row = order.row
    who = uow.session.get_one(Customer, (row.tenant_id, row.customer_id))
    number = 1 + len(_decisions(uow, order, Decision.SEND_AGAIN))
    lines = [LineDraft(ln.sku, quantity, 0, ln.external_id, ln.name) for ln, quantity in contents_of(order, parcel)]
    return OrderDraft(
        external_id=f"{row.external_id}-R{number}", placed_at=uow.now,
        customer=CustomerDraft(who.external_id, who.name, who.email, who.phone, who.locale),
        ship_to=ship_to or address_of(row), lines=tuple(lines), currency=row.currency, service_level=row.service_level,
        split_policy=row.split_policy, gift=row.gift, channel=REPLACEMENT,
        note=f"Sent again for order {row.external_id}: {reason}"[:MAX_NOTE],
    )  # fmt: skip


def _price_paid(uow: UnitOfWork, row: SalesOrder, line: OrderLine) -> int:
    """Return the unit price that the customer paid, for a replacement that of the order it replaces."""
    price, order_id = line.unit_price_minor, row.id
    while row.channel == REPLACEMENT and not price:
        replaced = ParcelOutcome.tenant_id == row.tenant_id, ParcelOutcome.replacement_id == order_id
        found = uow.session.scalar(select(ParcelOutcome.order_id).where(*replaced))
        if found is None:
            break
        order_id = found
        paid = select(OrderLine.unit_price_minor).where(
            OrderLine.tenant_id == row.tenant_id, OrderLine.order_id == order_id, OrderLine.item_id == line.item_id
        )
        price = uow.session.scalars(paid.order_by(OrderLine.number)).first() or 0
    return price


def _decisions(uow: UnitOfWork, order: OrderInHand, decision: Decision) -> list[str]:
    """Return the parcels of an order that were decided this way before."""
    same = select(ParcelOutcome.parcel_id).where(
        ParcelOutcome.tenant_id == order.row.tenant_id, ParcelOutcome.order_id == order.row.id,
        ParcelOutcome.decision == decision.value,
    )  # fmt: skip
    return list(uow.session.scalars(same))


def _decided(
    uow: UnitOfWork, order: OrderInHand, parcel: OrderParcel, decision: Decision, reason: str, *, amount: int = 0,
    replacement_id: str = "",
) -> None:  # fmt: skip
    row = order.row
    outcome = ParcelOutcome(
        tenant_id=row.tenant_id, parcel_id=parcel.parcel_id, order_id=row.id, decision=decision.value, reason=reason,
        refund_minor=amount, replacement_id=replacement_id, decided_at=uow.now, decided_by=uow.actor.id, found_at=None,
    )  # fmt: skip
    uow.session.add(outcome)
    _close(uow, order)
    uow.audit(
        f"order.parcel_{decision.value}", subject=row.id, tenant_id=row.tenant_id, reason=reason,
        parcel_id=parcel.parcel_id, refund_minor=amount, replacement_id=replacement_id,
    )  # fmt: skip


def _close(uow: UnitOfWork, order: OrderInHand) -> None:
    before = order.state
    if order.settle(uow.now) is OrderState.CLOSED_SHORT and before is not OrderState.CLOSED_SHORT:
        units = order.units
        uow.emit(OrderClosedShort(**order.about, delivered=units.delivered, lost=units.lost, came_back=units.rts))


def _about(order: OrderInHand, parcel: OrderParcel) -> dict[str, Any]:
    lines = [{"line_id": ln.id, "item_id": ln.item_id, "quantity": n} for ln, n in contents_of(order, parcel)]
    return {**order.about, "parcel_id": parcel.parcel_id, "lines": lines}
