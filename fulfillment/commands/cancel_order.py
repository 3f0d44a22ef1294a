from collections import Counter, defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from fulfillment.commands.ask_customer import close_idle_questions
from fulfillment.commands.open_parcel import take_apart
from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.domain.cancellation import CancelAnswer, CancelState, Taken, answer, cancelled, take_unfulfilled_first
from fulfillment.domain.order_drafts import MAX_NOTE, is_printable
from fulfillment.domain.order_quantities import Bucket
from fulfillment.domain.order_state import IN_HOUSE, ParcelState
from fulfillment.events.orders import CancelRefused, OrderCancelled
from fulfillment.models import OrderKit, OrderLine, PickTask
from fulfillment.repository import OrderInHand, lock_order, open_slots, set_units, units_of
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.ids import new_id
from kernel.states import IllegalTransition
from shipping import api as shipping


def cancel_order(
    uow: UnitOfWork, *, tenant_id: str, order_id: str, reason: str, line_quantities: Mapping[str, int] | None = None
) -> CancelAnswer:
    """Cancel an order, or the given units of its lines or kits, as far as that is still possible, and say truly what
    became of it. The order's row lock decides a race with the floor and the dock.

    Untouched units go first. Pick tasks are pulled, picked units get a put-back task, parcels that are not on a closed
    manifest are voided with their labels; what stays of such a parcel is packed anew. Emits OrderCancelled, or
    CancelRefused when no unit could be cancelled.

    Raises:
        NotFound: the actor sees no such order, or it has no such line.
        Invalid: no line is named, or more of one is to be cancelled than is open.
    """
    if not reason.strip() or len(reason) > MAX_NOTE or not is_printable(reason, prose=True):
        raise Invalid(f"A reason has 1 to {MAX_NOTE} printable characters.", pointer="/reason")
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    wanted = _wanted(order, _in_parts(uow, order, line_quantities))
    if not wanted:
        return CancelAnswer(CancelState.ACCEPTED, "Nothing of this order is open; it was cancelled before.")
    return take_back(uow, order, wanted, reason)


def take_back(uow: UnitOfWork, order: OrderInHand, wanted: Mapping[OrderLine, int], reason: str) -> CancelAnswer:
    """Cancel open units of an order in hand as `cancel_order` does; what is on a closed manifest the dock is asked for,
    together with what it was asked for before.
    """
    _open_parcels(uow, order, wanted, reason)
    taken = {line: take_unfulfilled_first(units_of(line), quantity) for line, quantity in wanted.items()}
    _take(uow, order, taken)
    close_idle_questions(uow, order)
    told = _answer(order, taken)
    if told.state is CancelState.PENDING_INTERCEPT:
        _ask_dock(uow, order, taken, reason)
    order.settle(uow.now)
    _tell(uow, order, taken, reason, told)
    row = order.row
    uow.audit("order.cancelled", subject=row.id, tenant_id=row.tenant_id, reason=reason, answer=told.state.value)
    return told


def _ask_dock(uow: UnitOfWork, order: OrderInHand, taken: Mapping[OrderLine, Taken], reason: str) -> None:
    row = order.row
    asked = Counter(row.intercept.get("units", {})) + Counter({line.id: t.refused for line, t in taken.items()})
    units = {line.id: min(asked[line.id], line.packed) for line in order.lines if asked[line.id] and line.packed}
    row.intercept = {"reason": reason, "units": units}
    row.intercept_requested_at = row.intercept_requested_at or uow.now


def _in_parts(
    uow: UnitOfWork, order: OrderInHand, line_quantities: Mapping[str, int] | None
) -> Mapping[str, int] | None:
    """Put in place of a kit that is named the units of its parts."""
    if not line_quantities or not any(line.kit_id in line_quantities for line in order.lines if line.kit_id):
        return line_quantities
    kits = uow.session.scalars(
        select(OrderKit).where(OrderKit.tenant_id == order.row.tenant_id, OrderKit.order_id == order.row.id)
    )
    ordered = {kit.id: kit.quantity for kit in kits}
    found = Counter({line_id: n for line_id, n in line_quantities.items() if line_id not in ordered})
    for line in order.lines:
        if line.kit_id in line_quantities:
            count = line_quantities[line.kit_id]
            if not 1 <= count <= ordered[line.kit_id]:
                pointer = f"/line_quantities/{line.kit_id}"
                raise Invalid(f"Between 1 and {ordered[line.kit_id]} of this kit can be cancelled.", pointer=pointer)
            found[line.id] += line.ordered // ordered[line.kit_id] * count
    return found


def _wanted(order: OrderInHand, line_quantities: Mapping[str, int] | None) -> dict[OrderLine, int]:
    if line_quantities is None:
        return {line: units_of(line).open for line in order.lines if units_of(line).open}
    if not line_quantities:
        raise Invalid("Name at least one line.", remedy="Leave it out to cancel all.", pointer="/line_quantities")
    wanted = {}
    for line_id, quantity in line_quantities.items():
        line = order.line(line_id)
        still_open = units_of(line).open
        if not 1 <= quantity <= still_open:
            pointer = f"/line_quantities/{line_id}"
            raise Invalid(f"Between 1 and {still_open} units of this line can be cancelled.", pointer=pointer)
        wanted[line] = quantity
    return wanted


def _open_parcels(uow: UnitOfWork, order: OrderInHand, wanted: Mapping[OrderLine, int], reason: str) -> None:
    """Void the parcels whose units are needed to fulfil the wish. The parcel's own state decides, under its lock."""
    row = order.row
    for parcel in order.parcels:
        needed = {
            line.id for line, quantity in wanted.items() if take_unfulfilled_first(units_of(line), quantity).refused
        }
        has_left = ParcelState(parcel.state) not in IN_HOUSE
        if has_left or not needed.intersection(str(c["line_id"]) for c in parcel.lines):
            continue
        try:
            shipping.reopen_parcel(uow, tenant_id=row.tenant_id, parcel_id=parcel.parcel_id, reason=reason)
        except IllegalTransition as refused:
            # Given up a moment ago by somebody else, its units are free although the order has not heard of it yet.
            if refused.facts["state"] != "voided":
                continue
        take_apart(uow, order, parcel)


def _take(uow: UnitOfWork, order: OrderInHand, taken: Mapping[OrderLine, Taken]) -> None:
    row = order.row
    for line, units in taken.items():
        reserved = units.by_bucket.get(Bucket.PROMISED, 0) + units.by_bucket.get(Bucket.ALLOCATED, 0)
        if reserved:
            inventory.release_stock(
                uow, tenant_id=row.tenant_id, order_id=row.id, line_id=line.id, quantity=reserved, reason="cancelled"
            )
        if Bucket.SCHEDULED in units.by_bucket:
            inventory.drop_demand(
                uow, tenant_id=row.tenant_id, order_id=row.id, line_id=line.id,
                quantity=units.by_bucket[Bucket.SCHEDULED],
            )  # fmt: skip
        set_units(line, cancelled(units_of(line), units))
    if any(Bucket.ALLOCATED in units.by_bucket for units in taken.values()):
        reconcile_tasks(uow, order)
    picked = {line: t.by_bucket[Bucket.PICKED] for line, t in taken.items() if Bucket.PICKED in t.by_bucket}
    slots = open_slots(uow, tenant_id=row.tenant_id, order_id=row.id) if row.released_at else []
    if picked:
        uow.session.add_all(_put_backs(uow, order, picked, slots[-1].tote if slots else ""))
    elif not order.units.picked and not order.units.allocated:
        for slot in slots:
            slot.is_open = False


def _put_backs(uow: UnitOfWork, order: OrderInHand, picked: Mapping[OrderLine, int], tote: str) -> list[PickTask]:
    """Return the tasks that bring cancelled units from the tote back to where they came from."""
    row = order.row
    statement = select(PickTask.line_id, PickTask.location_code, PickTask.lot).where(
        PickTask.tenant_id == row.tenant_id, PickTask.order_id == row.id, PickTask.kind == "pick", PickTask.done > 0
    )
    found = uow.session.execute(statement.order_by(PickTask.id)).all()
    places = {each.line_id: each.location_code for each in found}
    lots: dict[str, set[str]] = defaultdict(set)
    for each in found:
        lots[each.line_id].add(each.lot)
    return [
        PickTask(
            tenant_id=row.tenant_id, id=new_id("tsk"), site_id=row.site_id, batch_id=None, order_id=row.id,
            line_id=line.id, item_id=line.item_id, kind="put_back", seq=0, slot=0, location_code=places[line.id],
            lot=min(lots[line.id]) if len(lots[line.id]) == 1 else "", quantity=quantity, done=0, tote=tote,
            state="READY", step="", reason="cancelled", finished_at=None,
            finished_by="", version=1,
        )
        for line, quantity in picked.items()
    ]  # fmt: skip


def _answer(order: OrderInHand, taken: Mapping[OrderLine, Taken]) -> CancelAnswer:
    return answer(
        cancelled=sum(t.units for t in taken.values()),
        refused=sum(t.refused for t in taken.values()),
        on_manifest=any(t.refused and line.packed for line, t in taken.items()),
        handed_over_at=order.row.handed_over_at,
        delivered=0 < order.units.delivered == order.units.shipped,
    )


def _tell(
    uow: UnitOfWork, order: OrderInHand, taken: Mapping[OrderLine, Taken], reason: str, told: CancelAnswer
) -> None:
    if told.cancelled:
        lines = [{"line_id": ln.id, "item_id": ln.item_id, "quantity": t.units} for ln, t in taken.items() if t.units]
        uow.emit(
            OrderCancelled(
                **order.about, units=told.cancelled, units_left=order.units.open, lines=lines, reason=reason,
                answer=told.state.value, detail=told.detail,
            )
        )  # fmt: skip
    if told.state in (CancelState.TOO_LATE, CancelState.PENDING_INTERCEPT):
        uow.emit(CancelRefused(**order.about, reason=reason, answer=told.state.value, detail=told.detail))
