from sqlalchemy import select

from fulfillment.commands.open_parcel import parcel_serials, take_apart
from fulfillment.domain.order_state import IN_HOUSE, ParcelState
from fulfillment.domain.parcel_outcomes import LINE_OUTCOMES
from fulfillment.events.orders import CancelRefused, OrderDelivered, OrderPartiallyShipped, OrderShipped
from fulfillment.events.outcomes import LostParcelFound
from fulfillment.models import OrderLine, OrderParcel, OrderTerm, ParcelOutcome
from fulfillment.queries.search_terms import words
from fulfillment.repository import OrderInHand, lock_order, units_of
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork


def follow_parcel(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, to: ParcelState, tracking_number: str = ""
) -> None:
    """Bring an order up to what shipping says of one of its parcels; said again or late, it changes nothing.

    Emits OrderShipped, OrderPartiallyShipped and OrderDelivered when the order's quantities say so, and LostParcelFound
    for a parcel that arrives after it was settled as lost.
    """
    found = _find(uow, tenant_id, parcel_id, to, tracking_number)
    if found is None:
        return
    order, parcel = found
    _learn_number(uow, parcel, tracking_number)
    state = ParcelState(parcel.state)
    if state is to or state is ParcelState.VOIDED:
        return
    if to is ParcelState.VOIDED:
        if state in IN_HOUSE:
            take_apart(uow, order, parcel)
    elif to in IN_HOUSE:
        if state in IN_HOUSE:
            parcel.state = to.value
    else:
        _left(uow, order, parcel, to)
    order.settle(uow.now)


def _find(
    uow: UnitOfWork, tenant_id: str, parcel_id: str, to: ParcelState, tracking_number: str
) -> tuple[OrderInHand, OrderParcel] | None:
    """Lock the order of a parcel, unless what is told of it is known already, as most scans on the road are."""
    same = OrderParcel.tenant_id == tenant_id, OrderParcel.parcel_id == parcel_id
    known = uow.session.execute(
        select(OrderParcel.order_id, OrderParcel.state, OrderParcel.tracking_number).where(*same)
    )
    row = known.one_or_none()
    if row is None or (row.state == to.value and tracking_number in ("", row.tracking_number)):
        return None
    order = lock_order(uow, tenant_id=tenant_id, order_id=row.order_id)
    for parcel in order.parcels:
        if parcel.parcel_id == parcel_id:
            return order, parcel
    return order, uow.session.scalars(select(OrderParcel).where(*same).execution_options(populate_existing=True)).one()


def _learn_number(uow: UnitOfWork, parcel: OrderParcel, tracking_number: str) -> None:
    """Let the order be found by its parcel's number."""
    if not tracking_number or parcel.tracking_number == tracking_number:
        return
    parcel.tracking_number = tracking_number
    for word in set(words(tracking_number)):
        uow.session.merge(OrderTerm(tenant_id=parcel.tenant_id, term=word, order_id=parcel.order_id, personal=False))


def _left(uow: UnitOfWork, order: OrderInHand, parcel: OrderParcel, to: ParcelState) -> None:
    """Ship the parcel if its hand-over was not told yet, and note its outcome. Trouble with a parcel that is still in
    the house is the carrier's paperwork, not the order's.
    """
    state = ParcelState(parcel.state)
    if _is_settled(state, to):
        return
    if state in IN_HOUSE:
        if to is ParcelState.EXCEPTION:
            return
        _ship(uow, order, parcel)
    elif state is ParcelState.LOST_SETTLED:
        _tell_found(uow, order, parcel)
    before = _has_arrived(order)
    settle_outcome(order, parcel, to)
    parcel.state = to.value
    order.settle(uow.now)
    if _has_arrived(order) and not before:
        uow.emit(OrderDelivered(**order.about, units=order.units.delivered))


def _has_arrived(order: OrderInHand) -> bool:
    """Say whether the customer got everything, even if some of it went back before the last parcel came."""
    units = order.units
    return bool(units.shipped) and units.delivered == units.shipped == units.open


def _is_settled(state: ParcelState, to: ParcelState) -> bool:
    """Say whether the carrier's word changes nothing any more: we hold the parcel, or its loss is settled and it has
    not been delivered after all.
    """
    if state is ParcelState.LOST_SETTLED:
        return to is not ParcelState.DELIVERED
    return state in (ParcelState.BACK, ParcelState.BACK_SETTLED)


def _ship(uow: UnitOfWork, order: OrderInHand, parcel: OrderParcel) -> None:
    row = order.row
    contents = contents_of(order, parcel)
    inventory.ship_stock(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, reference=parcel.parcel_id,
        lines=[(line.item_id, quantity) for line, quantity in contents],
    )  # fmt: skip
    if serials := parcel_serials(parcel):
        inventory.ship_serials(uow, tenant_id=row.tenant_id, units=serials)
    for line, quantity in contents:
        order.move(line.id, quantity, "packed", "shipped")
    row.handed_over_at = row.handed_over_at or uow.now
    parcel.state = ParcelState.SHIPPED.value
    _tell_shipped(uow, order, sum(quantity for _, quantity in contents))
    if row.intercept_requested_at:
        _give_up_intercept(uow, order)


def _tell_shipped(uow: UnitOfWork, order: OrderInHand, units: int) -> None:
    left = order.units.in_house
    if left:
        uow.emit(OrderPartiallyShipped(**order.about, units=units, units_left=left))
    else:
        uow.emit(OrderShipped(**order.about, units=order.units.shipped))


def _give_up_intercept(uow: UnitOfWork, order: OrderInHand) -> None:
    """Say that units which the dock was asked for have left; it goes on looking for those that have not."""
    row = order.row
    asked = row.intercept["units"]
    left = {line.id: min(asked[line.id], line.packed) for line in order.lines if line.id in asked and line.packed}
    if left == asked:
        return
    row.intercept = {**row.intercept, "units": left} if left else {}
    row.intercept_requested_at = row.intercept_requested_at if left else None
    uow.emit(
        CancelRefused(
            **order.about, reason="intercept", answer="TOO_LATE",
            detail="Too late to cancel: the parcel could not be pulled before the carrier took it. It can be refused or"
            " returned.",
        )
    )  # fmt: skip


def settle_outcome(order: OrderInHand, parcel: OrderParcel, to: ParcelState) -> None:
    """Write a parcel's outcome into its lines; an outcome that was told before is taken back first."""
    former, now = LINE_OUTCOMES.get(ParcelState(parcel.state)), LINE_OUTCOMES.get(to)
    for line, quantity in contents_of(order, parcel):
        if former:
            setattr(line, former, getattr(line, former) - quantity)
        if now:
            setattr(line, now, getattr(line, now) + quantity)
        units_of(line)


def contents_of(order: OrderInHand, parcel: OrderParcel) -> list[tuple[OrderLine, int]]:
    """Return the units of each line in a parcel."""
    return [(order.line(str(content["line_id"])), int(content["quantity"])) for content in parcel.lines]


def _tell_found(uow: UnitOfWork, order: OrderInHand, parcel: OrderParcel) -> None:
    """Note and tell that a parcel arrived for which the customer was compensated."""
    outcome = uow.session.get_one(ParcelOutcome, (parcel.tenant_id, parcel.parcel_id))
    outcome.found_at = uow.now
    uow.emit(
        LostParcelFound(
            **order.about, parcel_id=parcel.parcel_id, decision=outcome.decision,
            lines=[{"line_id": ln.id, "item_id": ln.item_id, "quantity": n} for ln, n in contents_of(order, parcel)],
        )
    )  # fmt: skip
