from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from shapely import Polygon

from fulfillment.domain.annealing import compiled
from fulfillment.domain.annealing.arrays import Carts, Figures, Found, Int32s
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan, measured_plan
from fulfillment.domain.annealing.stage import FEW, Stage, stage_of
from fulfillment.domain.layout import Depot, GridLayout, Stand, WarehousePlan

DISCOUNTS = (0.3, 0.5)
"""Parts of an order's own walk that the seed rule takes off; each gives a plan, the shortest is the start."""

CHUNK, PLAIN_CHUNK = 20_000, 200
"""Moves between two looks at the time spent, with and without compiled code."""

STEP = 0.02
"""The part of the time after which a better plan is told, or later if none was found."""

_FITTING = 0.8
_CHEAPEST, _AT_FIRST, _DEAREST = 3, 60, 6000
"""What a cart's worth of load too much costs, in temperatures: less while over 80 % of plans fit, else more."""

_NOWHERE = WarehousePlan("two aisles", Polygon(), (), (), (), (), (), (0, 0))
_FEWEST = 2
_LARGEST_SEED = 2147483646


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the search cools down: temperatures as parts of a mean tour, over `rounds` coolings one behind the other."""

    hot: float = 0.05
    cold: float = 0.001
    rounds: int = 1


def improve_plan(
    case: BatchingCase,
    *,
    seed: int,
    spent: Callable[[], float],
    start: Sequence[Sequence[int]] = (),
    schedule: Schedule | None = None,
    visited: Callable[[Carts], None] | None = None,
) -> Iterator[CartPlan]:
    """Yield plans that put every order on one cart, each shorter than the one before, until `spent` returns 1 or more.

    `spent` tells the part of the time that is over; it is asked every few milliseconds, and the search cools down with
    it. The first plan is the shorter of `start` and what a seed rule finds; it comes at once. An order too large for
    any cart has one alone. `visited` is shown the carts now and then, some too full; their orders are counted without
    those too large. The same seed and the same answers of `spent` give the same plans.

    Simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983) on exact tours, with carts that may be too full for a while
    at a price that adapts.

    Raises:
        UnreachableBinsError: if no way leads to some place.
        ValueError: if `start` leaves an order out, names one twice, or has a cart that is too full.
    """
    _check_start(case, start)
    numbers = [number for number in range(len(case.orders)) if case.fits([number])]
    alone = [[number] for number in range(len(case.orders)) if not case.fits([number])]
    if not case.orders:
        return
    if len(numbers) < _FEWEST:
        yield measured_plan(case, [*alone, *([number] for number in numbers)])
        return
    stage = stage_of(case, numbers, seed)
    cart_of = _best_start(stage, numbers, start)
    yield measured_plan(case, alone + _carts(numbers, cart_of))
    for better in _annealed(
        stage, cart_of, seed, spent, schedule or schedule_for(len(numbers)), visited=visited or _nobody
    ):
        yield measured_plan(case, alone + _carts(numbers, better))


def warm_up() -> bool:
    """Load the compiled search into this process and return whether it is there.

    Takes a second, or most of a minute at the first time on a machine; until it is done, and where numba is missing,
    plain Python searches. Workers call it after their start.
    """
    if compiled.is_loaded():
        return True
    if not compiled.load():
        return False
    for rows in ((0, 2), (0, 2, 4)):
        layout = GridLayout(_NOWHERE, (0, 1), rows, {}, Depot((0, 0), 0, 0, 0))
        case = BatchingCase(layout, ((Stand(0, 1),), (Stand(1, 1),)), ((1,), (1,)), (2,))
        list(improve_plan(case, seed=1, spent=iter((0.0, 1.0)).__next__))
        _price_once(stage_of(case, [0, 1], seed=1))
    return True


def _price_once(stage: Stage) -> None:
    room = Found(np.zeros((1, 2), dtype=np.int32), np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int64))
    stage.price_carts(stage.wide_cart(), np.ones(2), 0.0, np.zeros((1, 1), dtype=np.int32), 1, room)


def schedule_for(orders: int) -> Schedule:
    """Return how to cool for so many orders: many leave no time for detours."""
    return Schedule() if orders <= FEW else Schedule(hot=0.02)


def _check_start(case: BatchingCase, start: Sequence[Sequence[int]]) -> None:
    if not start:
        return
    if sorted(order for cart in start for order in cart) != list(range(len(case.orders))):
        raise ValueError("A start names every order once.")
    if any(len(cart) > 1 and not case.fits(cart) for cart in start):
        raise ValueError("No cart of a start may be too full.")


def _best_start(stage: Stage, numbers: Sequence[int], start: Sequence[Sequence[int]]) -> Int32s:
    plans = [stage.start_by_seed(discount) for discount in DISCOUNTS]
    if start:
        cart_of = {order: cart for cart, orders in enumerate(start) for order in orders}
        given = np.array([cart_of[number] for number in numbers])
        plans.append(np.unique(given, return_inverse=True)[1].astype(np.int32))
    return min(plans, key=lambda plan: int(stage.loaded(plan).length.sum()))


def _carts(numbers: Sequence[int], cart_of: Int32s) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for number, cart in zip(numbers, cart_of.tolist(), strict=True):
        found.setdefault(cart, []).append(number)
    return list(found.values())


def _nobody(_: Carts) -> None:
    """Look at nothing."""


def _annealed(
    stage: Stage,
    first: Int32s,
    seed: int,
    spent: Callable[[], float],
    schedule: Schedule,
    *,
    visited: Callable[[Carts], None],
) -> Iterator[Int32s]:
    best, carts = first.copy(), stage.loaded(first)
    figures = Figures(*(np.zeros(1, dtype=np.int64) for _ in Figures._fields))
    told = figures.best[0] = carts.length.sum()
    mean = float(told) / int((carts.size > 0).sum())
    dice = np.array([seed % _LARGEST_SEED + 1], dtype=np.int64)
    moves = compiled.pick(CHUNK, PLAIN_CHUNK)
    price, cooling, tell_at = float(_AT_FIRST), 0, STEP
    while (part := spent()) < 1:
        through = part * schedule.rounds
        if int(through) > cooling:
            cooling, carts = int(through), stage.loaded(best)
        if part >= tell_at and figures.best[0] < told:
            told, tell_at = figures.best[0].copy(), part + STEP
            yield best
        temperature = mean * schedule.hot * (schedule.cold / schedule.hot) ** (through - int(through))
        figures.fitting[0] = 0
        stage.anneal(carts, dice, best, figures, temperature, price * temperature, moves)
        visited(carts)
        price *= 0.95 if figures.fitting[0] > _FITTING * moves else 1.1
        price = min(max(price, _CHEAPEST), _DEAREST)
    if figures.best[0] < told:
        yield best
