"""The turn of a worker that brings orders to the floor: choose where to pick, release, plan walks."""

import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from itertools import chain

from fulfillment.commands.plan_batches import plan_batches
from fulfillment.domain.annealing.annealing import warm_up
from fulfillment.domain.routing.speed import is_compiled
from fulfillment.planning.choosing import Key, Proposals, propose_picks
from fulfillment.queries.carts import cart_of
from fulfillment.queries.floor import floor_layout
from fulfillment.releasing.release_orders import due_now, release_due
from inventory import api as inventory
from kernel import actors
from kernel.access.queries import find_sites
from kernel.db.transactions import UnitOfWork, run, transaction

CHOOSE_SECONDS = 4.0
"""CPU seconds of its thread that a turn has for choosing where to pick at one site."""
_ACTOR = actors.system("planner")


def release_and_plan(*, max_orders: int = 300) -> int:
    """Feed the floor of every site and plan the walks of what was released; return the number of new batches."""
    with transaction(_ACTOR) as uow:
        sites = [site.id for site in find_sites(uow)]
    planned = 0
    for site_id in sites:
        proposals = proposals_for(site_id)
        run(_ACTOR, partial(release_due, site_id=site_id, proposals=proposals))
        planned += len(run(_ACTOR, partial(plan_batches, site_id=site_id, max_orders=max_orders)))
    return planned


def proposals_for(site_id: str, *, paced: bool = True, is_over: Callable[[], bool] | None = None) -> Proposals:
    """Return where the orders that would be released now are best picked; computed without a transaction, until
    `is_over`. Not `paced`, all orders that can go are meant, not only those that the floor needs now.
    """
    with transaction(_ACTOR) as uow:
        layout = floor_layout(uow, site_id)
        groups = _groups(uow, site_id, paced=paced) if layout is not None else []
        totes = cart_of(uow, site_id).totes
        orders = list(chain.from_iterable(groups))
        choice = inventory.stock_choice(uow, site_id=site_id, order_ids=orders) if orders else None
    if choice is None or layout is None or not _has_choice(choice) or not is_search_ready():
        return {}
    until = time.thread_time() + CHOOSE_SECONDS
    return propose_picks(layout, choice, groups, totes=totes, is_over=is_over or (lambda: time.thread_time() > until))


def is_search_ready() -> bool:
    """Return whether this process searches with compiled code; what lies ready on this machine is loaded now."""
    return is_compiled() and warm_up()


def _has_choice(choice: inventory.StockChoice) -> bool:
    return any(sum(b.free > 0 for b in held) > 1 for held in choice.bins.values())


def _groups(uow: UnitOfWork, site_id: str, *, paced: bool) -> list[list[Key]]:
    """Return the orders that may go, apart by what never shares a cart."""
    groups: dict[object, list[Key]] = defaultdict(list)
    for decision in due_now(uow, site_id=site_id, paced=paced):
        groups[decision.cut_off_at].append((decision.tenant_id, decision.order_id))
    return list(groups.values())
