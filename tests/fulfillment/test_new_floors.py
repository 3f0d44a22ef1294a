"""Another floor comes into force: walks that wait are planned on it, and nobody is sent where nobody gets."""

from sqlalchemy import Connection, select

from fulfillment import api
from fulfillment.models import PickBatch, PickTask
from fulfillment.planning.new_floors import plan_on_new_floor, sites_with_old_walks
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

NEAR, FAR, OTHER = "B-02-03-1", "B-02-05-1", "A-01-01-1"


def waiting(uow: UnitOfWork, site: str) -> list[PickBatch]:
    statement = select(PickBatch).where(PickBatch.site_id == site).order_by(PickBatch.id)
    return list(uow.session.scalars(statement.execution_options(populate_existing=True)))


def places(uow: UnitOfWork, order_id: str) -> list[tuple[str, str, bool]]:
    tasks = uow.session.scalars(select(PickTask).where(PickTask.order_id == order_id).order_by(PickTask.id))
    return [(task.location_code, task.state, task.batch_id is not None) for task in tasks]


def block(uow: UnitOfWork, site: str) -> None:
    api.block_floor(uow, site_id=site, way="02", start=NEAR, reason="Spill", confirmed=True)


def test_walks_that_wait_follow_the_floor_and_keep_their_names(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"B-02-01-1": 5}, B={"B-02-06-1": 5})
        h.order(uow, house, ("A", 1), ("B", 1))
        h.to_floor(uow, house)
        before = [(batch.id, batch.length_mm, batch.floor_version) for batch in waiting(uow, house.site)]
        assert sites_with_old_walks(uow) == []

        block(uow, house.site)
        assert sites_with_old_walks(uow) == [house.site]
        assert plan_on_new_floor(uow, site_id=house.site) == 1

        (batch,) = waiting(uow, house.site)
        ((known, length, version),) = before
        assert (batch.id, version, batch.floor_version) == (known, 1, 2)
        assert batch.length_mm == batch.planned_mm > length
        assert (sites_with_old_walks(uow), plan_on_new_floor(uow, site_id=house.site)) == ([], 0)
        api.open_floor(uow, site_id=house.site, obstacle="BLOCK-1")
        plan_on_new_floor(uow, site_id=house.site)
        assert [(batch.id, batch.length_mm) for batch in waiting(uow, house.site)] == [(known, length)]
        assert h.broken_invariants(uow) == []


def test_goods_behind_what_is_blocked_are_taken_elsewhere_or_wait(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={NEAR: 1}, B={NEAR: 5})
        both, stuck = h.order(uow, house, ("A", 1)).id, h.order(uow, house, ("B", 2)).id
        uow.session.flush()
        h.to_floor(uow, house)
        h.stock(uow, house, A={OTHER: 3})

        block(uow, house.site)
        plan_on_new_floor(uow, site_id=house.site)
        uow.session.flush()

        assert places(uow, both) == [(NEAR, "CANCELLED", False), (OTHER, "READY", True)]
        assert places(uow, stuck) == [(NEAR, "CANCELLED", False)]
        order = api.get_order(uow, stuck)
        assert (order.state, order.units.promised, order.units.allocated) == ("PROMISED", 2, 0)
        assert [event.order_id for event in uow.emitted if isinstance(event, api.OrderPulledBack)] == [stuck]
        assert not any(d.released for d in api.release_orders(uow, site_id=house.site))
        assert h.broken_invariants(uow) == []

        api.open_floor(uow, site_id=house.site, obstacle="BLOCK-1")
        assert [d.order_id for d in api.release_orders(uow, site_id=house.site) if d.released] == [stuck]


def test_walks_under_way_follow_an_earlier_floor_put_in_force_again(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"B-02-01-1": 5}, B={"B-02-06-1": 5})
        h.order(uow, house, ("A", 1), ("B", 1))
        h.to_floor(uow, house)
        block(uow, house.site)
        plan_on_new_floor(uow, site_id=house.site)
        around = waiting(uow, house.site)[0].length_mm
    with transaction(house.picker(), now=h.NOW) as uow:
        api.claim_batch(uow, site_id=house.site)
    with transaction(system(), now=h.NOW) as uow:
        api.put_floor_plan_in_force(uow, site_id=house.site, version=1)
        assert waiting(uow, house.site)[0].length_mm < around - 10_000
        assert sites_with_old_walks(uow) == []
