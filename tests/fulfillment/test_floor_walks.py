"""A floor with one-way aisles, from the order to the printed walk."""

from dataclasses import replace
from itertools import pairwise

from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.batching import CartCapacity, PickLine, PickOrder
from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.graph_batching import plan_graph_batches
from fulfillment.domain.layout import WarehousePlan
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.queries.pick_list import pick_list
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h


def one_way(plan: WarehousePlan) -> WarehousePlan:
    """Return the plan with every other aisle leading away from the docks, and the rest back."""
    return replace(plan, aisles=tuple(replace(a, one_way=1 if n % 2 == 0 else -1) for n, a in enumerate(plan.aisles)))


def test_orders_on_a_floor_with_one_way_aisles_are_walked_in_their_direction(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _walk_one_way(uow)


def _walk_one_way(uow: UnitOfWork) -> None:
    house = h.build(uow, drawn=False)
    plan = one_way(api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2))
    api.store_floor_plan(uow, site_id=house.site, plan=plan)
    h.stock(uow, house, A={"A-01-05-1": 5}, B={"B-02-10-1": 5}, C={"C-03-02-2": 5})
    for wanted in (("A", "B"), ("C", "B"), ("A", "C")):
        h.order(uow, house, *((sku, 1) for sku in wanted))
    uow.session.flush()

    (batch_id,) = h.to_floor(uow, house)

    package = api.work_package(uow, batch_id)
    front = plan.aisles[0].y_from_mm
    directions = {aisle.x_mm: aisle.one_way for aisle in plan.aisles}
    along = [(x, to_y - y) for (x, y), (to_x, to_y) in pairwise(package.walk) if x == to_x and min(y, to_y) >= front]
    assert along
    assert {x for x, way in along if way * directions[x] < 0} == set()
    assert package.length_mm == sum(abs(x - u) + abs(y - v) for (x, y), (u, v) in pairwise(package.walk))
    assert 0 < package.length_mm <= package.length_by_name_order_mm
    assert {(task.side, task.level) for task in package.tasks} == {("L", 1), ("R", 1), ("R", 2)}
    assert pick_list(uow, batch_id).startswith(b"%PDF")


def test_carts_on_a_graph_floor_take_neighbors_and_never_more_than_they_hold() -> None:
    layout = compile_floor(one_way(api.sample_warehouse(aisles=6, bays=10, levels=1, blocks=1)))
    assert isinstance(layout, GraphLayout)
    wanted = {n: ("A-01", "A-02")[n % 2] if n < 6 else "C-06" for n in range(12)}
    orders = [
        PickOrder(f"o{n:02d}", (PickLine(f"{aisle}-{n % 10 + 1:02d}-1", 1),), 1_000, 100, int(n == 11), "standard")
        for n, aisle in wanted.items()
    ]

    batches = plan_graph_batches(orders, capacity=CartCapacity(6, 10_000, 60_000), layout=layout)

    together = [range(6), range(6, 11), range(11, 12)]
    assert sorted(batch.order_ids for batch in batches) == [tuple(f"o{n:02d}" for n in of) for of in together]
    assert [batch.due_rank for batch in batches] == [0, 0, 1]
    assert plan_graph_batches(orders[::-1], capacity=CartCapacity(6, 10_000, 60_000), layout=layout) == batches
