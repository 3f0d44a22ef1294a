import pytest
from sqlalchemy import Connection, text

from fulfillment import api
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough


def told(uow: UnitOfWork) -> list[str]:
    return [
        name for name in h.told(uow) if name in ("OrderRushed", "OrderPulledBack", "OrderReleased", "PickingStarted")
    ]


def stocked(uow: UnitOfWork) -> h.House:
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 90}, B={"A-01-05-1": 90}, C={"A-01-03-1": 90})
    return house


def rush(uow: UnitOfWork, house: h.House, order_id: str) -> api.RushAnswer:
    answer = api.rush_order(uow, tenant_id=house.tenant, order_id=order_id, reason="The customer waits at the door.")
    uow.session.flush()
    return answer


def test_a_rush_order_joins_the_live_walk_and_keeps_what_is_picked(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = stocked(uow)
        h.order(uow, house, ("A", 1), ("B", 2))
        uow.session.flush()
        h.to_floor(uow, house)
    picker = house.picker("usr_ana")
    with transaction(picker, now=h.NOW) as uow:
        work = h.claim(uow, house)
        done = work.tasks[0]
        h.pick(uow, done)
        rushed = h.order(uow, house, ("C", 3))
        uow.session.flush()

        answer = rush(uow, house, rushed.id)

        assert (answer.state, answer.batch_id, answer.extra_mm) == ("joined", work.batch_id, 0)
        assert told(uow)[-3:] == ["OrderReleased", "PickingStarted", "OrderRushed"]
        after = api.work_package(uow, work.batch_id)
        assert after.stage == "bind"
        assert after.tasks[0].task_id == done.task_id
        assert [task.location_code for task in after.tasks[1:]] == ["A-01-03-1", "A-01-05-1"]
        assert after.slots[-1].order_id == rushed.id
        assert h.state(uow, rushed.id) == "PICKING"
        assert h.broken_invariants(uow) == []


def test_a_rush_order_without_room_on_a_walk_is_claimed_next(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = stocked(uow)
        first = h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        rushed = h.order(uow, house, ("C", 1))
        uow.session.flush()

        assert rush(uow, house, rushed.id).state == "next"
        api.plan_batches(uow, site_id=house.site)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        assert [slot.order_id for slot in h.claim(uow, house).slots] == [rushed.id]
        assert rush(uow, house, rushed.id).state == "walked"
        assert rush(uow, house, first.id).state == "next"


def test_a_cart_never_gets_more_slots_than_it_has(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = stocked(uow)
        for _ in range(12):
            h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        assert len(h.claim(uow, house).slots) == 12
        order = h.order(uow, house, ("C", 1))
        uow.session.flush()

        assert rush(uow, house, order.id).state == "next"


def test_an_order_pulled_back_waits_until_somebody_releases_it(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = stocked(uow)
        stays, order = h.order(uow, house, ("A", 1)), h.order(uow, house, ("B", 2))
        uow.session.flush()
        (batch_id,) = h.to_floor(uow, house)

        assert api.pull_back_order(uow, tenant_id=house.tenant, order_id=order.id, reason="The address is asked.") == 2
        uow.session.flush()

        assert told(uow)[-1] == "OrderPulledBack"
        assert h.state(uow, order.id) == "PROMISED"
        assert h.units(uow, order.id) == {"ordered": 2, "promised": 2}
        open_slots = {slot.order_id for slot in api.work_package(uow, batch_id).slots if slot.is_open}
        assert open_slots == {stays.id}
        (waits,) = api.release_due(uow, site_id=house.site)
        assert (waits.released, waits.why[:26]) == (False, "Waits: it was pulled back ")
        assert api.release_orders(uow, site_id=house.site, order_ids=[order.id])[0].released
        assert h.broken_invariants(uow) == []


def test_a_walk_without_orders_ends(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = stocked(uow)
        order = h.order(uow, house, ("A", 1))
        uow.session.flush()
        (batch_id,) = h.to_floor(uow, house)

        api.pull_back_order(uow, tenant_id=house.tenant, order_id=order.id, reason="Wait.")
        uow.session.flush()

        assert api.work_package(uow, batch_id).state == "DONE"
        with pytest.raises(api.NothingToPick):
            api.claim_batch(uow, site_id=house.site)


def test_what_is_picked_is_not_pulled_back(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = stocked(uow)
        order = h.order(uow, house, ("A", 1), ("B", 2))
        uow.session.flush()
        h.to_floor(uow, house)
        work = h.claim(uow, house)
        h.pick(uow, work.tasks[0])
        before = h.units(uow, order.id)

        with pytest.raises(api.TooLateToPullBack):
            api.pull_back_order(uow, tenant_id=house.tenant, order_id=order.id, reason="Wait.")

        assert h.units(uow, order.id) == before


def test_a_walk_handed_over_goes_on_with_the_next_picker(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = stocked(uow)
        h.order(uow, house, ("A", 1), ("B", 2))
        uow.session.flush()
        h.to_floor(uow, house)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        work = h.claim(uow, house)
        h.pick(uow, work.tasks[0])
        api.hand_over_batch(uow, batch_id=work.batch_id)
        with pytest.raises(api.WalkNotUnderWay):
            api.hand_over_batch(uow, batch_id=work.batch_id)
    with transaction(house.picker("usr_bo"), now=h.NOW) as uow:
        after = api.claim_batch(uow, site_id=house.site)

        assert (after.batch_id, after.picker, after.lines_done) == (work.batch_id, "usr_bo", 1)
        totes = uow.session.execute(text("select tote from batch_order")).scalars().all()
        assert all(totes)
