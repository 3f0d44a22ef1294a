"""The shortest walks for orders on carts: by annealing first, then by column generation where that pays."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Literal

from fulfillment.domain.annealing import compiled
from fulfillment.domain.annealing.annealing import Schedule, improve_plan
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan
from fulfillment.domain.column_generation.pool import Pool

Method = Literal["annealing", "column_generation"]

FEWEST_DIVED, MOST_DIVED = 51, 150
"""Fewer orders are annealed all the time, which leaves nothing to find, and more: linear programs over so many take
longer than they save.
"""
MOST_ON_CART: Final = 5.5
"""With more orders on a cart than these on average, there are too many carts to choose from: annealing alone is better.
"""
ANNEALED: Final = 0.65
"""The part of the time that annealing has before column generation goes on from its carts."""
COOLING: Final = Schedule(cold=0.004)
"""As far as annealing alone has cooled down after that part; what comes later hardly changes a small wave any more."""


@dataclass(frozen=True, slots=True)
class Found:
    """A plan and what found it."""

    plan: CartPlan
    method: Method


def search_carts(
    case: BatchingCase,
    *,
    seed: int,
    spent: Callable[[], float],
    start: Sequence[Sequence[int]] = (),
    most_dived: int = MOST_DIVED,
) -> Iterator[Found]:
    """Yield plans as `improve_plan` does, each shorter than the one before, until `spent` returns 1 or more.

    Where that pays, by the number of orders and of those on a cart and not beyond `most_dived` orders, compiled code
    goes on by column generation from the carts that annealing came across. It ends before the time is over when it
    finds nothing more. Carts are priced by a heuristic, so no plan is proven to be the shortest. The same seed and the
    same answers of `spent` give the same plans.

    Raises:
        UnreachableBinsError, ValueError: see `improve_plan`.
    """
    numbers = [number for number in range(len(case.orders)) if case.fits([number])]
    if not (_pays(case, numbers, most_dived) and compiled.is_loaded()):
        for plan in improve_plan(case, seed=seed, spent=spent, start=start):
            yield Found(plan, "annealing")
        return
    pool, best = Pool(), None
    annealed = improve_plan(
        case, seed=seed, spent=lambda: spent() / ANNEALED, start=start, schedule=COOLING, visited=pool.keep
    )
    for best in annealed:
        yield Found(best, "annealing")
    assert best is not None
    if spent() < 1:
        # The solver takes some eighty megabytes, which only a process that searches has to spend.
        improve = import_module("fulfillment.domain.column_generation.improving").improve_by_columns
        for plan in improve(case, best, pool, seed=seed, spent=spent):
            yield Found(plan, "column_generation")


def _pays(case: BatchingCase, numbers: Sequence[int], most_dived: int) -> bool:
    """Return whether column generation finds shorter walks in the time that annealing gives up for it."""
    carts = max(sum(case.loads[number][part] for number in numbers) / limit for part, limit in enumerate(case.capacity))
    return FEWEST_DIVED <= len(numbers) <= most_dived and len(numbers) <= MOST_ON_CART * carts
