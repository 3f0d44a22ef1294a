from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import Connection, select

from fulfillment import api
from fulfillment.domain.layout import GridLayout
from fulfillment.models import BatchOrder, PickBatch, PickTask
from fulfillment.planning import improving
from fulfillment.planning.drafts import read_drafts, swap_carts
from fulfillment.queries.carts import cart_of
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run, transaction
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough

NEAR, FAR = "A-01-06-1", "C-03-06-1"


def build(uow: UnitOfWork, pairs: int = 3, totes: int = 2) -> h.House:
    """Plan carts one by one, each with an order of the near and one of the far aisle: they would better go apart."""
    house = h.build(uow)
    h.stock(uow, house, A={NEAR: 50}, B={FAR: 50})
    api.set_cart(uow, site_id=house.site, cart=api.CartSettings(totes, 48_000_000, 150_000, 1_000))
    for _ in range(pairs):
        h.order(uow, house, ("A", 1), ("A", 1))
        h.order(uow, house, ("B", 1), ("B", 1))
        uow.session.flush()
        h.to_floor(uow, house)
    uow.session.flush()
    return house


def turn(site: str) -> int:
    begun = run(system(), lambda uow: improving.begin_turn(uow, site_id=site))
    if begun is None:
        return 0
    carts = improving.better_carts(begun, 0.05)
    return run(system(), lambda uow: improving.end_turn(uow, turn=begun, carts=carts, cpu_ms=50))


def assert_conserved(uow: UnitOfWork, orders: int) -> None:
    """Every task is in exactly one batch, in the slot of its order, and walks say what they hold."""
    tasks = list(uow.session.scalars(select(PickTask)))
    slots = list(uow.session.scalars(select(BatchOrder)))
    batches = {b.id: b for b in uow.session.scalars(select(PickBatch))}
    assert len(tasks) == 2 * orders
    assert Counter(slot.order_id for slot in slots) == Counter({task.order_id: 1 for task in tasks})
    where = {slot.order_id: (slot.batch_id, slot.slot) for slot in slots}
    assert {(t.batch_id, t.slot) == where[t.order_id] for t in tasks} == {True}
    assert {slot.batch_id for slot in slots} == set(batches)
    for batch in batches.values():
        held = [task for task in tasks if task.batch_id == batch.id]
        assert batch.stops == len({task.location_code for task in held})
        assert sorted(task.seq for task in held) == list(range(1, len(held) + 1))
        assert len({task.state for task in held}) == 1
    assert h.broken_invariants(uow) == []


def test_unclaimed_walks_get_shorter_until_they_settle_and_people_may_stop_it(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        before = api.batch_search(uow, site_id=house.site)
        ids = {batch.id for batch in api.find_batches(uow, site_id=house.site)}

    saved = turn(house.site)

    with transaction(system(), now=h.NOW) as uow:
        found = api.batch_search(uow, site_id=house.site)
        assert (before.state, found.state, found.orders, found.batches) == ("idle", "improving", 6, 3)
        assert found.now_mm == found.planned_mm - saved < before.now_mm == found.planned_mm
        assert 0 < found.saved_percent < 100
        assert (before.methods, found.methods) == ((), ("annealing",))
        assert {batch.id for batch in api.find_batches(uow, site_id=house.site)} == ids
        assert_conserved(uow, 6)
    for _ in range(improving.QUIET_ROUNDS + 1):
        assert turn(house.site) == 0
    with transaction(house.manager(), now=h.NOW) as uow:
        assert api.batch_search(uow, site_id=house.site).state == "settled"
        api.plan_anew(uow, site_id=house.site)
        assert api.batch_search(uow, site_id=house.site).state == "improving"
        api.stop_batch_search(uow, site_id=house.site)
    with transaction(system(), now=h.NOW) as uow:
        assert improving.begin_turn(uow, site_id=house.site) is None


def test_what_was_claimed_or_changed_meanwhile_is_left_alone(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        begun = improving.begin_turn(uow, site_id=house.site)
        assert begun is not None
        carts = improving.better_carts(begun, 0.05)
    with transaction(house.picker(), now=h.NOW) as uow:
        mine = api.claim_batch(uow, site_id=house.site)
    with transaction(system(), now=h.NOW) as uow:
        improving.end_turn(uow, turn=begun, carts=carts, cpu_ms=5)
        uow.session.flush()
        assert {slot.order_id for slot in api.work_package(uow, mine.batch_id).slots} == {
            slot.order_id for slot in mine.slots
        }
        assert_conserved(uow, 6)
        slot = uow.session.scalars(select(BatchOrder).where(BatchOrder.batch_id != mine.batch_id)).first()
        assert slot is not None
        api.cancel_order(uow, tenant_id=house.tenant, order_id=slot.order_id, reason="changed my mind")
        uow.session.flush()
        improving.end_turn(uow, turn=begun, carts=carts, cpu_ms=5)
        assert h.broken_invariants(uow) == []


def test_a_cart_that_became_too_small_is_split_and_one_order_too_large_is_refused(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow, pairs=1)
        api.set_cart(uow, site_id=house.site, cart=api.CartSettings(1, 48_000_000, 150_000, 1_000))
        with pytest.raises(api.CartTooSmall) as refused:
            api.set_cart(uow, site_id=house.site, cart=api.CartSettings(1, 48_000_000, 150_000, 1))
        assert refused.value.facts["orders"][0]["items"] == 2
        assert api.cart_settings(uow, site_id=house.site).items == 1_000
    turn(house.site)
    with transaction(system(), now=h.NOW) as uow:
        assert [batch.orders for batch in api.find_batches(uow, site_id=house.site)] == [1, 1]
        found = api.batch_search(uow, site_id=house.site)
        assert found.planned_mm == found.now_mm
        assert_conserved(uow, 2)


def test_an_order_too_large_for_a_cart_says_how_many_it_fills(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={NEAR: 50})
        api.set_cart(uow, site_id=house.site, cart=api.CartSettings(2, 48_000_000, 150_000, 4))
        large, small = h.order(uow, house, ("A", 9)), h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        found = {batch.loads: batch.id for batch in api.find_batches(uow, site_id=house.site)}

    assert turn(house.site) == 0
    with transaction(system(), now=h.NOW) as uow:
        on_cart = {n: [slot.order_id for slot in api.work_package(uow, found[n]).slots] for n in found}
        assert on_cart == {3: [large.id], 1: [small.id]}


def test_a_walk_is_apportioned_to_its_merchants_to_the_millimeter(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={NEAR: 5}, B={FAR: 5})
        draft = inventory.ItemDraft("R", "Rival thing", 200, 100, 80, 50)
        items = inventory.create_items(uow, tenant_id=house.other, items=[draft])
        inventory.receive_stock(
            uow, tenant_id=house.other, site_id=house.site, item_id=items["R"], location_code=NEAR, quantity=9,
            reference="ASN",
        )  # fmt: skip
        h.order(uow, house, ("A", 1), ("B", 1))
        api.place_order(uow, tenant_id=house.other, draft=h.draft(("R", 2)))
        uow.session.flush()
        h.to_floor(uow, house)

        (batch,) = api.find_batches(uow, site_id=house.site)

        assert sum(share.length_mm for share in batch.merchants) == batch.length_mm > 0
        assert {s.tenant_id: (s.picks, s.length_mm) for s in batch.merchants} == {
            house.tenant: (2, pytest.approx(batch.length_mm * 2 / 3, abs=1)),
            house.other: (1, pytest.approx(batch.length_mm / 3, abs=1)),
        }


def test_hazardous_goods_walk_alone(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={NEAR: 5}, B={FAR: 5})
        spray = inventory.ItemDraft("A", "Spray", 200, 100, 80, 50, ("4006381333931",), hazmat=True)
        inventory.create_items(uow, tenant_id=house.tenant, items=[spray])
        for sku in ("A", "B", "A"):
            h.order(uow, house, (sku, 1))
        uow.session.flush()
        assert len(h.to_floor(uow, house)) == 2


def test_the_same_walks_get_the_same_carts(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        begun = improving.begin_turn(uow, site_id=house.site)
        assert begun is not None
        assert improving.better_carts(begun, 0) == improving.better_carts(begun, 0)


@pytest.mark.thorough
@pytest.mark.parametrize("claimed_before", [0, 1, 3])
def test_pickers_claim_while_walks_are_swapped(fresh_database: Connection, claimed_before: int) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow, pairs=8)
    start, enough, seen, failed = Barrier(3), Event(), [], []

    def claim(name: str) -> None:
        start.wait()
        try:
            while True:
                seen.append(run(house.picker(name), lambda uow: api.claim_batch(uow, site_id=house.site), now=h.NOW))
                if len(seen) >= claimed_before:
                    enough.set()
                with transaction(system(), now=h.NOW) as uow:
                    uow.session.get_one(PickBatch, seen[-1].batch_id).state = "IN_PROGRESS"
                name += "x"
        except api.NothingToPick:
            return
        except Exception as error:  # noqa: BLE001 - told by the test
            failed.append(error)

    pickers = [Thread(target=claim, args=(name,)) for name in ("usr_ana", "usr_bo")]
    for picker in pickers:
        picker.start()
    with transaction(system(), now=h.NOW) as uow:
        layout = api.floor_layout(uow, house.site)
        assert isinstance(layout, GridLayout)
        read, cart = read_drafts(uow, house.site, layout, 1), cart_of(uow, house.site)
    ids = sorted(read.orders, key=lambda order: (read.orders[order].lines[0].bin, order))
    carts = [ids[at : at + 2] for at in range(0, len(ids), 2)]
    start.wait()
    if claimed_before:
        assert enough.wait(timeout=30)
    saved = run(
        system(),
        lambda uow: swap_carts(uow, site_id=house.site, layout=layout, cart=cart, read=read, carts=carts),
    )
    for picker in pickers:
        picker.join()
    assert failed == []
    with transaction(system(), now=h.NOW) as uow:
        assert_conserved(uow, 16)
        for work in seen:
            now = api.work_package(uow, work.batch_id)
            assert {task.task_id for task in now.tasks} == {task.task_id for task in work.tasks}
    assert sum(len(work.tasks) for work in seen) == 32
    assert saved > 0
    walked = sum(work.length_mm for work in seen)
    assert walked == read.total_mm - saved


def test_a_lone_walk_is_searched_only_for_another_cart(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        assert improving.sites_to_improve(uow) == []
    with transaction(system(), now=h.NOW + timedelta(minutes=1)) as uow:
        cart = replace(api.cart_settings(uow, site_id=house.site), totes=5)
        api.set_cart(uow, site_id=house.site, cart=cart)
        assert improving.sites_to_improve(uow) == [house.site]
