from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import func, select

from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.domain.promise import local_day
from fulfillment.domain.release import Candidate, CutOffTime, FloorRate, ReleaseDecision, decide_release
from fulfillment.events.floor import OrderReleased
from fulfillment.models import OrderLine, PickTask, SalesOrder
from fulfillment.repository import OPEN_TASK_STATES, OrderInHand, lock_orders
from inventory import api as inventory
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id
from shipping import api as shipping

Key = tuple[str, str]


def release_orders(
    uow: UnitOfWork,
    *,
    site_id: str,
    limit: int = 500,
    lines_per_hour: int | None = None,
    order_ids: Collection[str] | None = None,
) -> list[ReleaseDecision]:
    """Send reserved orders to the floor, most urgent first, and say for each why it went or waits.

    With `order_ids`, only those are looked at. They aim at the next carrier cut-off; with `lines_per_hour`, no more is
    released than the floor can pick before it. Released orders are allocated to locations in the same transaction and
    have pick tasks. Emits OrderReleased.
    """
    orders = {(o.row.tenant_id, o.row.id): o for o in _waiting(uow, site_id, limit, order_ids)}
    if not orders:
        return []
    site = get_site(uow, site_id)
    cut_offs = shipping.next_cut_offs(uow, site_id=site_id, now=uow.now)
    floor = FloorRate(lines_per_hour, _open_tasks(uow, site_id)) if lines_per_hour is not None else None
    decisions = decide_release(
        [_candidate(order, local_day(uow.now, site.time_zone)) for order in orders.values()],
        cut_offs=[CutOffTime(c.carrier_name, c.at_utc) for c in cut_offs],
        now=uow.now,
        zone=site.time_zone,
        floor=floor,
    )
    return _carry_out(uow, site_id, orders, decisions)


def _waiting(uow: UnitOfWork, site_id: str, limit: int, order_ids: Collection[str] | None) -> list[OrderInHand]:
    of_order = OrderLine.tenant_id == SalesOrder.tenant_id, OrderLine.order_id == SalesOrder.id
    reserved = select(OrderLine.id).where(*of_order, OrderLine.promised > 0).exists()
    statement = select(SalesOrder.tenant_id, SalesOrder.id).where(
        SalesOrder.site_id == site_id, ~SalesOrder.terminal, reserved
    )
    if order_ids is not None:
        statement = statement.where(SalesOrder.id.in_(order_ids))
    urgent = SalesOrder.open_holds > 0, SalesOrder.promised_on.nulls_last(), SalesOrder.placed_at, SalesOrder.id
    keys = [(row.tenant_id, row.id) for row in uow.session.execute(statement.order_by(*urgent).limit(limit))]
    return [order for order in lock_orders(uow, keys) if order.units.promised]


def _open_tasks(uow: UnitOfWork, site_id: str) -> int:
    statement = select(func.count()).select_from(PickTask)
    statement = statement.where(
        PickTask.site_id == site_id, PickTask.kind == "pick", PickTask.state.in_(OPEN_TASK_STATES)
    )
    return uow.session.execute(statement).scalar_one()


def _candidate(order: OrderInHand, today: date) -> Candidate:
    row = order.row
    lines = sum(1 for line in order.lines if line.promised)
    return Candidate(
        row.tenant_id, row.id, lines, row.placed_at, row.promised_on, row.service_level, _waits_for(order, today)
    )


def _waits_for(order: OrderInHand, today: date) -> str:
    missing, ship_on = order.units.backordered, order.row.ship_on
    if order.row.open_holds:
        return "Waits: the order is on hold."
    if ship_on and ship_on > today:
        return f"Waits: it is to be shipped on {ship_on:%A} {ship_on.day} {ship_on:%B %Y}."
    if parts := sum(line.backordered for line in order.lines if line.kit_id):
        return f"Waits: {parts} part(s) of a kit are still to arrive, and a kit goes out complete."
    if missing and order.row.split_policy == "all_or_nothing":
        return f"Waits: {missing} unit(s) are still to arrive, and the order goes out complete."
    return ""


def _carry_out(
    uow: UnitOfWork, site_id: str, orders: Mapping[Key, OrderInHand], decisions: Sequence[ReleaseDecision]
) -> list[ReleaseDecision]:
    chosen = [(d.tenant_id, d.order_id) for d in decisions if d.released]
    outcome = inventory.allocate_orders(uow, site_id=site_id, order_ids=chosen)
    given: dict[Key, list[inventory.Allocation]] = {key: [] for key in chosen}
    for allocation in outcome:
        given[allocation.tenant_id, allocation.order_id].append(allocation)
    missing = {m.order_id: m.why for m in outcome.missing}
    carried = []
    for decision in decisions:
        key = decision.tenant_id, decision.order_id
        done = _release(uow, orders[key], decision, given[key], missing) if decision.released else decision
        if orders[key].row.release_why != done.why:
            orders[key].row.release_why = done.why
        carried.append(done)
    return carried


def _release(
    uow: UnitOfWork,
    order: OrderInHand,
    decision: ReleaseDecision,
    allocations: Sequence[inventory.Allocation],
    missing: Mapping[str, str],
) -> ReleaseDecision:
    row = order.row
    incomplete = row.id in missing and row.split_policy == "all_or_nothing"
    if not allocations or incomplete:
        if allocations:
            inventory.deallocate_stock(uow, tenant_id=row.tenant_id, order_id=row.id)
        why = f"Waits: the goods are in the building, but not where they can be picked: {missing.get(row.id, 'no bin')}"
        return ReleaseDecision(row.tenant_id, row.id, released=False, why=why)
    if order.units.allocated:
        reconcile_tasks(uow, order, allocations)
    else:
        for allocation in allocations:
            order.move(allocation.line_id, allocation.quantity, "promised", "allocated")
        uow.session.add_all(pick_tasks(order, allocations))
    row.released_at, row.cut_off_at = uow.now, decision.cut_off_at
    order.settle(uow.now)
    _tell(uow, order, decision)
    return decision


def pick_tasks(order: OrderInHand, allocations: Sequence[inventory.Allocation]) -> list[PickTask]:
    """Return a new task for each allocation, not on any batch yet."""
    return [
        PickTask(
            tenant_id=order.row.tenant_id, id=new_id("tsk"), site_id=order.row.site_id, batch_id=None,
            order_id=order.row.id, line_id=a.line_id, item_id=a.item_id, kind="pick", seq=0, slot=0,
            location_code=a.location_code, lot=a.lot, quantity=a.quantity, done=0, tote="", state="READY",
            step="", reason="", finished_at=None, finished_by="", version=1,
        )
        for a in allocations
    ]  # fmt: skip


def _tell(uow: UnitOfWork, order: OrderInHand, decision: ReleaseDecision) -> None:
    uow.emit(
        OrderReleased(
            **order.about, why=decision.why,
            cut_off_at=decision.cut_off_at.isoformat() if decision.cut_off_at else "", units=order.units.allocated,
        )
    )  # fmt: skip
