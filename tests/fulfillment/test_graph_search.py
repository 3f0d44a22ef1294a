"""The search for carts and places on floors that are no grid."""

from collections import Counter
from collections.abc import Callable
from itertools import product
from random import Random

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.allocation import choose_on_graph
from fulfillment.domain.batching import CartCapacity, PickLine, PickOrder
from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.graph_batching import cart_case
from fulfillment.domain.graph_carts import CartCase, fill_by_seeds, improve_carts, merge_by_savings
from fulfillment.domain.layout import UnknownBinsError
from fulfillment.domain.routing.floor_routes import find_floor_route
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_meter import GraphMeter
from fulfillment.domain.wave_choice import choose_together, likely_carts
from fulfillment.planning import improving
from kernel.actors import system
from kernel.db.transactions import run, transaction
from tests.fulfillment import house as h
from tests.fulfillment.test_floor_walks import one_way

layout = compile_floor(one_way(api.sample_warehouse(aisles=5, bays=8, levels=1, blocks=2)))
assert isinstance(layout, GraphLayout)
LAYOUT: GraphLayout = layout
CODES = sorted(LAYOUT.codes)


def dice_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same seed has to give the same floor


def case_of(seed: int, orders: int = 24) -> CartCase:
    dice = dice_of(seed)
    wanted = [
        PickOrder(
            f"o{n:02d}", tuple(PickLine(code, 1) for code in dice.sample(CODES, dice.randint(1, 4))), 1, 9, 0, "s"
        )
        for n in range(orders)
    ]
    return cart_case(wanted, CartCapacity(7, 10_000, 10_000), LAYOUT)


def steps(*shares: float) -> Callable[[], float]:
    return iter((*shares, 1.0)).__next__


@pytest.mark.parametrize("seed", range(3))
def test_tours_are_measured_as_they_are_walked(seed: int) -> None:
    codes = dice_of(seed).sample(CODES, 9)
    meter = GraphMeter(LAYOUT, CODES)
    shortest = find_floor_route(LAYOUT, codes)
    assert shortest.optimal
    assert shortest.length_mm - 1 <= meter.measure(meter.numbers_of(codes)) <= 1.1 * shortest.length_mm
    assert abs(meter.measure(meter.numbers_of(codes[:1])) - find_floor_route(LAYOUT, codes[:1]).length_mm) <= 1
    assert meter.measure([]) == 0
    with pytest.raises(UnknownBinsError):
        GraphMeter(LAYOUT, ["NOWHERE"])


def test_each_rule_puts_every_order_on_one_cart_that_holds_it() -> None:
    case = case_of(seed := 1)
    first = fill_by_seeds(case)
    better = improve_carts(case, first, seed=seed, spent=steps(0.0, 0.3, 0.6, 0.9))
    for carts in (first, merge_by_savings(case), better):
        assert Counter(order for cart in carts for order in cart) == Counter(range(24))
        assert all(case.fits(cart) for cart in carts)
    assert case.total(better) < case.total(first)
    assert better == improve_carts(case, first, seed=seed, spent=steps(0.0, 0.3, 0.6, 0.9))
    assert improve_carts(case_of(seed, 1), [[0]], seed=1, spent=steps(0.0)) == [[0]]


def test_places_are_chosen_as_near_to_each_other_as_any() -> None:
    dice = dice_of(4)
    articles = {f"a{n}": dict.fromkeys(dice.sample(CODES, 3), 0) for n in range(4)}
    found = choose_on_graph(LAYOUT, {name: list(codes) for name, codes in articles.items()})
    meter = GraphMeter(LAYOUT, CODES)
    every = [meter.measure(meter.numbers_of(chosen)) for chosen in product(*articles.values())]
    assert found.length_mm == min(every)
    together = choose_together(LAYOUT, articles)
    assert {name: code in articles[name] for name, code in together.items()} == dict.fromkeys(articles, True)
    assert meter.measure(meter.numbers_of(together.values())) == min(every)


def test_likely_carts_hold_so_many_totes_and_all_orders() -> None:
    wanted = [["A-01-01-1"], ["NOT-DRAWN"], ["A-01-02-1", CODES[-1]], [CODES[-1]], [CODES[-2]]]
    carts = likely_carts(LAYOUT, wanted, 2)
    assert sorted(order for cart in carts for order in cart) == list(range(5))
    assert (1,) in carts
    assert max(map(len, carts)) == 2


def test_a_turn_puts_orders_together_that_lie_together(database: Connection) -> None:
    near, far = "A-01-05-1", "C-03-05-1"
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow, drawn=False)
        plan = one_way(api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2))
        api.store_floor_plan(uow, site_id=house.site, plan=plan)
        h.stock(uow, house, A={near: 50}, B={far: 50})
        api.set_cart(uow, site_id=house.site, cart=api.CartSettings(2, 48_000_000, 150_000, 1_000))
        for _ in range(2):
            h.order(uow, house, ("A", 1))
            h.order(uow, house, ("B", 1))
            uow.session.flush()
            h.to_floor(uow, house)
    begun = run(system(), lambda uow: improving.begin_turn(uow, site_id=house.site))
    assert begun is not None
    carts = improving.better_carts(begun, 0.05)
    saved = run(system(), lambda uow: improving.end_turn(uow, turn=begun, carts=carts, cpu_ms=50))
    assert saved > 0
    with transaction(house.picker(), now=h.NOW) as uow:
        work = api.claim_batch(uow, site_id=house.site)
        assert len({task.location_code for task in work.tasks}) == 1
        assert h.broken_invariants(uow) == []
