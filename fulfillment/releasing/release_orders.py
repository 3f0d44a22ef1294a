from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import text

from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.domain.release import Candidate, Floor, ReleaseDecision, ReleaseMode, decide_release
from fulfillment.events.floor import OrderReleased
from fulfillment.models import PickTask
from fulfillment.queries.floor import closed_locations
from fulfillment.releasing.settings import floor_of, mark_wave
from fulfillment.releasing.waiting import cut_off_times, open_lines, waiting_orders
from fulfillment.repository import OrderInHand, lock_orders
from inventory import api as inventory
from kernel.access.queries import SiteView, get_site
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

Key = tuple[str, str]
Proposals = Mapping[tuple[str, str, str, str], Sequence[inventory.ProposedPick]]
"""Where to pick the units of a (tenant, order, line, item)."""

# An order that somebody has in hand is told in the next pass.
_TELL = text(
    """
    with told as (
      select o.tenant_id, o.id, u.why, u.starts_at
      from unnest(cast(:tenants as text[]), cast(:ids as text[]), cast(:whys as text[]),
                  cast(:starts as timestamptz[])) u(tenant_id, id, why, starts_at)
      join sales_order o on o.tenant_id = u.tenant_id and o.id = u.id
      where (o.release_why, o.starts_at) is distinct from (u.why, u.starts_at)
      order by o.tenant_id, o.id
      for no key update of o skip locked
    )
    update sales_order o set release_why = told.why, starts_at = told.starts_at, version = version + 1
    from told where o.tenant_id = told.tenant_id and o.id = told.id
    returning o.id
    """
)


def release_orders(
    uow: UnitOfWork, *, site_id: str, limit: int = 500, order_ids: Collection[str] | None = None,
    proposals: Proposals | None = None,
) -> list[ReleaseDecision]:  # fmt: skip
    """Send all reserved orders that can go to the floor now, or those named, and say for each why it went or waits.

    Each aims at the next collection of its service level that can still be made. Released orders are allocated to
    locations in the same transaction and have pick tasks; `proposals` as for `release_due`. Emits OrderReleased.
    """
    site = get_site(uow, site_id)
    waiting = waiting_orders(uow, site=site, limit=limit, order_ids=order_ids)
    return _release_these(uow, site, waiting, None, proposals)


def due_now(uow: UnitOfWork, *, site_id: str, limit: int = 5_000, paced: bool = True) -> list[ReleaseDecision]:
    """Return what `release_due` would release now, or not `paced`, `release_orders`; nothing is locked or changed."""
    site = get_site(uow, site_id)
    waiting = waiting_orders(uow, site=site, limit=limit)
    if not waiting:
        return []
    floor = None
    if paced:
        floor = floor_of(uow, site_id=site_id, zone=site.time_zone, lines_open=open_lines(uow, site_id))
    decisions = decide_release(
        waiting, cut_offs=cut_off_times(uow, site_id), now=uow.now, zone=site.time_zone, floor=floor
    )
    return [decision for decision in decisions if decision.released]


def release_due(
    uow: UnitOfWork, *, site_id: str, limit: int = 5_000, proposals: Proposals | None = None
) -> list[ReleaseDecision]:
    """Feed a site's floor: release what its pace and the collections ask for now, and tell the other orders when their
    picking is expected to start. `proposals` say from where lines would better be picked, see
    `inventory.allocate_orders`. Emits OrderReleased.
    """
    site = get_site(uow, site_id)
    waiting = waiting_orders(uow, site=site, limit=limit)
    if not waiting:
        return []
    floor = floor_of(uow, site_id=site_id, zone=site.time_zone, lines_open=open_lines(uow, site_id))
    if floor.mode is ReleaseMode.WAVES and floor.wave_at is not None and floor.wave_at <= uow.now:
        mark_wave(uow, site_id)
    return _release_these(uow, site, waiting, floor, proposals)


def _release_these(
    uow: UnitOfWork,
    site: SiteView,
    waiting: Sequence[Candidate],
    floor: Floor | None,
    proposals: Proposals | None,
) -> list[ReleaseDecision]:
    decisions = decide_release(
        waiting, cut_offs=cut_off_times(uow, site.id), now=uow.now, zone=site.time_zone, floor=floor
    )
    locked = lock_orders(uow, [(d.tenant_id, d.order_id) for d in decisions if d.released])
    orders = {(o.row.tenant_id, o.row.id): o for o in locked if o.units.promised and not o.row.open_holds}
    valid = [d for d in decisions if not d.released or (d.tenant_id, d.order_id) in orders]
    carried = _carry_out(uow, site.id, orders, valid, proposals)
    _tell_waiting(uow, [decision for decision in carried if not decision.released])
    return carried


def _carry_out(
    uow: UnitOfWork,
    site_id: str,
    orders: Mapping[Key, OrderInHand],
    decisions: Sequence[ReleaseDecision],
    proposals: Proposals | None,
) -> list[ReleaseDecision]:
    outcome = inventory.allocate_orders(
        uow, site_id=site_id, order_ids=list(orders), proposals=proposals, closed=closed_locations(uow, site_id)
    )
    given: dict[Key, list[inventory.Allocation]] = {key: [] for key in orders}
    for allocation in outcome:
        given[allocation.tenant_id, allocation.order_id].append(allocation)
    missing = {m.order_id: m.why for m in outcome.missing}
    carried = []
    for decision in decisions:
        key = decision.tenant_id, decision.order_id
        carried.append(_release(uow, orders[key], decision, given[key], missing) if decision.released else decision)
    return carried


def _tell_waiting(uow: UnitOfWork, decisions: Sequence[ReleaseDecision]) -> None:
    """Write down why orders wait and when they are expected to start, where that is not what was told before."""
    columns = {
        "tenants": [d.tenant_id for d in decisions],
        "ids": [d.order_id for d in decisions],
        "whys": [d.why for d in decisions],
        "starts": [d.starts_at for d in decisions],
    }
    uow.session.flush()
    if uow.session.execute(_TELL, columns).all():
        uow.session.expire_all()


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
        return replace(decision, released=False, why=why, starts_at=None)
    if order.units.allocated:
        reconcile_tasks(uow, order, allocations)
    else:
        for allocation in allocations:
            order.move(allocation.line_id, allocation.quantity, "promised", "allocated")
        uow.session.add_all(pick_tasks(order, allocations))
    row.released_at, row.cut_off_at, row.pulled_back_at = uow.now, decision.cut_off_at, None
    row.release_why, row.starts_at = decision.why, decision.starts_at
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
