from functools import partial

from sqlalchemy import select

from fulfillment.commands.plan_batches import plan_batches
from fulfillment.commands.schedule_order import reserve_scheduled
from fulfillment.models import SalesOrder
from fulfillment.releasing.release_orders import release_due
from fulfillment.repository import lock_orders
from fulfillment.slotting.working import work_out_slotting
from kernel import actors
from kernel.access.queries import find_sites
from kernel.db.transactions import UnitOfWork, run, transaction

__all__ = ["find_limbo", "release_and_plan", "reserve_due_orders", "work_out_slotting"]


def find_limbo(*, limit: int = 500) -> int:
    """Derive the state, next step and due time of open orders anew where the stored ones are missing or wrong, and
    return how many were: the sweeper behind the promise that no order is ever without a next step.
    """
    return run(actors.system("limbo"), lambda uow: _settle_strays(uow, limit))


def _settle_strays(uow: UnitOfWork, limit: int) -> int:
    statement = select(SalesOrder.tenant_id, SalesOrder.id).where(~SalesOrder.terminal)
    statement = statement.where((SalesOrder.next_step == "") | SalesOrder.due_at.is_(None) | (SalesOrder.version == 0))
    keys = [(row.tenant_id, row.id) for row in uow.session.execute(statement.limit(limit))]
    for order in lock_orders(uow, keys):
        order.settle(uow.now)
    return len(keys)


def reserve_due_orders(*, limit: int = 200) -> int:
    """Reserve the stock of scheduled orders whose day has come near; return how many there were."""
    return len(run(actors.system("scheduler"), partial(reserve_scheduled, limit=limit)))


def release_and_plan(*, max_orders: int = 300) -> int:
    """Feed the floor of every site and plan the walks of what was released; return the number of new batches."""
    system = actors.system("planner")
    with transaction(system) as uow:
        sites = [site.id for site in find_sites(uow)]
    planned = 0
    for site_id in sites:
        run(system, partial(release_due, site_id=site_id))
        planned += len(run(system, partial(plan_batches, site_id=site_id, max_orders=max_orders)))
    return planned
