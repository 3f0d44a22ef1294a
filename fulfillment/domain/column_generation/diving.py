"""Puts orders on carts by column generation: price carts, settle the one that is used most, price again (diving:
Joncour, Michel, Sadykov, Sverdlov & Vanderbeck 2010).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.column_generation.master import Master, Relaxed
from fulfillment.domain.column_generation.pool import Cart, Pool
from fulfillment.domain.column_generation.pricing import Pricer
from fulfillment.domain.routing.routes import tour_length

MOST_COLUMNS: Final = 900
"""Carts that a linear program starts with; those worth most at the prices last seen."""
MOST_STARTS: Final = 600
ROUNDS_AFTER: Final = 2
"""Rounds of pricing after each cart that is settled."""
MOST_THOROUGH: Final = 6
"""So often many more carts are changed before the first one is settled, where the usual ones gave nothing."""
DIVES: Final = 4
"""Dives from the same first prices."""
CHANCE: Final = 0.15
"""So much of a cart's part is left to the dice, so that the next dive goes elsewhere."""
_WHOLE: Final = 1 - 1e-6


@dataclass(slots=True)
class Diver:
    """What dives share: `case` has the orders that fit on a cart alone, `spent` says whether time is over at 1."""

    case: BatchingCase
    pricer: Pricer
    pool: Pool
    dice: Random
    spent: Callable[[], float]
    prices: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for order in range(self.pricer.orders):
            self.pool.add((order,), self.pricer.alone_mm(order))

    @property
    def is_over(self) -> bool:
        """Whether to stop."""
        return self.spent() >= 1

    def loss(self, cart: Cart) -> float:
        """Return by how many mm the walk of a cart is longer than what its orders paid last, if they all did."""
        return self.keep(cart) - sum(self.prices.get(order, float(self.pricer.alone_mm(order))) for order in cart)

    def fewest(self, orders: Collection[int]) -> int:
        """Return a number of carts below which these orders fit on none."""
        loads = [self.case.loads[order] for order in orders]
        return max(
            -(-sum(load[part] for load in loads) // limit) for part, limit in enumerate(self.case.capacity)
        )  # fmt: skip

    def keep(self, cart: Cart) -> int:
        """Return the shortest walk for a cart, and keep both."""
        length = tour_length(self.case.layout, [stand for order in cart for stand in self.case.orders[order]])
        self.pool.add(cart, length)
        return length


def dive(diver: Diver, orders: Collection[int], most_mm: int) -> list[Cart] | None:
    """Return the best carts for these orders that some dives find, None if their walks are always longer than `most_mm`
    together.
    """
    master, relaxed = _priced(diver, orders)
    best: list[Cart] | None = None
    for _ in range(DIVES):
        if relaxed.length_mm > most_mm + 1 or diver.is_over:
            break
        found = _dive_once(diver, master, most_mm)
        if found is not None:
            best, most_mm = found, sum(map(diver.keep, found)) - 1
        relaxed = master.solve()
    return best


def _priced(diver: Diver, orders: Collection[int]) -> tuple[Master, Relaxed]:
    """Return a linear program to which carts were added until none was found any more that is worth it."""
    master, thorough = _master(diver, orders), 0
    while True:
        relaxed = master.solve()
        diver.prices.update(relaxed.prices)
        if len(master) > 3 * MOST_COLUMNS:
            master = _master(diver, orders, relaxed.parts, relaxed.fee)
        if diver.is_over:
            return master, relaxed
        before = len(master)
        for number, starts in enumerate(_starts(diver, relaxed, is_thorough=thorough < MOST_THOROUGH)):
            thorough += number > 0
            _price(diver, master, relaxed, starts)
            if len(master) > before:
                break
        else:
            return master, relaxed


def _price(diver: Diver, master: Master, relaxed: Relaxed, starts: Sequence[Cart]) -> None:
    for cart, length in diver.pricer.price(relaxed.prices, relaxed.fee, starts):
        master.add(diver.pool.add(cart, length))


def _dive_once(diver: Diver, master: Master, most_mm: int) -> list[Cart] | None:
    """Settle the carts that are used most, one after the other, and price some more in between."""
    relaxed, settled = master.solve(), list[int]()
    waiting = set(relaxed.prices)
    while waiting and relaxed.length_mm <= most_mm + 1 and not diver.is_over:
        usable = {n: part for n, part in relaxed.parts.items() if not waiting.isdisjoint(diver.pool.carts[n])}
        chosen = [number for number in sorted(usable) if usable[number] >= _WHOLE]
        if not chosen:
            chosen = [max(sorted(usable), key=lambda n: usable[n] + CHANCE * diver.dice.random())]
        for number in chosen:
            master.settle(number)
            settled.append(number)
            waiting.difference_update(diver.pool.carts[number])
        relaxed = master.solve()
        for _ in range(ROUNDS_AFTER):
            before = len(master)
            _price(diver, master, relaxed, next(iter(_starts(diver, relaxed, is_thorough=False))))
            if len(master) == before:
                break
            relaxed = master.solve()
    master.release(settled)
    carts = _once_each(diver.pool.carts[number] for number in settled)
    return None if waiting or sum(map(diver.keep, carts)) > most_mm else carts


def _master(diver: Diver, orders: Collection[int], used: Collection[int] = (), fee: float = 0.0) -> Master:
    """Return the linear program over the carts that seem worth most."""
    pool = diver.pool
    known = pool.within(orders)
    if len(known) > MOST_COLUMNS:
        prices = [diver.prices.get(order, float(diver.pricer.alone_mm(order))) for order in range(diver.pricer.orders)]
        alone = [number for number in known if len(pool.carts[number]) == 1]
        known.sort(key=lambda number: -pool.worth(number, prices, fee))
        known = sorted({*known[:MOST_COLUMNS], *alone, *used})
    master = Master(orders, diver.fewest(orders), pool)
    for number in known:
        master.add(number)
    return master


def _starts(diver: Diver, relaxed: Relaxed, *, is_thorough: bool) -> Iterable[list[Cart]]:
    """Yield carts to change, the next ones if nothing comes of those before."""
    paying = [order for order, price in relaxed.prices.items() if price > 0]
    carts = diver.pool.carts
    yield [(order,) for order in paying] + [carts[number] for number in relaxed.parts]
    if not is_thorough:
        return
    near, allowed = diver.pricer.near, set(paying)
    pairs = ((order, int(other)) for order in paying for other in near[order] if other in allowed)
    yield [pair for pair in pairs if diver.case.fits(pair)]
    known = diver.pool.within(relaxed.prices)
    prices = [relaxed.prices.get(order, 0.0) for order in range(diver.pricer.orders)]
    known.sort(key=lambda number: -diver.pool.worth(number, prices, 0.0))
    yield [carts[number] for number in known[:MOST_STARTS]]


def _once_each(carts: Iterable[Cart]) -> list[Cart]:
    """Return the carts without the orders that lie on one before."""
    seen: set[int] = set()
    kept = []
    for cart in carts:
        left = tuple(order for order in cart if order not in seen)
        seen.update(left)
        kept.append(left)
    return [cart for cart in kept if cart]
