from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from fulfillment import api
from kernel.actors import system
from kernel.db.transactions import run, transaction
from kernel.errors import Refusal
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase


def test_of_a_pick_and_a_cancellation_that_race_the_loser_hears_the_truth(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 20})
        orders = [h.order(uow, house, ("A", 1)).id for _ in range(8)]
        uow.session.flush()
        h.to_floor(uow, house)
        tasks = {task.order_id: task for task in h.claim(uow, house).tasks}
    told = len(orders)
    with ThreadPoolExecutor(4) as floor:
        outcomes = [_race(floor, house, order_id, tasks[order_id]) for order_id in orders]

    assert len(outcomes) == told
    with transaction(system(), now=h.NOW) as uow:
        for order_id, (picked, answer) in zip(orders, outcomes, strict=True):
            assert answer.state == "ACCEPTED"
            assert h.state(uow, order_id) == "CANCELLED"
            backs = [t for t in api.open_put_backs(uow, site_id=house.site) if t.order_id == order_id]
            assert len(backs) == picked
        assert h.broken_invariants(uow) == []


def _race(
    floor: ThreadPoolExecutor, house: h.House, order_id: str, task: api.WorkTask
) -> tuple[bool, api.CancelAnswer]:
    start = Barrier(2)

    def pick() -> bool:
        start.wait()
        try:
            run(system(), lambda uow: h.pick(uow, task), now=h.NOW)
        except Refusal:
            return False
        return True

    def cancel() -> api.CancelAnswer:
        start.wait()
        wish = {"tenant_id": house.tenant, "order_id": order_id, "reason": "race"}
        return run(system(), lambda uow: api.cancel_order(uow, **wish), now=h.NOW)

    picked, answer = floor.submit(pick), floor.submit(cancel)
    return picked.result(), answer.result()


def test_the_same_order_sent_by_many_at_once_is_placed_once(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 20})
    draft = h.draft(("A", 2), number="10482")
    start = Barrier(6)

    def send() -> str:
        start.wait()
        return run(system(), lambda uow: api.place_order(uow, tenant_id=house.tenant, draft=draft), now=h.NOW).id

    with ThreadPoolExecutor(6) as senders:
        placed = {sent.result() for sent in [senders.submit(send) for _ in range(6)]}

    assert len(placed) == 1
    with transaction(system(), now=h.NOW) as uow:
        assert h.units(uow, placed.pop()) == {"ordered": 2, "promised": 2}
        assert h.broken_invariants(uow) == []


@pytest.mark.thorough
@pytest.mark.parametrize(("number", "orders"), [("{n}", 12), ("{shop}-{n}", 48)])
def test_bulks_that_name_orders_and_goods_in_opposite_order_wait_for_each_other(
    fresh_database: FreshDatabase, number: str, orders: int
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 200}, B={"A-01-02-1": 200})
    start = Barrier(4)

    def send(shop: int) -> list[bool]:
        drafts = [h.draft((sku, 1), number=number.format(shop=shop, n=n)) for n, sku in enumerate("AB" * 6)]
        start.wait()
        # Without `run`, which would repeat what lost a deadlock.
        with transaction(system(), now=h.NOW) as uow:
            placed = api.place_orders(uow, tenant_id=house.tenant, drafts=drafts if shop % 2 else drafts[::-1])
        return [result.created for result in placed]

    with ThreadPoolExecutor(4) as shops:
        made = [created for sent in [shops.submit(send, shop) for shop in range(4)] for created in sent.result()]

    assert sum(made) == orders
    with transaction(system(), now=h.NOW) as uow:
        assert h.broken_invariants(uow) == []


def test_two_pickers_who_ask_at_once_get_different_batches(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 20})
        levels = ("standard", "express")
        for level in levels:
            h.order(uow, house, ("A", 1), service_level=level)
        uow.session.flush()
        h.to_floor(uow, house)
    start = Barrier(2)

    def claim(name: str) -> str:
        start.wait()
        return run(house.picker(name), lambda uow: api.claim_batch(uow, site_id=house.site).batch_id, now=h.NOW)

    with ThreadPoolExecutor(2) as pickers:
        claimed = {found.result() for found in [pickers.submit(claim, name) for name in ("usr_ana", "usr_bo")]}

    assert len(claimed) == len(levels)
