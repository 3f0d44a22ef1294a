import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import text

from fulfillment import api
from inventory import api as inventory
from kernel import clock
from kernel.actors import system
from kernel.db.transactions import run, transaction
from tests.fulfillment import house as h

BUYERS, ON_HAND, AHEAD = 16, 3, 5


@pytest.mark.thorough
@pytest.mark.usefixtures("fresh_database")
def test_racing_orders_never_sell_more_ahead_than_the_item_says() -> None:
    """vendurehq/vendure#3508 (and its cure, #4930), nopCommerce#8085: a count read without a lock lets two orders have
    the same last unit. woocommerce#25089 looked and took in one statement, and #26226 took that back.
    """
    with transaction(system(), now=clock.now()) as uow:
        house = h.build(uow)
        api.set_order_policy(uow, tenant_id=house.tenant, on_shortage="refuse", horizon_days=14)
        h.stock(uow, house, A={"A-01-01-1": ON_HAND}, B={"A-01-02-1": ON_HAND})
        for sku in ("A", "B"):
            rule = inventory.Oversell("backorder", AHEAD)
            inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=house.items[sku], oversell=rule)
    together = threading.Barrier(BUYERS)

    def buy(n: int) -> bool:
        # Half of them name the items the other way round: locks are taken in key order, whatever a shop says.
        wanted = (("A", 1), ("B", 1)) if n % 2 else (("B", 1), ("A", 1))
        buyer = {"customer": api.CustomerDraft(f"c-{n}"), "placed_at": clock.now(), "promised_on": None}
        draft = h.draft(*wanted, number=f"N-{n}", **buyer)
        together.wait()
        (placed,) = run(system(), partial(api.place_orders, tenant_id=house.tenant, drafts=[draft]))
        assert placed.created or isinstance(placed.problem, inventory.InsufficientStock)
        return placed.created

    with ThreadPoolExecutor(BUYERS) as pool:
        taken = sum(pool.map(buy, range(BUYERS)))
    with transaction(system()) as uow:
        sums = "select sum(promised) as promised, sum(backordered) as ahead from order_line group by item_id"
        found = [tuple(map(int, row)) for row in uow.session.execute(text(sums))]
        assert (taken, found) == (ON_HAND + AHEAD, [(ON_HAND, AHEAD)] * 2)
        assert not h.broken_invariants(uow)
