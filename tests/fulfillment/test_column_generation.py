from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfillment.domain.annealing import compiled
from fulfillment.domain.annealing.annealing import improve_plan, warm_up
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan, measured_plan
from fulfillment.domain.cart_search import Found, search_carts
from fulfillment.domain.column_generation.improving import improve_by_columns
from fulfillment.domain.column_generation.master import Master
from fulfillment.domain.column_generation.pool import Pool
from fulfillment.domain.column_generation.pricing import pricer_of
from fulfillment.domain.layout import Depot, GridLayout, Stand
from fulfillment.domain.routing import speed
from fulfillment.domain.routing.routes import tour_length
from tests.fulfillment.grids import grid, obstructed_grids
from tests.fulfillment.test_annealing import ONE_BLOCK, TWO_BLOCKS, random_case, shortest_total
from tests.plugin.examples import examples
from tests.plugin.searches import looks

VECTOR = (9, 4, 40)


def vector_case(seed: int, orders: int, layout: GridLayout = ONE_BLOCK) -> BatchingCase:
    """Return orders that take items, totes and weight of a cart; some cart is full of each of them first."""
    dice = Random(seed)  # noqa: S311 - draws test data
    usual = random_case(seed, orders, layout, VECTOR[:2])
    loads = tuple((*load, dice.choice((2, 5, 18))) for load in usual.loads)
    return BatchingCase(layout, usual.orders, loads, VECTOR)


def one_by_one(case: BatchingCase) -> CartPlan:
    return measured_plan(case, [[order] for order in range(len(case.orders))])


def by_columns(case: BatchingCase, seed: int = 1, most: int = 400) -> list[CartPlan]:
    return list(improve_by_columns(case, one_by_one(case), Pool(), seed=seed, spent=looks(most)))


def assert_sound(case: BatchingCase, plan: CartPlan) -> None:
    assert sorted(order for cart in plan.carts for order in cart) == list(range(len(case.orders)))
    assert all(case.fits(cart) for cart in plan.carts if len(cart) > 1)
    walks = [tour_length(case.layout, [s for order in cart for s in case.orders[order]]) for cart in plan.carts]
    assert list(plan.lengths_mm) == walks


@settings(max_examples=examples(6), deadline=None, derandomize=True)
@given(seed=st.integers(0, 9999), orders=st.integers(2, 9), layout=st.sampled_from([ONE_BLOCK, TWO_BLOCKS]))
def test_every_order_is_on_one_cart_that_holds_it_and_walks_are_exact(
    seed: int, orders: int, layout: GridLayout
) -> None:
    case = vector_case(seed, orders, layout)

    plans = by_columns(case, seed, most=150)

    totals = [one_by_one(case).total_mm, *(plan.total_mm for plan in plans)]
    assert totals == sorted(set(totals), reverse=True)
    for plan in plans:
        assert_sound(case, plan)


@settings(max_examples=examples(4), deadline=None, derandomize=True)
@given(seed=st.integers(0, 9999))
def test_small_cases_are_solved_to_the_optimum(seed: int) -> None:
    case = random_case(seed, orders=7)

    assert by_columns(case, seed, most=2_000)[-1].total_mm == shortest_total(case)


@pytest.mark.thorough
def test_the_same_seed_and_looks_give_the_same_plans() -> None:
    case = vector_case(4, orders=9)

    assert by_columns(case, seed=5, most=40) == by_columns(case, seed=5, most=40)


def test_an_order_too_large_for_any_cart_stays_alone() -> None:
    usual = random_case(2, orders=7)
    case = BatchingCase(usual.layout, usual.orders, (usual.loads[0], (99, 1), *usual.loads[2:]), usual.capacity)

    plan = by_columns(case)[-1]

    assert (1,) in plan.carts
    assert_sound(case, plan)


def test_no_time_gives_no_plan() -> None:
    case = random_case(3, orders=8)

    assert list(improve_by_columns(case, one_by_one(case), Pool(), seed=1, spent=lambda: 1.0)) == []


def test_parts_of_carts_cover_all_orders_and_their_prices_pay_for_them() -> None:
    pool = Pool()
    carts = {(0, 1): 10_000, (1, 2): 10_000, (0, 2): 10_000, (0,): 9_000, (1,): 9_000, (2,): 9_000}
    master = Master([0, 1, 2], 1, pool)
    for cart, length in carts.items():
        master.add(pool.add(cart, length))

    relaxed = master.solve()

    assert relaxed.length_mm == pytest.approx(15_000)
    assert {pool.carts[number]: part for number, part in relaxed.parts.items()} == {
        cart: pytest.approx(0.5) for cart in carts if len(cart) == 2
    }
    assert sum(relaxed.prices.values()) + relaxed.fee == pytest.approx(relaxed.length_mm)


def test_a_settled_cart_is_used_wholly_and_new_ones_are_taken_up() -> None:
    pool = Pool()
    master = Master([0, 1, 2], 2, pool)
    for cart in ((0,), (1,), (2,)):
        master.add(pool.add(cart, 9_000))
    assert master.solve().length_mm == pytest.approx(27_000)

    pair = pool.add((0, 1), 10_000)
    master.add(pair)
    master.add(pool.add((0, 1, 2), 11_000))
    master.settle(pair)

    relaxed = master.solve()
    assert (relaxed.length_mm, relaxed.parts[pair]) == (pytest.approx(19_000), pytest.approx(1))
    assert relaxed.fee >= 0


def test_a_cart_that_was_settled_is_given_up_again() -> None:
    pool = Pool()
    master = Master([0, 1], 1, pool)
    alone, *_ = [pool.add((0,), 9_000), pool.add((1,), 9_000), pool.add((0, 1), 10_000)]
    for number in range(len(pool.carts)):
        master.add(number)
    master.settle(alone)
    assert master.solve().length_mm == pytest.approx(18_000)

    master.release([alone])

    assert master.solve().length_mm == pytest.approx(10_000)


def test_carts_that_do_not_cover_all_orders_are_refused() -> None:
    pool = Pool()
    master = Master([0, 1], 1, pool)
    master.add(pool.add((0,), 5_000))

    with pytest.raises(RuntimeError, match="No plan"):
        master.solve()


@settings(max_examples=examples(6), deadline=None, derandomize=True)
@given(seed=st.integers(0, 9999))
def test_carts_found_are_worth_more_than_their_walk_and_fit(seed: int) -> None:
    case = vector_case(seed, orders=9)
    pricer = pricer_of(case, range(9), seed)
    prices = {order: 0.7 * pricer.alone_mm(order) for order in range(8)}

    found = list(pricer.price(prices, 1.0, [(order,) for order in range(8)]))

    for cart, length in found:
        assert 8 not in cart
        assert len(set(cart)) == len(cart)
        assert case.fits(cart)
        assert length == tour_length(case.layout, [stand for order in cart for stand in case.orders[order]])
        assert length < sum(prices[order] for order in cart) + 1


def test_the_pool_keeps_what_annealing_came_across() -> None:
    case, pool = vector_case(6, orders=12), Pool()

    plans = list(improve_plan(case, seed=1, spent=looks(20), visited=pool.keep))

    assert set(plans[-1].carts) & set(pool.carts)
    assert all(case.fits(cart) for cart in pool.carts)
    assert pool.lengths_mm == [
        tour_length(case.layout, [s for order in cart for s in case.orders[order]]) for cart in pool.carts
    ]


@pytest.mark.thorough  # compiling takes half a minute on a new machine
@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 9999), layout=st.one_of(st.just(ONE_BLOCK), st.just(TWO_BLOCKS), obstructed_grids()))
def test_compiled_pricing_finds_the_same_carts(compiled_search: None, seed: int, layout: GridLayout) -> None:
    stands = [Stand(column, y) for column in range(len(layout.columns)) for y in (layout.rows[0], layout.rows[-1])]
    reached = [stand for stand in stands if speed.shortest_length(layout, [stand]) is not None]
    dice = Random(seed)  # noqa: S311 - draws test data
    orders = tuple(tuple(dice.choices(reached, k=3)) for _ in range(10)) if reached else ()
    case = BatchingCase(layout, orders, ((1, 2),) * len(orders), (3, 7))
    if not orders:
        return

    def found() -> list[tuple[tuple[int, ...], int]]:
        pricer = pricer_of(case, range(10), seed)
        prices = {order: 0.6 * pricer.alone_mm(order) for order in range(10)}
        return list(pricer.price(prices, 2.0, [(order,) for order in range(10)]))

    fast = found()
    compiled.cool_down()
    speed.cool_down()
    slow = found()
    speed.warm_up()
    warm_up()

    assert fast == slow


def last(case: BatchingCase, seed: int, most: int, **options: int) -> Found:
    return list(search_carts(case, seed=seed, spent=looks(most), **options))[-1]


@pytest.mark.thorough
def test_column_generation_goes_on_where_annealing_ended(
    compiled_search: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fulfillment.domain.annealing.annealing.CHUNK", 50)
    case = random_case(8, orders=60, layout=grid(tuple(range(0, 30, 3)), (0, 14), {}, Depot((0, 0), 0, 0, 0)))

    found = list(search_carts(case, seed=2, spent=looks(300)))

    totals = [each.plan.total_mm for each in found]
    assert totals == sorted(set(totals), reverse=True)
    assert found[-1].method == "column_generation"
    assert_sound(case, found[-1].plan)
    again = list(search_carts(case, seed=2, spent=looks(300)))
    assert again == found


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("orders", "capacity", "most_dived"), [(60, (8, 3), 59), (40, (8, 3), 150), (60, (80, 30), 150)],
    ids=["many orders", "few orders", "many on a cart"],
)  # fmt: skip
def test_where_it_does_not_pay_no_columns_are_generated(
    compiled_search: None, orders: int, capacity: tuple[int, ...], most_dived: int
) -> None:
    case = random_case(8, orders, capacity=capacity)

    found = last(case, 2, 20, most_dived=most_dived)

    assert found == Found(list(improve_plan(case, seed=2, spent=looks(20)))[-1], "annealing")


def test_plain_python_anneals_only() -> None:
    case = random_case(8, orders=10)

    assert last(case, 2, 6) == Found(list(improve_plan(case, seed=2, spent=looks(6)))[-1], "annealing")
