"""Search for short walks by moving orders between carts.

Plain Python over arrays, or compiled by `kernels`: the same text, so the same answers for the same seed. Compiled,
it lets other threads run meanwhile: the arrays are those of one search.
"""

import math

import numpy as np

from fulfillment.domain.annealing.arrays import Carts, Case, Figures, Ground, Int32s, Int64s, Memory

NOBODY = -1
FAR = 1 << 50

_MULTIPLIER, _MODULUS = 48271, 2147483647
_RELOCATE, _SWAP, _OPEN = 15, 60, 99
_PERCENT = 100


def one_block_length(ground: Ground, visit: Int32s, count: int) -> int:
    """Return the length in mm of the shortest closed walk over `visit[:count]`, ascending, on a free one-block floor.

    The states of Ratliff & Rosenthal (1983) as six numbers: nothing yet, both ends of the aisle odd, the front or the
    back end alone, both even and joined, both even and apart.
    """
    low, high = ground.low, ground.high
    through = high - low
    nothing, odd, front, back, joined, apart = 0, FAR, FAR, FAR, FAR, FAR
    at, column, is_depot_due = 0, NOBODY, True
    while at < count or is_depot_due:
        following = ground.start_column
        if at < count and (not is_depot_due or ground.column[visit[at]] < following):
            following = ground.column[visit[at]]
        if column >= 0:
            gap = 2 * (ground.xs[following] - ground.xs[column])
            odd, apart, nothing = odd + gap, apart + 2 * gap, FAR
            front, back, joined = min(front, joined) + gap, min(back, joined) + gap, joined + 2 * gap
        column = following
        if column == ground.start_column:
            is_depot_due = False
            if ground.start_row == 0:
                apart, front, back = min(apart, back), min(front, nothing), FAR
            else:
                apart, back, front = min(apart, front), min(back, nothing), FAR
            nothing = FAR
        if at < count and ground.column[visit[at]] == column:
            nearest = ground.y[visit[at]]
            y, widest = nearest, 0
            at += 1
            while at < count and ground.column[visit[at]] == column:
                to_y = ground.y[visit[at]]
                widest = max(widest, to_y - y)
                y = to_y
                at += 1
            from_front, from_back = 2 * (y - low), 2 * (high - nearest)
            from_both = 2 * (through - widest) if widest else FAR
        elif ground.is_aisle[column]:
            from_front, from_back, from_both = 0, 0, 0
        else:
            continue
        least = min(from_front, from_back, from_both)
        to_front, to_back = min(from_front, from_both), min(from_back, from_both)
        odd, joined, apart, front, back = (
            min(odd + least, min(front, back, joined, apart, nothing) + through),
            min(joined + least, odd + through, min(front, back, apart, nothing) + 2 * through),
            min(apart + least, front + to_back, back + to_front, nothing + from_both),
            min(front, nothing) + from_front,
            min(back, nothing) + from_back,
        )
    return min(front, back, joined) + ground.stubs


def any_length(ground: Ground, visit: Int32s, count: int) -> int:
    """Return the length in mm of the shortest walk over `visit[:count]`, ascending, on any floor."""
    assert ground.meter is not None
    length = ground.meter.lengths([visit[:count].tolist()])[0]
    return FAR if length is None else length


def tour_length(ground: Ground, visit: Int32s, count: int) -> int:
    """Return the length in mm of the shortest walk over `visit[:count]`, ascending stands."""
    if count == 0:
        return 0
    if ground.is_one_block:
        return one_block_length(ground, visit, count)
    return any_length(ground, visit, count)


def roll(dice: Int64s, sides: int) -> int:
    """Return a number from 0 up to `sides`, and turn the dice (Park & Miller 1988, multiplier of 1993)."""
    dice[0] = dice[0] * _MULTIPLIER % _MODULUS
    return int(dice[0] % sides)


def visited(case: Case, carts: Carts, cart: int, out: Int64s, into: Int64s, visit: Int32s) -> int:
    """Write the stands of a cart without the orders `out` and with the orders `into`; return how many.

    Stands are ascending, each once. Both lists hold two orders or `NOBODY`.
    """
    out_1, out_2, in_1, in_2 = out[0], out[1], into[0], into[1]
    i, picks = 0, carts.picks[cart]
    j, j_end = (case.first[in_1], case.first[in_1 + 1]) if in_1 >= 0 else (0, 0)
    k, k_end = (case.first[in_2], case.first[in_2 + 1]) if in_2 >= 0 else (0, 0)
    stands, owners = carts.stand[cart], carts.owner[cart]
    count, last = 0, NOBODY
    to_j = case.stand[j] if j < j_end else FAR
    to_k = case.stand[k] if k < k_end else FAR
    while i < picks:
        at, owner = stands[i], owners[i]
        i += 1
        if owner == out_1 or owner == out_2:  # noqa: PLR1714, SIM109 - compiled, membership in a tuple is slower
            continue
        while to_j <= at or to_k <= at:
            stand = min(to_j, to_k)
            if stand == to_j:
                j += 1
                to_j = case.stand[j] if j < j_end else FAR
            else:
                k += 1
                to_k = case.stand[k] if k < k_end else FAR
            if stand != last:
                visit[count] = stand
                count += 1
                last = stand
        if at != last:
            visit[count] = at
            count += 1
            last = at
    while to_j < FAR or to_k < FAR:
        stand = min(to_j, to_k)
        if stand == to_j:
            j += 1
            to_j = case.stand[j] if j < j_end else FAR
        else:
            k += 1
            to_k = case.stand[k] if k < k_end else FAR
        if stand != last:
            visit[count] = stand
            count += 1
            last = stand
    return count


def length_with(ground: Ground, case: Case, carts: Carts, memory: Memory, cart: int, out: Int64s, into: Int64s) -> int:
    """Return the walk in mm of a cart without the orders `out` and with the orders `into`.

    A set of orders that was measured before is looked up by the exclusive or of its tags (Zobrist 1970).
    """
    tag = carts.tag[cart]
    for i in range(2):
        if out[i] >= 0:
            tag ^= case.tag[out[i]]
        if into[i] >= 0:
            tag ^= case.tag[into[i]]
    place = tag & (len(memory.tag) - 1)
    if memory.tag[place] == tag:
        return int(memory.length[place])
    count = visited(case, carts, cart, out, into, memory.visit)
    length = tour_length(ground, memory.visit, count)
    memory.tag[place] = tag
    memory.length[place] = length
    memory.tours[0] += 1
    return length


def length_without(ground: Ground, case: Case, carts: Carts, memory: Memory, order: int) -> int:
    """Return the walk in mm that remains of an order's cart if it leaves."""
    if carts.without[order] < 0:
        memory.choice[0], memory.choice[1] = order, NOBODY
        cart = carts.cart_of[order]
        carts.without[order] = length_with(ground, case, carts, memory, cart, memory.choice, memory.nobody)
    return int(carts.without[order])


def excess(case: Case, carts: Carts, cart: int, out: Int64s, into: Int64s) -> float:
    """Return by how much a cart would be too full, in carts, summed over what takes room."""
    total = 0.0
    for kind in range(len(case.capacity)):
        load = carts.load[cart, kind]
        for i in range(2):
            if out[i] >= 0:
                load -= case.load[out[i], kind]
            if into[i] >= 0:
                load += case.load[into[i], kind]
        if load > case.capacity[kind]:
            total += (load - case.capacity[kind]) / case.capacity[kind]
    return total


def take_out(case: Case, carts: Carts, order: int) -> None:
    """Take an order off its cart; lengths are not updated."""
    cart = carts.cart_of[order]
    last = carts.member[cart, carts.size[cart] - 1]
    carts.member[cart, carts.place[order]] = last
    carts.place[last] = carts.place[order]
    carts.size[cart] -= 1
    carts.tag[cart] ^= case.tag[order]
    carts.cart_of[order] = NOBODY
    for kind in range(len(case.capacity)):
        carts.load[cart, kind] -= case.load[order, kind]
    kept = 0
    for i in range(carts.picks[cart]):
        if carts.owner[cart, i] != order:
            carts.stand[cart, kept] = carts.stand[cart, i]
            carts.owner[cart, kept] = carts.owner[cart, i]
            kept += 1
    carts.picks[cart] = kept


def put_in(case: Case, carts: Carts, order: int, cart: int) -> None:
    """Put an order on a cart; lengths are not updated."""
    carts.cart_of[order] = cart
    carts.place[order] = carts.size[cart]
    carts.member[cart, carts.size[cart]] = order
    carts.size[cart] += 1
    carts.tag[cart] ^= case.tag[order]
    for kind in range(len(case.capacity)):
        carts.load[cart, kind] += case.load[order, kind]
    first, i = case.first[order], carts.picks[cart] - 1
    j = case.first[order + 1] - 1
    carts.picks[cart] += j + 1 - first
    for to in range(carts.picks[cart] - 1, -1, -1):
        if j < first:
            break
        if i >= 0 and carts.stand[cart, i] > case.stand[j]:
            carts.stand[cart, to], carts.owner[cart, to] = carts.stand[cart, i], carts.owner[cart, i]
            i -= 1
        else:
            carts.stand[cart, to], carts.owner[cart, to] = case.stand[j], order
            j -= 1


def settle(case: Case, carts: Carts, memory: Memory, cart: int, length: int) -> None:
    """Note the walk in mm of a cart whose orders have changed."""
    carts.length[cart] = length
    carts.excess[cart] = excess(case, carts, cart, memory.nobody, memory.nobody)
    for i in range(carts.size[cart]):
        carts.without[carts.member[cart, i]] = NOBODY


def has_room(case: Case, carts: Carts, cart: int, into: Int64s) -> bool:
    """Return whether the arrays have room for `into` on a cart, whatever its capacity."""
    picks = carts.picks[cart]
    for i in range(2):
        if into[i] >= 0:
            picks += case.first[into[i] + 1] - case.first[into[i]]
    return bool(picks <= carts.stand.shape[1] and carts.size[cart] + 2 <= carts.member.shape[1])


def exchange(case: Case, carts: Carts, gone: Int64s, come: Int64s, other: int) -> None:
    """Move the orders `gone` to the cart `other`, and `come` from there to theirs; lengths are not updated."""
    cart = carts.cart_of[gone[0]]
    for i in range(2):
        if gone[i] >= 0:
            take_out(case, carts, gone[i])
        if come[i] >= 0:
            take_out(case, carts, come[i])
    for i in range(2):
        if gone[i] >= 0:
            put_in(case, carts, gone[i], other)
        if come[i] >= 0:
            put_in(case, carts, come[i], cart)


def move(
    ground: Ground,
    case: Case,
    carts: Carts,
    memory: Memory,
    gone: Int64s,
    come: Int64s,
    other: int,
    limit: float,
    weight: float,
) -> bool:
    """Move the orders `gone` to the cart `other`, and `come` from there to theirs, unless costs grow beyond `limit`.

    Costs are mm walked and `weight` mm for each cart's worth of load too much. A walk never gets shorter by another
    order, which often tells that a move is too costly before its tours are measured.
    """  # fmt: skip
    cart = carts.cart_of[gone[0]]
    if not has_room(case, carts, other, gone) or not has_room(case, carts, cart, come):
        return False
    growth = excess(case, carts, cart, gone, come) + excess(case, carts, other, come, gone)
    cost = weight * (growth - carts.excess[cart] - carts.excess[other]) - carts.length[cart] - carts.length[other]
    length, other_length = 0, carts.length[other]
    if come[0] >= 0:
        other_length = length_without(ground, case, carts, memory, come[0])
    is_alone = gone[1] < 0 and come[0] < 0
    if gone[1] < 0:
        length = length_without(ground, case, carts, memory, gone[0])
    if cost + length + other_length > limit:
        return False
    if not is_alone:
        length = length_with(ground, case, carts, memory, cart, gone, come)
    if cost + length + other_length > limit:
        return False
    other_length = length_with(ground, case, carts, memory, other, come, gone)
    if cost + length + other_length > limit:
        return False
    exchange(case, carts, gone, come, other)
    settle(case, carts, memory, cart, length)
    settle(case, carts, memory, other, other_length)
    return True


def empty_cart(carts: Carts, memory: Memory) -> int:
    """Return a cart without orders."""
    cart = memory.empty[0]
    while carts.size[cart] > 0:
        cart = (cart + 1) % len(carts.size)
    memory.empty[0] = cart
    return int(cart)


def propose(case: Case, carts: Carts, memory: Memory, dice: Int64s, gone: Int64s, come: Int64s, nearby: int) -> int:
    """Draw a move: write which orders leave a cart and which come there instead; return the other cart, or `NOBODY`.

    In `nearby` of 100 moves an order goes where one lies that is picked near it, else anywhere: alone, in exchange
    for another one, or together with a second one in exchange for one; or onto an empty cart.
    """
    order = roll(dice, len(carts.cart_of))
    kind = roll(dice, _PERCENT)
    gone[0], gone[1], come[0], come[1] = order, NOBODY, NOBODY, NOBODY
    cart = carts.cart_of[order]
    if kind >= _OPEN:
        return empty_cart(carts, memory) if carts.size[cart] > 1 else NOBODY
    if roll(dice, _PERCENT) < nearby:
        beside = case.near[order, roll(dice, case.near.shape[1])]
    else:
        beside = roll(dice, len(carts.cart_of))
    other = carts.cart_of[beside]
    if other == cart:
        return NOBODY
    if kind >= _RELOCATE:
        come[0] = carts.member[other, roll(dice, carts.size[other])]
        if come[0] == beside and carts.size[other] > 1:
            come[0] = carts.member[other, (carts.place[beside] + 1) % carts.size[other]]
    if kind >= _SWAP:
        second = carts.member[cart, roll(dice, carts.size[cart])]
        if second != order:
            gone[1] = second
    return int(other)


def anneal(
    ground: Ground,
    case: Case,
    carts: Carts,
    memory: Memory,
    dice: Int64s,
    best: Int32s,
    figures: Figures,
    temperature: float,
    weight: float,
    nearby: int,
    moves: int,
) -> None:
    """Try `moves` moves, and take those whose costs grow by no more than chance allows at this temperature in mm.

    `best` keeps the cart of each order in the shortest plan seen in which no cart is too full. `figures` are updated:
    the walks in mm of the present plan and of the best, and how many moves ended with no cart too full.
    """  # fmt: skip
    gone, come = np.full(2, NOBODY, dtype=np.int64), np.full(2, NOBODY, dtype=np.int64)
    length, overfull = 0, 0
    for cart in range(len(carts.size)):
        length += carts.length[cart]
        overfull += 1 if carts.excess[cart] > 0 else 0
    for _ in range(moves):
        other = propose(case, carts, memory, dice, gone, come, nearby)
        limit = -temperature * math.log((roll(dice, _MODULUS) + 1) / _MODULUS)
        if other >= 0:
            cart = carts.cart_of[gone[0]]
            before = carts.length[cart] + carts.length[other]
            full = (1 if carts.excess[cart] > 0 else 0) + (1 if carts.excess[other] > 0 else 0)
            if move(ground, case, carts, memory, gone, come, other, limit, weight):
                length += carts.length[cart] + carts.length[other] - before
                overfull += (1 if carts.excess[cart] > 0 else 0) + (1 if carts.excess[other] > 0 else 0) - full
                figures.taken[0] += 1
                if overfull == 0 and length < figures.best[0]:
                    figures.best[0] = length
                    best[:] = carts.cart_of
        figures.fitting[0] += 1 if overfull == 0 else 0
    figures.length[0] = length


def cheapest(
    ground: Ground, case: Case, carts: Carts, memory: Memory, cart: int, marks: Int64s, mark: int, discount: float
) -> int:
    """Return the waiting order that lengthens the walk of a cart least, less its discount; `NOBODY` if none fits.

    Only orders with this mark are looked at, or all if it is negative.
    """
    gone, come = memory.nobody, memory.choice
    least, chosen = float(FAR), NOBODY
    for order in range(len(case.tag)):
        if carts.cart_of[order] >= 0 or (mark >= 0 and marks[order] != mark) or -discount * case.alone[order] >= least:
            continue
        come[0], come[1] = order, NOBODY
        if excess(case, carts, cart, gone, come) > 0 or not has_room(case, carts, cart, come):
            continue
        price = length_with(ground, case, carts, memory, cart, gone, come) - carts.length[cart]
        if price - discount * case.alone[order] < least:
            least, chosen = price - discount * case.alone[order], order
    return chosen


def fill_carts(
    ground: Ground, case: Case, carts: Carts, memory: Memory, candidates: Int32s, marks: Int64s, discount: float
) -> None:
    """Fill one cart after the other: first the order with the longest walk left, then always what lengthens it least.

    Accumulative seed rule (de Koster, van der Poort & Wolters 1999); `discount` is the part of an order's own walk that
    is taken off, so that large orders are not left for the end. With `candidates`, a list of neighbors of every order,
    only neighbors of what lies on the cart are looked at while one of them fits; `marks` is room for theirs.
    """
    cart = 0
    for seed in np.argsort(-case.alone, kind="mergesort"):
        order = seed if carts.cart_of[seed] < 0 else NOBODY
        if order < 0:
            continue
        while order >= 0:
            put_in(case, carts, order, cart)
            length = length_with(ground, case, carts, memory, cart, memory.nobody, memory.nobody)
            settle(case, carts, memory, cart, length)
            for i in range(candidates.shape[1]):
                marks[candidates[order, i]] = cart + 1
            order = NOBODY
            if candidates.shape[1] > 0:
                order = cheapest(ground, case, carts, memory, cart, marks, cart + 1, discount)
            if order < 0:
                order = cheapest(ground, case, carts, memory, cart, marks, NOBODY, discount)
        cart += 1


def joint_lengths(ground: Ground, case: Case, carts: Carts, memory: Memory, pairs: Int32s, lengths: Int64s) -> None:
    """Write the walk in mm over both orders of every one of `pairs`; no cart may hold anything."""
    into = memory.choice
    for number in range(len(pairs)):
        into[0], into[1] = pairs[number, 0], pairs[number, 1]
        if into[1] == into[0]:
            into[1] = NOBODY
        count = visited(case, carts, 0, memory.nobody, into, memory.visit)
        lengths[number] = tour_length(ground, memory.visit, count)


def load_carts(ground: Ground, case: Case, carts: Carts, memory: Memory, cart_of: Int32s) -> None:
    """Put every order on the cart that `cart_of` names; all carts are empty before."""
    for order in range(len(cart_of)):
        put_in(case, carts, order, cart_of[order])
    for cart in range(len(carts.size)):
        settle(case, carts, memory, cart, length_with(ground, case, carts, memory, cart, memory.nobody, memory.nobody))
