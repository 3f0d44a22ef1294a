from itertools import permutations

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.rest_routes import find_rest_route, fixed_length
from fulfillment.domain.routing.routes import walked_length
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

FLOOR = compile_layout(api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2))
BINS = ("A-01-02-1", "A-01-11-1", "B-02-03-1", "C-03-09-2", "C-03-02-1")


def codes(work: api.WorkPackage) -> list[str]:
    return [task.location_code for task in work.tasks if task.state in ("CLAIMED", "SKIPPED")]


@pytest.mark.parametrize("here", ["", "C-03-04-2", "B-02-11-2"])
def test_no_order_of_what_is_left_is_shorter_from_where_the_picker_is(here: str) -> None:
    rest = find_rest_route(FLOOR, here, BINS)

    assert rest.length_mm == min(fixed_length(FLOOR, here, order) for order in permutations(BINS))
    assert fixed_length(FLOOR, here, rest.stops) == rest.length_mm
    assert walked_length(rest.walk) <= rest.length_mm
    assert sorted(rest.stops) == sorted(BINS)


def test_what_was_put_off_comes_last_and_what_is_not_there_in_no_walk() -> None:
    rest = find_rest_route(FLOOR, "A-01-01-1", [*BINS, "Z-9"], ["A-01-01-1", "C-03-07-1"])

    assert rest.later == ("A-01-01-1", "C-03-07-1")
    assert rest.closed == ("Z-9",)
    assert set(rest.stops) == set(BINS)


def on_a_walk(uow: UnitOfWork) -> tuple[h.House, api.WorkPackage]:
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 3, "A-01-03-1": 9}, B={"A-01-06-1": 9}, C={"A-01-05-1": 9})
    h.order(uow, house, ("A", 2), ("B", 1), ("C", 1))
    uow.session.flush()
    h.to_floor(uow, house)
    return house, h.claim(uow, house)


def test_after_a_short_pick_the_other_bin_comes_where_it_lies(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, work = on_a_walk(uow)
        task = next(t for t in work.tasks if t.sku == "A")
        before = work.length_mm

        api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        uow.session.flush()

        after = api.work_package(uow, work.batch_id)
        other = next(code for code in ("A-01-01-1", "A-01-03-1") if code != task.location_code)
        assert set(codes(after)) == {other, "A-01-06-1", "A-01-05-1"}
        layout = compile_layout(api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2))
        left = codes(after)
        shortest = min(fixed_length(layout, task.location_code, each) for each in permutations(left))
        assert fixed_length(layout, task.location_code, left) == shortest
        assert after.version > work.version
        assert after.length_mm >= before
        assert h.broken_invariants(uow) == []


def test_a_skipped_stop_comes_last_and_the_rest_goes_on_from_here(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, work = on_a_walk(uow)
        first, second = work.tasks[0], work.tasks[1]

        api.skip_task(uow, task_id=first.task_id)
        uow.session.flush()
        api.skip_task(uow, task_id=second.task_id)
        uow.session.flush()

        after = api.work_package(uow, work.batch_id)
        assert [t.task_id for t in after.tasks][-2:] == [first.task_id, second.task_id]


def test_a_blocked_aisle_sends_live_walks_another_way_and_tells_the_device(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, work = on_a_walk(uow)
        picker = work.picker
        op = api.WorkOp("op-0000001", "skip", task_id=work.tasks[-1].task_id)
        before = api.work_package(uow, work.batch_id)
        assert not api.walk_changed(uow, site_id=house.site, picker=picker, op_ids=[op.op_id])

        api.block_floor(uow, site_id=house.site, way="01", reason="A pallet fell", start="A-01-04-1", confirmed=True)
        uow.session.flush()

        assert api.walk_changed(uow, site_id=house.site, picker=picker, op_ids=[op.op_id])
        after = api.work_package(uow, work.batch_id)
        assert after.walk != before.walk
        assert sorted(codes(after)) == sorted(codes(before))
        assert after.length_mm > before.length_mm
