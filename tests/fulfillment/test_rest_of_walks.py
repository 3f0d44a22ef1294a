from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.rest_routes import find_rest_route, fixed_length
from fulfillment.domain.routing.routes import find_route, unreachable_bins, walked_length
from fulfillment.domain.routing.wishes import Wishes, find_route_with
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h
from tests.fulfillment.grids import grids, obstructed_grids

pytestmark = pytest.mark.thorough

FLOOR = compile_layout(api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2))
BINS = ("A-01-02-1", "A-01-11-1", "B-02-03-1", "C-03-09-2", "C-03-02-1")


def codes(work: api.WorkPackage) -> list[str]:
    return [task.location_code for task in work.tasks if task.state in ("CLAIMED", "SKIPPED")]


@pytest.mark.parametrize("here", ["", "C-03-04-2", "B-02-11-2"])
def test_no_order_of_what_is_left_is_shorter_from_where_the_picker_is(here: str) -> None:
    rest = find_rest_route(FLOOR, here, BINS)

    assert rest.length_mm == min(fixed_length(FLOOR, here, order) for order in permutations(BINS))
    assert fixed_length(FLOOR, here, rest.stops) == rest.length_mm
    assert walked_length(rest.walk) == rest.length_mm
    assert sorted(rest.stops) == sorted(BINS)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(grids(most_picks=9, most_blocks=5))
def test_an_untouched_walk_from_the_depot_is_as_long_as_it_was_planned(layout: GridLayout) -> None:
    planned = find_route(layout, layout.codes)
    rest = find_rest_route(layout, "", layout.codes)

    assert (rest.length_mm, walked_length(rest.walk)) == (planned.length_mm, planned.length_mm)
    if planned.stops:
        assert fixed_length(layout, "", planned.stops) == planned.length_mm


@settings(max_examples=15, deadline=None, derandomize=True)
@given(obstructed_grids(most_picks=6, most_blocks=5), st.data())
def test_around_what_is_blocked_it_is_as_long_as_planned_too_in_any_order_of_loading(
    layout: GridLayout, data: st.DataObject
) -> None:
    ranks = {code: data.draw(st.integers(0, 2)) for code in sorted(layout.codes)}
    closed = set(unreachable_bins(layout, layout.codes))
    codes = layout.codes - closed

    rest = find_rest_route(layout, "", layout.codes, ranks=ranks)

    assert set(rest.closed) == closed
    assert rest.length_mm == find_route_with(layout, codes, Wishes(ranks=ranks)).route.length_mm
    if codes:
        assert rest.length_mm == walked_length(rest.walk) == fixed_length(layout, "", rest.stops)


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


def spread(uow: UnitOfWork) -> api.WorkPackage:
    """Claim a walk over six stops in three aisles."""
    house = h.build(uow)
    new = [inventory.ItemDraft(sku, f"Thing {sku}", 200, 100, 80, 50) for sku in "DEF"]
    items = house.items | inventory.create_items(uow, tenant_id=house.tenant, items=new)
    house = replace(house, items=items)
    bins = ("A-01-01-1", "A-01-09-1", "B-02-03-1", "B-02-10-1", "C-03-02-1", "C-03-11-1")
    h.stock(uow, house, **{sku: {code: 9} for sku, code in zip("ABCDEF", bins, strict=True)})
    h.order(uow, house, *((sku, 1) for sku in "ABCDEF"))
    uow.session.flush()
    h.to_floor(uow, house)
    return h.claim(uow, house)


@pytest.mark.parametrize("skipped", range(5))
def test_the_stop_after_a_skipped_one_stays_the_next(database: Connection, skipped: int) -> None:
    with transaction(system(), now=h.NOW) as uow:
        work = spread(uow)
        for task in work.tasks[:skipped]:
            h.pick(uow, task)

        api.skip_task(uow, task_id=work.tasks[skipped].task_id)
        uow.session.flush()

        after = codes(api.work_package(uow, work.batch_id))
        assert after[0] == work.tasks[skipped + 1].location_code
        assert after[-1] == work.tasks[skipped].location_code
        orders = [(*each, after[-1]) for each in permutations(after[1:-1])]
        assert fixed_length(FLOOR, after[0], after[1:]) == min(fixed_length(FLOOR, after[0], each) for each in orders)


def test_stops_skipped_without_a_network_leave_the_one_that_the_device_shows(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        work = spread(uow)
        for number, task in enumerate(work.tasks[:4], start=1):
            api.skip_task(uow, task_id=task.task_id, next_location=work.tasks[number].location_code)
            uow.session.flush()

        after = [task.task_id for task in api.work_package(uow, work.batch_id).tasks]
        assert after[0] == work.tasks[4].task_id
        assert after[2:] == [task.task_id for task in work.tasks[:4]]


def test_a_place_that_is_not_on_the_walk_leaves_the_stop_after_the_skipped_one(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        work = spread(uow)

        api.skip_task(uow, task_id=work.tasks[0].task_id, next_location="Z-99-1")
        uow.session.flush()

        assert codes(api.work_package(uow, work.batch_id))[0] == work.tasks[1].location_code


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
