from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfillment.domain.annealing import compiled
from fulfillment.domain.annealing.annealing import improve_plan, warm_up
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan
from fulfillment.domain.layout import Depot, GridLayout, Stand
from fulfillment.domain.routing import speed
from fulfillment.domain.routing.routes import tour_length
from tests.fulfillment.grids import grid, obstructed_grids
from tests.plugin.examples import examples
from tests.plugin.searches import looks

ONE_BLOCK = grid((0, 3, 6, 9, 12), (0, 14), {}, Depot((0, 0), 0, 0, 0))
TWO_BLOCKS = grid((0, 3, 6, 9), (0, 7, 14), {}, Depot((5, -2), 5, 0, 2))


def random_case(
    seed: int, orders: int, layout: GridLayout = ONE_BLOCK, capacity: tuple[int, ...] = (8, 3)
) -> BatchingCase:
    dice = Random(seed)  # noqa: S311 - draws test data
    places = [
        tuple({Stand(dice.randrange(len(layout.columns)), dice.randint(0, 14)) for _ in range(dice.randint(1, 4))})
        for _ in range(orders)
    ]
    return BatchingCase(layout, tuple(places), tuple((len(places[n]), 1) for n in range(orders)), capacity)


def last_plan(case: BatchingCase, seed: int = 1, most: int = 30, start: tuple[tuple[int, ...], ...] = ()) -> CartPlan:
    return list(improve_plan(case, seed=seed, spent=looks(most), start=start))[-1]


def shortest_total(case: BatchingCase) -> int:
    """Return the least total of all ways to put the orders on carts, by sets of orders."""
    orders = len(case.orders)
    members = [[order for order in range(orders) if subset >> order & 1] for subset in range(1 << orders)]
    cost = {
        subset: tour_length(case.layout, [stand for order in members[subset] for stand in case.orders[order]])
        for subset in range(1, 1 << orders)
        if case.fits(members[subset])
    }
    best = [0] * (1 << orders)
    for subset in range(1, 1 << orders):
        lowest = subset & -subset
        parts = (part for part in cost if part & lowest and part & subset == part)
        best[subset] = min(cost[part] + best[subset ^ part] for part in parts)
    return best[-1]


@settings(max_examples=examples(4), deadline=None, derandomize=True)
@given(seed=st.integers(0, 9999))
def test_small_cases_are_solved_to_the_optimum(seed: int) -> None:
    case = random_case(seed, orders=7)

    assert last_plan(case, most=100).total_mm == shortest_total(case)


@pytest.mark.parametrize("layout", [ONE_BLOCK, TWO_BLOCKS], ids=["one block", "two blocks"])
def test_each_plan_is_shorter_and_sound(layout: GridLayout) -> None:
    case = random_case(5, orders=16, layout=layout, capacity=(9, 4))

    plans = list(improve_plan(case, seed=3, spent=looks(8)))

    totals = [plan.total_mm for plan in plans]
    assert len(plans) > 1
    assert totals == sorted(set(totals), reverse=True)
    for plan in plans:
        assert_sound(case, plan)


def assert_sound(case: BatchingCase, plan: CartPlan) -> None:
    assert sorted(order for cart in plan.carts for order in cart) == list(range(len(case.orders)))
    assert all(case.fits(cart) or len(cart) == 1 for cart in plan.carts)
    walks = [tour_length(case.layout, [stand for order in cart for stand in case.orders[order]]) for cart in plan.carts]
    assert list(plan.lengths_mm) == walks


def test_the_same_seed_gives_the_same_plans() -> None:
    case = random_case(8, orders=14)

    assert list(improve_plan(case, seed=4, spent=looks(6))) == list(improve_plan(case, seed=4, spent=looks(6)))


def test_an_order_too_large_for_any_cart_has_one_alone() -> None:
    usual = random_case(2, orders=6)
    case = BatchingCase(usual.layout, usual.orders, ((99, 1), *usual.loads[1:]), usual.capacity)

    plan = last_plan(case, most=5)

    assert (0,) in plan.carts
    assert_sound(case, plan)


def test_a_plan_is_never_longer_than_the_start_given() -> None:
    case = random_case(9, orders=12)
    good = last_plan(case, most=30)

    plans = list(improve_plan(case, seed=1, spent=lambda: 1.0, start=good.carts))

    assert [plan.total_mm for plan in plans] == [good.total_mm]


@pytest.mark.parametrize("start", [((0, 1),), ((0, 1), (1, 2)), ((0, 1, 2, 3),)])
def test_a_start_that_is_no_plan_is_refused(start: tuple[tuple[int, ...], ...]) -> None:
    stands = ((Stand(0, 1),), (Stand(1, 1),), (Stand(2, 1),))
    case = BatchingCase(ONE_BLOCK, stands, ((1,), (1,), (1,)), (2,))

    with pytest.raises(ValueError, match="start"):
        last_plan(case, start=start)


def test_loads_that_do_not_match_the_capacity_are_refused() -> None:
    with pytest.raises(ValueError, match="load"):
        BatchingCase(ONE_BLOCK, ((Stand(0, 1),),), ((1, 2),), (5,))


def test_orders_at_the_depot_need_no_walk() -> None:
    case = BatchingCase(ONE_BLOCK, ((Stand(0, 0),),) * 4, ((1,),) * 4, (2,))

    assert last_plan(case).total_mm == 0


def test_no_orders_give_no_plan() -> None:
    assert list(improve_plan(BatchingCase(ONE_BLOCK, (), (), (1,)), seed=1, spent=looks(3))) == []


@pytest.mark.thorough  # compiling takes half a minute on a new machine
@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 9999), layout=st.one_of(st.just(ONE_BLOCK), st.just(TWO_BLOCKS), obstructed_grids()))
def test_compiled_search_takes_the_same_steps(
    compiled_search: None, monkeypatch: pytest.MonkeyPatch, seed: int, layout: GridLayout
) -> None:
    stands = [Stand(column, y) for column in range(len(layout.columns)) for y in (layout.rows[0], layout.rows[-1])]
    reached = [stand for stand in stands if speed.shortest_length(layout, [stand]) is not None]
    dice = Random(seed)  # noqa: S311 - draws test data
    orders = tuple(tuple(dice.choices(reached, k=3)) for _ in range(10)) if reached else ()
    case = BatchingCase(layout, orders, ((1,),) * len(orders), (3,))
    monkeypatch.setattr("fulfillment.domain.annealing.annealing.CHUNK", 200)

    fast = list(improve_plan(case, seed=seed, spent=looks(5)))
    compiled.cool_down()
    speed.cool_down()
    slow = list(improve_plan(case, seed=seed, spent=looks(5)))
    speed.warm_up()
    warm_up()

    assert fast == slow


@pytest.mark.thorough
def test_compiled_search_keeps_its_promises_on_a_larger_case(compiled_search: None) -> None:
    case = random_case(1, orders=120, layout=TWO_BLOCKS, capacity=(20, 8))

    plans = list(improve_plan(case, seed=2, spent=looks(20)))

    assert plans[-1].total_mm < plans[0].total_mm
    assert_sound(case, plans[-1])
