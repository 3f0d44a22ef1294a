"""Carts on a floor that is no grid: which orders share a walk, by short tours over all-pairs distances."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import combinations
from math import exp
from random import Random

from fulfillment.domain.routing.graph_meter import GraphMeter
from fulfillment.domain.savings import Load

NEIGHBORS = 12
_HOT, _COLD = 0.02, 0.0005
_MOVES = 50
"""Moves between two looks at the time."""


@dataclass(frozen=True, slots=True)
class CartCase:
    """Orders to put on carts: where each is picked, by the numbers of its places, and what it takes of a cart."""

    meter: GraphMeter
    visits: tuple[frozenset[int], ...]
    loads: tuple[Load, ...]
    limit: Load

    def length(self, orders: Sequence[int]) -> int:
        """Return the walk in mm for the orders of these numbers."""
        return self.meter.measure(frozenset[int]().union(*(self.visits[order] for order in orders)))

    def fits(self, orders: Sequence[int]) -> bool:
        """Return whether these orders fit on one cart; one alone always does, if on several loads."""
        load = Load(0, 0, 0, 0)
        for order in orders:
            load = load.plus(self.loads[order])
        return len(orders) <= 1 or load.fits(self.limit)

    def total(self, carts: Sequence[Sequence[int]]) -> int:
        """Return the length of all walks in mm."""
        return sum(self.length(cart) for cart in carts)

    def near(self, order: int, others: Sequence[int]) -> list[int]:
        """Return of other orders the nearest: those whose places add the least way to this one's."""
        rows = self.meter.there_and_back
        own = [number + 1 for number in self.visits[order]]
        nearest = rows[own].min(axis=0)
        apart = {other: float(nearest[[n + 1 for n in self.visits[other]]].sum()) for other in others if other != order}
        return sorted(apart, key=lambda other: (apart[other], other))[:NEIGHBORS]


def fill_by_seeds(case: CartCase) -> list[list[int]]:
    """Return carts that start with the order farthest from the depot and take, while they have room, the one whose
    places add the least way: the sum over its places of the way to the nearest place already on the cart and back (a
    seed rule, de Koster, van der Poort & Wolters 1999).
    """
    ways = case.meter.there_and_back
    rows = [[number + 1 for number in sorted(visits)] for visits in case.visits]
    waiting = sorted(range(len(rows)), key=lambda each: (-float(ways[0, rows[each]].max()), each))
    carts = []
    while waiting:
        chosen = [waiting.pop(0)]
        near = ways[rows[chosen[0]]].min(axis=0)
        while fitting := [each for each in waiting if case.fits([*chosen, each])]:
            added = min(fitting, key=lambda each: (float(near[rows[each]].sum()), each))
            waiting.remove(added)
            chosen.append(added)
            near = near.clip(max=ways[rows[added]].min(axis=0))
        carts.append(chosen)
    return carts


def merge_by_savings(case: CartCase) -> list[list[int]]:
    """Return carts joined while two of them fit on one, the pair that saves the longest walk first: the parallel rule
    of Clarke & Wright (1964), measured anew after every merge (variant ii of de Koster, van der Poort & Wolters 1999),
    for orders near each other first and then for the emptiest carts that are left.
    """
    live = {number: [number] for number in range(len(case.visits))}
    pairs = {(min(one, other), max(one, other)) for one in live for other in case.near(one, list(live))}
    beside: dict[int, set[int]] = {number: set() for number in live}
    heap: list[tuple[int, int, int]] = []
    for one, other in sorted(pairs):
        beside[one].add(other)
        beside[other].add(one)
        _offer(case, live, heap, one, other)
    _merge(case, live, heap, beside)
    by_room = sorted(live, key=lambda number: (len(live[number]), number))[: 4 * NEIGHBORS]
    for one, other in combinations(by_room, 2):
        _offer(case, live, heap, one, other)
    heapify(heap)
    _merge(case, live, heap, {number: set(by_room) & set(live) for number in live})
    return list(live.values())


def _offer(case: CartCase, live: dict[int, list[int]], heap: list[tuple[int, int, int]], one: int, other: int) -> None:
    together = [*live[one], *live[other]]
    if case.fits(together):
        saved = case.length(live[one]) + case.length(live[other]) - case.length(together)
        heappush(heap, (-saved, one, other))


def _merge(
    case: CartCase, live: dict[int, list[int]], heap: list[tuple[int, int, int]], beside: dict[int, set[int]]
) -> None:
    number = max(live, default=0)
    while heap:
        _, one, other = heappop(heap)
        if one not in live or other not in live:
            continue
        number += 1
        live[number] = live.pop(one) + live.pop(other)
        beside[number] = {each for each in beside.pop(one) | beside.pop(other) if each in live}
        for each in sorted(beside[number], key=lambda at: case.length(live[at]))[:NEIGHBORS]:
            beside[each].add(number)
            _offer(case, live, heap, each, number)


def improve_carts(
    case: CartCase, start: Sequence[Sequence[int]], *, seed: int, spent: Callable[[], float]
) -> list[list[int]]:
    """Return carts no longer than `start`: orders move to carts of orders near them, or change places with one, until
    `spent` returns 1 or more. It cools down with the time: simulated annealing (Kirkpatrick, Gelatt & Vecchi 1983).
    """
    dice = Random(seed)  # noqa: S311 - the same seed has to give the same carts
    carts = [list(cart) for cart in start]
    at = {order: number for number, cart in enumerate(carts) for order in cart}
    near = [case.near(order, range(len(case.visits))) for order in range(len(case.visits))]
    length = [case.length(cart) for cart in carts]
    best, best_total, total = [list(cart) for cart in carts], sum(length), sum(length)
    mean = max(1.0, total / max(1, len(carts)))
    while len(at) > 1 and (share := spent()) < 1:
        heat = mean * _HOT * (_COLD / _HOT) ** share
        for _ in range(_MOVES):
            order = dice.randrange(len(at))
            one, other = at[order], at[near[order][dice.randrange(len(near[order]))]]
            if one == other:
                continue
            left, right = _moved(case, carts[one], carts[other], order, dice)
            if not left and not right:
                continue
            new = case.length(left), case.length(right)
            change = sum(new) - length[one] - length[other]
            if change > 0 and dice.random() >= exp(-change / heat):
                continue
            carts[one], carts[other], length[one], length[other] = left, right, *new
            at |= dict.fromkeys(left, one) | dict.fromkeys(right, other)
            total += change
            if total < best_total:
                best, best_total = [list(cart) for cart in carts], total
    return [cart for cart in best if cart]


def _moved(
    case: CartCase, one: Sequence[int], other: Sequence[int], order: int, dice: Random
) -> tuple[list[int], list[int]]:
    """Return both carts after an order went to the other, or changed places there; empty ones if it does not fit."""
    left, right = [each for each in one if each != order], [*other, order]
    if case.fits(right) and dice.random() < 0.5:  # noqa: PLR2004 - one kind of move as often as the other
        return left, right
    back = other[dice.randrange(len(other))]
    left, right = [*left, back], [each for each in right if each != back]
    return (left, right) if case.fits(left) and case.fits(right) else ([], [])
