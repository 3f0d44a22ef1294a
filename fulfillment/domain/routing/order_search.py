"""Search for the shortest closed tour over points with different ways there and back.

Plain Python over lists, or compiled by `order_kernels` over arrays: the same text, so the same answers.
"""

from collections.abc import MutableSequence, Sequence
from typing import TypeAlias

Matrix: TypeAlias = Sequence[Sequence[float]]
Tour: TypeAlias = MutableSequence[int]

TOLERANCE = 1e-6
_LONGEST = 12
_MULTIPLIER, _INCREMENT, _MODULUS = 1103515245, 12345, 2147483648


def tour_cost(d: Matrix, tour: Tour) -> float:
    """Return the length of a closed tour."""
    total = 0.0
    before = tour[len(tour) - 1]
    for node in tour:
        total += d[before][node]
        before = node
    return total


def exchange_segments(d: Matrix, near: Sequence[Sequence[int]], tour: Tour, place: Tour, spare: Tour) -> bool:
    """Swap two neighboring segments where that is shorter, until nothing is found; return whether anything was.

    The pure 3-exchange of asymmetric tours (Kanellakis & Papadimitriou 1980): no segment turns around. A segment is
    moved to follow `a` only if the way from `a` to it is shorter than the one it replaces.
    """
    n = len(tour)
    has_improved = False
    start = 0
    idle = 0
    while idle < n:
        a = tour[start % n]
        start += 1
        idle += 1
        at = place[a]
        sa = tour[(at + 1) % n]
        best, best_c, best_e = TOLERANCE, 0, 0
        for c in near[a]:
            first = d[a][sa] - d[a][c]
            if first <= TOLERANCE:
                break
            to_c = (place[c] - at + n) % n
            pc = tour[(at + to_c - 1) % n]
            first += d[pc][c]
            for to_e in range(to_c, n):
                e = tour[(at + to_e) % n]
                se = tour[(at + to_e + 1) % n]
                gain = first + d[e][se] - d[e][sa] - d[pc][se]
                if gain > best:
                    best, best_c, best_e = gain, to_c, to_e
        if best > TOLERANCE:
            _move(tour, place, spare, at, best_c, best_e)
            has_improved = True
            idle = 0
    return has_improved


def _move(tour: Tour, place: Tour, spare: Tour, at: int, to_c: int, to_e: int) -> None:
    """Swap the segments 1..to_c-1 and to_c..to_e behind position `at`."""
    n = len(tour)
    for i in range(to_e):
        old = to_c + i if i <= to_e - to_c else i - (to_e - to_c)
        spare[i] = tour[(at + old) % n]
    for i in range(to_e):
        position = (at + 1 + i) % n
        tour[position] = spare[i]
        place[spare[i]] = position


def reverse_segments(d: Matrix, tour: Tour, place: Tour) -> bool:
    """Turn segments around where that is shorter, until nothing is found; return whether anything was."""
    n = len(tour)
    has_improved = False
    is_searching = True
    while is_searching:
        is_searching = False
        for i in range(n - 2):
            before, first = tour[i], tour[i + 1]
            turned = 0.0
            for j in range(i + 2, n):
                last, after = tour[j], tour[(j + 1) % n]
                turned += d[last][tour[j - 1]] - d[tour[j - 1]][last]
                change = d[before][last] + d[first][after] - d[before][first] - d[last][after] + turned
                if change < -TOLERANCE:
                    _turn(tour, place, i + 1, j)
                    has_improved, is_searching = True, True
                    break
    return has_improved


def _turn(tour: Tour, place: Tour, low: int, high: int) -> None:
    while low < high:
        tour[low], tour[high] = tour[high], tour[low]
        place[tour[low]], place[tour[high]] = low, high
        low += 1
        high -= 1
    if low == high:
        place[tour[low]] = low


def descend(d: Matrix, near: Sequence[Sequence[int]], tour: Tour, place: Tour, spare: Tour) -> None:
    """Improve a tour until neither kind of move makes it shorter."""
    while True:
        exchange_segments(d, near, tour, place, spare)
        if not reverse_segments(d, tour, place):
            return


def search(d: Matrix, near: Sequence[Sequence[int]], tour: Tour, work: Sequence[Tour], rounds: int) -> float:
    """Improve `tour` in place: descend, then `rounds` times disturb it somewhere and keep what is not longer.

    Iterated local search with a short double bridge (Johnson & McGeoch 1997). `work` is three tours' room. The numbers
    that choose the place are the same at every call.
    """
    n = len(tour)
    place, spare, kept = work[0], work[1], work[2]
    for position in range(n):
        place[tour[position]] = position
    descend(d, near, tour, place, spare)
    best = tour_cost(d, tour)
    for position in range(n):
        kept[position] = tour[position]
    seed = 1
    for _ in range(rounds):
        seed = (seed * _MULTIPLIER + _INCREMENT) % _MODULUS
        at = (seed >> 8) % n
        seed = (seed * _MULTIPLIER + _INCREMENT) % _MODULUS
        most = max(1, min(_LONGEST, (n - 1) // 3))
        a, b, c = 1 + (seed >> 4) % most, 1 + (seed >> 12) % most, 1 + (seed >> 20) % most
        _double_bridge(tour, place, spare, at, a, b, c)
        descend(d, near, tour, place, spare)
        length_now = tour_cost(d, tour)
        if length_now <= best + TOLERANCE:
            best = min(best, length_now)
            for position in range(n):
                kept[position] = tour[position]
        else:
            for position in range(n):
                tour[position] = kept[position]
                place[kept[position]] = position
    return best


def _double_bridge(tour: Tour, place: Tour, spare: Tour, at: int, a: int, b: int, c: int) -> None:
    """Turn the three segments of lengths a, b, c behind `at` into the order c, b, a."""
    n = len(tour)
    for i in range(a + b + c):
        if i < c:
            old = a + b + i
        elif i < c + b:
            old = a + i - c
        else:
            old = i - c - b
        spare[i] = tour[(at + 1 + old) % n]
    for i in range(a + b + c):
        position = (at + 1 + i) % n
        tour[position] = spare[i]
        place[spare[i]] = position
