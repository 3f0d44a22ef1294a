"""Makes a plan shorter by dives through all orders, and through some neighboring carts after the other."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Final

from fulfillment.domain.annealing.annealing import Schedule, improve_plan
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan, measured_plan
from fulfillment.domain.column_generation.diving import Diver, dive
from fulfillment.domain.column_generation.pool import Cart, Pool
from fulfillment.domain.column_generation.pricing import pricer_of

FIRST_ORDERS: Final = 40
"""Orders of the first regions; later ones are larger, while nothing is found."""
GROWTH: Final = 1.06
"""How many times larger a region is after one in which nothing was found, and smaller after another."""
SLACK: Final = 1.01
"""How many times longer a plan may be that is worth annealing."""
POLISHED: Final = 0.05
"""The part of the time that such annealing has."""
COOL: Final = Schedule(hot=0.01, cold=0.001)
WHOLE_DIVES: Final = 6
"""Dives through all orders that find nothing, one behind the other, after which it is over."""
_MISSES: Final = 20


def improve_by_columns(
    case: BatchingCase, plan: CartPlan, pool: Pool, *, seed: int, spent: Callable[[], float]
) -> Iterator[CartPlan]:
    """Yield plans, each shorter than the one before and than `plan`, until `spent` returns 1 or more, or several dives
    found nothing. An order too large for any cart stays alone.

    `pool` holds carts to begin with, their orders counted without those too large. With an odd seed it begins with all
    orders, with an even one with neighboring carts, which takes less time until something is found. The same seed and
    the same answers of `spent` give the same plans.
    """
    numbers = [number for number in range(len(case.orders)) if case.fits([number])]
    alone = [cart for cart in plan.carts if not case.fits(cart)]
    at = {number: order for order, number in enumerate(numbers)}
    diver = Diver(_only(case, numbers), pricer_of(case, numbers, seed), pool, Random(seed), spent)  # noqa: S311 - repeatable
    carts = [tuple(at[number] for number in cart) for cart in plan.carts if case.fits(cart)]
    for better in _improved(diver, carts, FIRST_ORDERS if seed % 2 == 0 else len(numbers)):
        yield measured_plan(case, [*alone, *([numbers[order] for order in cart] for cart in better)])


def _only(case: BatchingCase, numbers: Sequence[int]) -> BatchingCase:
    orders = tuple(case.orders[number] for number in numbers)
    return BatchingCase(case.layout, orders, tuple(case.loads[number] for number in numbers), case.capacity)


def _improved(diver: Diver, carts: Sequence[Cart], first: int) -> Iterator[list[Cart]]:
    now = {cart: diver.keep(cart) for cart in carts}
    orders = sum(map(len, now))
    size, failed = float(first), 0
    while not diver.is_over and failed < WHOLE_DIVES:
        is_whole = round(size) >= orders
        region = list(now) if is_whole else _region(diver, list(now), round(size))
        before = sum(now[cart] for cart in region)
        found = _polished(diver, before) if is_whole else dive(diver, _orders_of(region), before - 1)
        better = {cart: diver.keep(cart) for cart in found or region}
        has_found = sum(better.values()) < before
        if has_found:
            now = {cart: length for cart, length in now.items() if cart not in region} | better
            yield list(now)
        failed = 0 if has_found else failed + is_whole
        size = _next_size(size, orders, is_whole=is_whole, has_found=has_found)


def _polished(diver: Diver, before: int) -> list[Cart] | None:
    """Dive through all orders, and anneal what comes of it for a moment, also if it is a little longer than before."""
    found = dive(diver, range(diver.pricer.orders), round(before * SLACK))
    if found is None:
        return None
    begun = diver.spent()
    *_, plan = improve_plan(
        diver.case,
        seed=diver.dice.randrange(1 << 30),
        spent=lambda: max((diver.spent() - begun) / POLISHED, diver.spent()),
        start=found,
        schedule=COOL,
        visited=diver.pool.keep,
    )
    return list(plan.carts)


def _orders_of(carts: Sequence[Cart]) -> list[int]:
    return sorted(order for cart in carts for order in cart)


def _next_size(size: float, orders: int, *, is_whole: bool, has_found: bool) -> float:
    """Return how many orders the next region has."""
    if is_whole:
        return size if has_found else min(FIRST_ORDERS, orders)
    return max(size / GROWTH, FIRST_ORDERS) if has_found else min(size * GROWTH, orders)


def _region(diver: Diver, carts: Sequence[Cart], most: int) -> list[Cart]:
    """Return carts that lie near each other, with at least so many orders in all; the first is rather one that walks
    farther than its orders pay.
    """
    cart_of = {order: cart for cart in carts for order in cart}
    region = diver.dice.choices(carts, [max(diver.loss(cart), 0.0) + 1 for cart in carts])
    inside, misses = list(region[0]), 0
    while len(inside) < min(most, len(cart_of)):
        near = diver.pricer.near[diver.dice.choice(inside)]
        cart = cart_of[int(near[diver.dice.randrange(len(near))])]
        if misses > _MISSES:
            cart = diver.dice.choice(carts)
        if cart in region:
            misses += 1
        else:
            misses = 0
            region.append(cart)
            inside += cart
    return region
