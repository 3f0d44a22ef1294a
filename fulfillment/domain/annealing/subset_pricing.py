"""Search for carts that are worth more than their walk, when each order has a price.

Plain Python over arrays, or compiled by `kernels`, like `search`.
"""

import numpy as np

from fulfillment.domain.annealing.arrays import Carts, Case, Floats, Found, Ground, Int32s, Int64s, Memory
from fulfillment.domain.annealing.search import (
    NOBODY,
    excess,
    has_room,
    length_with,
    length_without,
    put_in,
    settle,
    take_out,
)

_NOTABLE = 0.5


def best_change(
    ground: Ground, case: Case, carts: Carts, memory: Memory, prices: Floats, gone: Int64s, come: Int64s
) -> float:
    """Write which order should leave the one cart, and which come instead, `NOBODY` for none; return what that gains.

    Gains are mm of walk saved and prices won; orders with a negative price stay away. A walk never gets shorter by
    another order, which often tells that a change gains too little before its tour is measured.
    """
    best, best_out, best_in = _NOTABLE, NOBODY, NOBODY
    for i in range(-1, carts.size[0]):
        out, base, lost = NOBODY, carts.length[0], 0.0
        if i >= 0:
            out = carts.member[0, i]
            base, lost = length_without(ground, case, carts, memory, out), prices[out]
        saved = carts.length[0] - base - lost
        if i >= 0 and saved > best and carts.size[0] > 1:
            best, best_out, best_in = saved, out, NOBODY
        gone[0], gone[1] = out, NOBODY
        for order in range(len(prices)):
            if saved + prices[order] <= best or prices[order] < 0 or carts.cart_of[order] == 0:
                continue
            come[0], come[1] = order, NOBODY
            if excess(case, carts, 0, gone, come) > 0 or not has_room(case, carts, 0, come):
                continue
            gain = carts.length[0] - length_with(ground, case, carts, memory, 0, gone, come) - lost + prices[order]
            if gain > best:
                best, best_out, best_in = gain, out, order
    gone[0], gone[1], come[0], come[1] = best_out, NOBODY, best_in, NOBODY
    return best if best > _NOTABLE else 0.0


def begin_cart(ground: Ground, case: Case, carts: Carts, memory: Memory, prices: Floats, start: Int32s) -> float:
    """Put the orders of `start` on the one cart, which is empty, and return what they pay in mm beyond its walk."""
    won = 0.0
    for i in range(len(start)):
        if start[i] < 0:
            break
        put_in(case, carts, start[i], 0)
        won += prices[start[i]]
    length = length_with(ground, case, carts, memory, 0, memory.nobody, memory.nobody)
    settle(case, carts, memory, 0, length)
    return won - length


def note(carts: Carts, found: Found, count: int) -> None:
    """Write the one cart down as that of the number `count`."""
    found.size[count], found.length[count] = carts.size[0], carts.length[0]
    for i in range(carts.size[0]):
        found.member[count, i] = carts.member[0, i]


def price_carts(
    ground: Ground,
    case: Case,
    carts: Carts,
    memory: Memory,
    prices: Floats,
    fee: float,
    starts: Int32s,
    steps: int,
    found: Found,
) -> int:
    """Change every cart of `starts`, rows of orders up to a negative number, while it gains; return how many carts were
    found whose walk is shorter than the prices of their orders and the fee in mm together. Not more than `found` holds.

    The one cart of `carts` is empty before and after.
    """  # fmt: skip
    gone, come = np.full(2, NOBODY, dtype=np.int64), np.full(2, NOBODY, dtype=np.int64)
    count = 0
    for row in range(len(starts)):
        won = fee + begin_cart(ground, case, carts, memory, prices, starts[row])
        for _ in range(steps):
            gain = best_change(ground, case, carts, memory, prices, gone, come)
            if gain <= 0:
                break
            won += gain
            if gone[0] >= 0:
                take_out(case, carts, gone[0])
            if come[0] >= 0:
                put_in(case, carts, come[0], 0)
            settle(case, carts, memory, 0, length_with(ground, case, carts, memory, 0, memory.nobody, memory.nobody))
            if won > _NOTABLE and count < len(found.size):
                note(carts, found, count)
                count += 1
        while carts.size[0] > 0:
            take_out(case, carts, carts.member[0, 0])
    return count
