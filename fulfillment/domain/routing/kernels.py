"""The sweep over a grid, compiled. `sweep.py` is the same in plain Python, and the reference.

Importing this takes half a second and compiles at the first call of a process, or loads what an earlier one compiled:
`speed.warm_up` does both where nobody waits.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fulfillment.domain.routing.floor_arrays import FloorArrays, Int32s, Int64s, TableArrays, Uint32s

_FAR = 1 << 50  # sweep.IMPOSSIBLE; compiled code takes the value of a global when it is compiled

_ONE_BLOCK = 2
"""So many cross-aisles has a floor of one block."""


@njit(cache=True)
def block_prices(
    floor: FloorArrays, column: int, block: int, stands: Int32s, first: int, last: int, prices: Int64s
) -> None:
    """Fill in what each passage of a block costs in mm; its picks are `stands[first:last]`."""
    low, high = floor.ys[block], floor.ys[block + 1]
    before, behind = floor.front_barriers[column, block], floor.back_barriers[column, block + 1]
    through = high - low if behind == before else _FAR
    prices[1], prices[2] = through, min(2 * through, _FAR)
    if first == last:
        prices[0] = 0
        return
    barriers, forced, gap = 0, -1, np.int64(0)
    y, passed = low, before
    for i in range(first, last + 1):
        to_y = high if i == last else floor.stand_y[stands[i]]
        to_passed = behind if i == last else floor.stand_barriers[stands[i]]
        if to_passed > passed:
            barriers += 1
            forced = i - first
            if first < i < last:
                gap = to_y - y
        elif barriers == 0 and first < i < last and to_y - y > gap:
            gap = to_y - y
        y, passed = to_y, to_passed if i == last else floor.stand_passed[stands[i]]
    nearest, farthest = floor.stand_y[stands[first]], floor.stand_y[stands[last - 1]]
    is_free = barriers == 0
    prices[3] = 2 * (farthest - low) if is_free or (barriers == 1 and forced == last - first) else _FAR
    prices[4] = 2 * (high - nearest) if is_free or (barriers == 1 and forced == 0) else _FAR
    inside = last - first > 1 and (is_free or (barriers == 1 and 0 < forced < last - first))
    prices[5] = 2 * (high - low - gap) if inside else _FAR
    prices[7], prices[8] = min(prices[4], prices[5]), min(prices[3], prices[5])
    prices[6] = min(prices[3], prices[7])


@njit(cache=True)
def _pass_block(
    starts: Int32s,
    came_from: Uint32s,
    price_of: Uint32s,
    block: int,
    prices: Int64s,
    layers: Int64s,
    old: int,
    new: int,
) -> None:
    for state in range(starts.shape[1] - 1):
        best = _FAR
        for i in range(starts[block, state], starts[block, state + 1]):
            best = min(best, layers[old, came_from[i]] + prices[price_of[i]])
        layers[new, state] = best


@njit(cache=True)
def _cross_gap(table: TableArrays, pitch: int, missing: int, layers: Int64s, old: int, new: int) -> None:
    for state in range(len(table.closed)):
        best = _FAR
        for i in range(table.cross_start[state], table.cross_start[state + 1]):
            if not table.cross_rows[i] & missing:
                best = min(best, layers[old, table.cross_from[i]] + table.cross_edges[i] * pitch)
        layers[new, state] = best


@njit(cache=True)
def _arrive(after: Int32s, layer: Int64s) -> None:
    old = layer.copy()
    layer[:] = _FAR
    for state in range(len(layer)):
        if old[state] < _FAR:
            layer[after[state]] = min(layer[after[state]], old[state])


@njit(cache=True)
def _pass_aisle(
    floor: FloorArrays,
    table: TableArrays,
    column: int,
    stands: Int32s,
    at: int,
    prices: Int64s,
    layers: Int64s,
    step: int,
) -> tuple[int, int]:
    """Take the costs through all blocks of an aisle; return the first stand behind it and the number of the step."""
    depth, count = len(layers), len(stands)
    for block in range(len(floor.ys) - 1):
        first = at
        while at < count and floor.stand_column[stands[at]] == column and floor.stand_block[stands[at]] == block:
            at += 1
        block_prices(floor, column, block, stands, first, at, prices)
        old, new = step % depth, (step + 1) % depth
        if first == at:
            _pass_block(table.free_start, table.free_from, table.free_price, block, prices, layers, old, new)
        else:
            _pass_block(table.pick_start, table.pick_from, table.pick_price, block, prices, layers, old, new)
        step += 1
    return at, step


@njit(cache=True)
def _cheapest_end(table: TableArrays, layer: Int64s) -> tuple[int, int]:
    best, best_state = _FAR, -1
    for state in range(len(layer)):
        if table.closed[state] and layer[state] < best:
            best, best_state = layer[state], state
    return best, best_state


@njit(cache=True)
def sweep(
    floor: FloorArrays, table: TableArrays, stands: Int32s, end: int, layers: Int64s, prices: Int64s
) -> tuple[int, int, int]:
    """Return the length in mm of the shortest walk to an end over ascending `stands`, and where it is complete.

    That is the number of the sweep column among those visited, and the state. The costs of step i are written into row
    i of `layers`, or in turns if it has fewer rows than steps; it needs two. The length is `_FAR` if there is no walk.
    """
    end_column, end_row = floor.end_columns[end], floor.end_rows[end]
    is_open = floor.start_column != end_column or floor.start_row != end_row
    count, depth = len(stands), len(layers)
    last_required = max(floor.start_column, end_column, floor.stand_column[stands[count - 1]] if count else 0)
    best, best_column, best_state = _FAR, -1, -1
    step, visited, missing, at, before = 0, 0, 0, 0, -1
    layers[0] = _FAR
    layers[0, 0] = 0
    for column in range(len(floor.xs)):
        missing |= floor.missing[column]
        is_start, is_end = column == floor.start_column, column == end_column
        has_picks = at < count and floor.stand_column[stands[at]] == column
        if not (has_picks or is_start or is_end or (floor.is_obstructed and floor.is_aisle[column])):
            continue
        if visited:
            pitch = floor.xs[column] - floor.xs[before]
            _cross_gap(table, pitch, missing, layers, step % depth, (step + 1) % depth)
            step += 1
        missing, before = 0, column
        if is_start:
            _arrive(table.turned[floor.start_row] if is_open else table.touched[floor.start_row], layers[step % depth])
        if is_end and is_open:
            _arrive(table.turned[end_row], layers[step % depth])
        if floor.is_aisle[column]:
            at, step = _pass_aisle(floor, table, column, stands, at, prices, layers, step)
        if column >= last_required:
            length, state = _cheapest_end(table, layers[step % depth])
            if length < best:
                best, best_column, best_state = length, visited, state
            if not floor.is_obstructed:
                break
        visited += 1
    return best, best_column, best_state


@njit(cache=True)
def _aisle_span(floor: FloorArrays, stands: Int32s, at: int) -> tuple[np.int64, np.int64, np.int64, int]:
    """Return the nearest and the farthest y of the aisle of stand `at`, the longest gap, and the first stand behind."""
    column, nearest, gap = floor.stand_column[stands[at]], floor.stand_y[stands[at]], np.int64(0)
    y = nearest
    at += 1
    while at < len(stands) and floor.stand_column[stands[at]] == column:
        gap = max(gap, floor.stand_y[stands[at]] - y)
        y = floor.stand_y[stands[at]]
        at += 1
    return nearest, y, gap, at


@njit(cache=True)
def one_block(floor: FloorArrays, stands: Int32s) -> int:
    """Return the length in mm of the shortest closed walk over ascending `stands` on a free floor of one block.

    The six states of Ratliff & Rosenthal (1983) as six numbers: nothing yet, both ends odd, the front or the back end
    alone, both ends even and joined, both even and apart. It is what `sweep` computes, several times faster.
    """
    low, high, count = floor.ys[0], floor.ys[1], len(stands)
    through = high - low
    nothing, odd, front, back, joined, apart = 0, _FAR, _FAR, _FAR, _FAR, _FAR
    at, column, is_depot_due = 0, -1, True
    while at < count or is_depot_due:
        following = floor.start_column if is_depot_due else floor.stand_column[stands[at]]
        following = min(following, floor.stand_column[stands[at]]) if at < count else following
        if column >= 0:
            gap = 2 * (floor.xs[following] - floor.xs[column])
            odd, apart, nothing = odd + gap, apart + 2 * gap, _FAR
            front, back, joined = min(front, joined) + gap, min(back, joined) + gap, joined + 2 * gap
        column = following
        if column == floor.start_column:
            is_depot_due = False
            if floor.start_row == 0:
                apart, front, back = min(apart, back), min(front, nothing), _FAR
            else:
                apart, back, front = min(apart, front), min(back, nothing), _FAR
            nothing = _FAR
        if at < count and floor.stand_column[stands[at]] == column:
            nearest, farthest, gap, at = _aisle_span(floor, stands, at)
            from_front, from_back = 2 * (farthest - low), 2 * (high - nearest)
            from_both = 2 * (through - gap) if gap else _FAR
        elif floor.is_aisle[column]:
            from_front, from_back, from_both = 0, 0, 0  # touching an end for nothing only binds the tour more
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
    return min(front, back, joined)


@njit(cache=True)
def shortest(
    floor: FloorArrays, closed: TableArrays, opened: TableArrays, stands: Int32s, layers: Int64s, prices: Int64s
) -> int:
    """Return the length in mm of the shortest walk over ascending `stands` to the best end; `_FAR` if there is none."""
    if len(stands) == 0:
        return 0
    best = _FAR
    for end in range(len(floor.end_columns)):
        is_open = floor.start_column != floor.end_columns[end] or floor.start_row != floor.end_rows[end]
        if not is_open and not floor.is_obstructed and len(floor.ys) == _ONE_BLOCK:
            best = min(best, one_block(floor, stands) + floor.stubs[end])
            continue
        table = opened if is_open else closed
        states = len(table.closed)
        length, _, _ = sweep(floor, table, stands, end, layers[:, :states], prices)
        best = min(best, length + floor.stubs[end])
    return min(best, _FAR)


@njit(cache=True)
def shortest_of_many(
    floor: FloorArrays, closed: TableArrays, opened: TableArrays, stands: Int32s, starts: Int32s
) -> NDArray[np.int64]:
    """Return the length in mm of every tour; tour t visits `stands[starts[t]:starts[t + 1]]`, ascending."""
    layers = np.empty((2, max(len(closed.closed), len(opened.closed))), dtype=np.int64)
    prices = np.empty(9, dtype=np.int64)
    found = np.empty(len(starts) - 1, dtype=np.int64)
    for tour in range(len(found)):
        found[tour] = shortest(floor, closed, opened, stands[starts[tour] : starts[tour + 1]], layers, prices)
    return found
