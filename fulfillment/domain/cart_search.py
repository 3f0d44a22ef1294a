"""The shortest walks for orders on carts: by annealing first, then by column generation where that pays."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Literal

from fulfillment.domain.annealing import compiled
from fulfillment.domain.annealing.annealing import improve_plan
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan
from fulfillment.domain.column_generation.pool import Pool

Method = Literal["annealing", "column_generation"]

MOST_DIVED: Final = 150
"""More orders than these are annealed all the time: linear programs over so many take longer than they save."""
ANNEALED: Final = 0.3
"""The part of the time that annealing has before column generation goes on from its carts."""


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

    Up to `most_dived` orders compiled code goes on by column generation from the carts that annealing came across. It
    ends before the time is over when it finds nothing more. Carts are priced by a heuristic, so no plan is proven to be
    the shortest. The same seed and the same answers of `spent` give the same plans.

    Raises:
        UnreachableBinsError, ValueError: see `improve_plan`.
    """
    numbers = [number for number in range(len(case.orders)) if case.fits([number])]
    if not 1 < len(numbers) <= most_dived or not compiled.is_loaded():
        for plan in improve_plan(case, seed=seed, spent=spent, start=start):
            yield Found(plan, "annealing")
        return
    pool, best = Pool(), None
    for best in improve_plan(case, seed=seed, spent=lambda: spent() / ANNEALED, start=start, visited=pool.keep):
        yield Found(best, "annealing")
    assert best is not None
    if spent() < 1:
        # The solver takes some eighty megabytes, which only a process that searches has to spend.
        improve = import_module("fulfillment.domain.column_generation.improving").improve_by_columns
        for plan in improve(case, best, pool, seed=seed, spent=spent):
            yield Found(plan, "column_generation")
