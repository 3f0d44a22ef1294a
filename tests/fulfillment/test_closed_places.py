"""Nobody is sent to a place that is closed, whatever made the units be taken elsewhere."""

import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough

NEAR, CLOSED, OPEN = "B-02-01-1", "B-02-03-1", "C-03-10-1"


def on_a_walk(uow: UnitOfWork) -> tuple[h.House, api.WorkTask]:
    """Return a house in which somebody is about to pick 3 of A nearby; the bay that has others is closed."""
    house = h.build(uow)
    h.stock(uow, house, A={NEAR: 3})
    h.order(uow, house, ("A", 3))
    uow.session.flush()
    h.to_floor(uow, house)
    h.stock(uow, house, A={CLOSED: 9})
    task = h.claim(uow, house).tasks[0]
    api.block_floor(uow, site_id=house.site, way="02", start=CLOSED, reason="Spill", confirmed=True)
    uow.session.flush()
    return house, task


def places(uow: UnitOfWork, batch_id: str) -> set[str]:
    return {each.location_code for each in api.work_package(uow, batch_id).tasks if each.state == "CLAIMED"}


def test_after_a_short_the_other_bin_is_one_that_somebody_gets_to(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, task = on_a_walk(uow)
        h.stock(uow, house, A={OPEN: 3})

        api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        uow.session.flush()

        batch = api.find_batches(uow, site_id=house.site)[0]
        assert places(uow, batch.id) == {OPEN}
        assert h.broken_invariants(uow) == []


def test_without_such_a_bin_the_units_wait(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, task = on_a_walk(uow)

        done = api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        uow.session.flush()

        assert done.state == "SHORT"
        (batch,) = api.find_batches(uow, site_id=house.site)
        assert places(uow, batch.id) == set()
        assert h.broken_invariants(uow) == []


def test_who_relied_on_the_bin_is_moved_to_an_open_one_too(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={NEAR: 6})
        first, second = (h.order(uow, house, ("A", 3)) for _ in range(2))
        uow.session.flush()
        h.to_floor(uow, house)
        h.stock(uow, house, A={CLOSED: 9})
        h.stock(uow, house, A={OPEN: 4})
        work = h.claim(uow, house)
        api.block_floor(uow, site_id=house.site, way="02", start=CLOSED, reason="Spill", confirmed=True)
        before = len(uow.emitted)

        task = next(each for each in work.tasks if each.order_id == first.id)
        api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        uow.session.flush()
        h.deliver(uow, uow.emitted[before:])

        (report,) = api.short_reports(uow, site_id=house.site)
        assert {place for each in report.touched for place in each.places} == {OPEN}
        assert {each.order_id for each in report.touched} == {second.id}
        assert CLOSED not in places(uow, work.batch_id)
        assert h.broken_invariants(uow) == []


@pytest.mark.parametrize("spare", [0, 3])
def test_units_that_left_a_bin_are_not_looked_for_where_nobody_gets_to(database: Connection, spare: int) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, _ = on_a_walk(uow)
        if spare:
            h.stock(uow, house, A={OPEN: spare})
        before = len(uow.emitted)

        inventory.adjust_stock(
            uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["A"], location_code=NEAR, delta=-3,
            reason="broken",
        )  # fmt: skip
        uow.session.flush()
        h.deliver(uow, uow.emitted[before:])

        (batch,) = api.find_batches(uow, site_id=house.site)
        assert places(uow, batch.id) == ({OPEN} if spare else set())
        assert h.broken_invariants(uow) == []
