"""What a lead does to the queue and to live walks: put an order first, take one back, hand a walk over."""

from dataclasses import dataclass

from fulfillment.domain.order_drafts import MAX_NOTE, is_printable
from fulfillment.events.floor import OrderPulledBack, OrderRushed, PickingStarted
from fulfillment.models import PickTask
from fulfillment.releasing.joining import Joined, join_live_walk
from fulfillment.releasing.release_orders import release_orders
from fulfillment.repository import OrderInHand, lock_batch, lock_order, open_slots, open_tasks, slots_of
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal


class TooLateToRush(Refusal):
    """Nothing of the order is left to pick."""

    code = "too_late_to_rush"
    title = "Nothing of the order is left to pick"


class TooLateToPullBack(Refusal):
    """Units of the order are picked, or none of it is on the floor."""

    code = "too_late_to_pull_back"
    title = "The order cannot be pulled back"


class WalkNotUnderWay(Refusal):
    """Nobody is on this walk."""

    code = "walk_not_under_way"
    title = "Nobody is on this walk"


@dataclass(frozen=True, slots=True)
class RushAnswer:
    """What became of a rush order: `joined` a live walk that got `extra_mm` longer, is `next` to be walked for, is
    `walked` for already, or `waits`; in words in `detail`.
    """

    state: str
    detail: str
    batch_id: str = ""
    extra_mm: int = 0


def rush_order(uow: UnitOfWork, *, tenant_id: str, order_id: str, reason: str) -> RushAnswer:
    """Put an order before all others: release it, and have it picked on a walk under way if one has room, else on the
    next one that anybody claims. Emits OrderRushed, and OrderReleased and PickingStarted as far as they happen.

    Raises:
        NotFound, Invalid: no such order, or no reason.
        TooLateToRush: all of it is picked or cancelled, or it waits for stock.
    """
    _check(reason)
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    if not order.units.promised and not order.units.allocated:
        raise TooLateToRush("All of it is picked, or waits for stock.", remedy="Look at the order's next step.")
    order.row.rushed_at = order.row.rushed_at or uow.now
    order.row.version += 1
    uow.session.flush()
    answer = _released(uow, order) or _walked(uow, order)
    uow.emit(OrderRushed(**order.about, reason=reason, batch_id=answer.batch_id if answer.state == "joined" else ""))
    uow.audit("order.rushed", subject=order_id, tenant_id=tenant_id, reason=reason, state=answer.state)
    return answer


def pull_back_order(uow: UnitOfWork, *, tenant_id: str, order_id: str, reason: str) -> int:
    """Take an order of which nothing is picked from the floor back into the queue, where it waits until somebody
    releases it; return its units. Its stock stays set aside for it. Emits OrderPulledBack.

    Raises:
        NotFound, Invalid: no such order, or no reason.
        TooLateToPullBack: units of it are picked, or it is not on the floor.
    """
    _check(reason)
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    units = order.units
    if not units.allocated or units.picked or units.packed or units.shipped:
        told = "Nothing of it is on the floor." if not units.allocated else "Units of it are picked already."
        raise TooLateToPullBack(told, remedy="Put it on hold, or cancel it." if units.allocated else "Leave it queued.")
    batches = _leave_walks(uow, order)
    inventory.deallocate_stock(uow, tenant_id=tenant_id, order_id=order_id)
    for line in order.lines:
        order.move(line.id, line.allocated, "allocated", "promised")
    row = order.row
    row.released_at = row.picking_started_at = row.cut_off_at = row.starts_at = row.rushed_at = None
    row.pulled_back_at, row.release_why = uow.now, f"Pulled back: {reason}"
    order.settle(uow.now)
    uow.session.flush()
    for batch_id in batches:
        _close_if_empty(uow, batch_id)
    uow.emit(OrderPulledBack(**order.about, reason=reason, units=units.allocated))
    uow.audit("order.pulled_back", subject=order_id, tenant_id=tenant_id, reason=reason)
    return units.allocated


def hand_over_batch(uow: UnitOfWork, *, batch_id: str) -> None:
    """End the claim on a walk that is not finished: whoever claims work next goes on with it, and what is picked stays
    in its totes.

    Raises:
        NotFound: there is no such batch.
        WalkNotUnderWay: nobody has it, or it is done.
    """
    batch = lock_batch(uow, batch_id=batch_id)
    if batch.state not in ("ASSIGNED", "IN_PROGRESS") or not batch.picker:
        raise WalkNotUnderWay("It is done, or nobody has claimed it.", remedy="Look at the list of batches.")
    uow.audit("batch.handed_over", subject=batch_id, picker=batch.picker)
    batch.picker, batch.lease_until = "", uow.now
    batch.version += 1


def _released(uow: UnitOfWork, order: OrderInHand) -> RushAnswer | None:
    """Release what is not on the floor yet; return why it stays there if it does."""
    row = order.row
    if not order.units.promised:
        return None
    decided = release_orders(uow, site_id=row.site_id, order_ids=[row.id])
    uow.session.flush()
    uow.session.refresh(row)
    if any(decision.released for decision in decided):
        return None
    return RushAnswer("waits", decided[0].why if decided else "It waits for stock.")


def _walked(uow: UnitOfWork, order: OrderInHand) -> RushAnswer:
    tasks = _picks(uow, order)
    planned = next((task.batch_id for task in tasks if task.batch_id), None)
    if planned:
        batch = lock_batch(uow, batch_id=planned)
        batch.rushed, batch.version = True, batch.version + 1
        if batch.state != "DRAFT":
            return RushAnswer("walked", "Somebody is collecting it already.", batch.id)
        return RushAnswer("next", "Its walk is the next that anybody claims.", batch.id)
    joined = join_live_walk(uow, order, tasks)
    if joined is None:
        return RushAnswer("next", "No walk under way has room for it; its own is the next that anybody claims.")
    _start(uow, order, joined)
    meters = round(joined.extra_mm / 1000)
    return RushAnswer(
        "joined", f"It joined a walk under way, {meters} m longer by it.", joined.batch.id, joined.extra_mm
    )


def _start(uow: UnitOfWork, order: OrderInHand, joined: Joined) -> None:
    if order.row.picking_started_at is None:
        order.row.picking_started_at = uow.now
        order.settle(uow.now)
        uow.emit(PickingStarted(**order.about, batch_id=joined.batch.id))


def _picks(uow: UnitOfWork, order: OrderInHand) -> list[PickTask]:
    waiting = open_tasks(uow, tenant_id=order.row.tenant_id, order_id=order.row.id)
    return [task for task in waiting if task.kind == "pick"]


def _leave_walks(uow: UnitOfWork, order: OrderInHand) -> set[str]:
    row = order.row
    batches = set()
    for task in _picks(uow, order):
        task.state, task.version = "CANCELLED", task.version + 1
        if task.batch_id:
            batches.add(task.batch_id)
    for slot in open_slots(uow, tenant_id=row.tenant_id, order_id=row.id):
        slot.is_open = False
    return batches


def _close_if_empty(uow: UnitOfWork, batch_id: str) -> None:
    """End a walk that has no order any more; whoever is on one with totes of other orders ends it."""
    batch = lock_batch(uow, batch_id=batch_id)
    batch.version += 1
    if not any(slot.is_open for slot in slots_of(uow, batch_id=batch_id)):
        batch.state, batch.finished_at, batch.lease_until = "DONE", uow.now, None


def _check(reason: str) -> None:
    if not reason.strip() or len(reason) > MAX_NOTE or not is_printable(reason, prose=True):
        raise Invalid(f"A reason has 1 to {MAX_NOTE} printable characters.", pointer="/reason")
