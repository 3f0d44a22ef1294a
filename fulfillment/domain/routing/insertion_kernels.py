"""Walks with one place more or less, compiled: what lies before and behind an aisle is kept, one aisle is passed anew.

Only for floors without obstructions and with one end; others are swept as a whole.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit

from fulfillment.domain.routing import kernels
from fulfillment.domain.routing.floor_arrays import FloorArrays, Int32s, Int64s, TableArrays, Uint32s

_Code = TypeVar("_Code", bound=Callable[..., object])


def bare(function: _Code, *, is_inner: bool = False) -> _Code:
    """Compile a function that counts no references to its some forty arrays, which takes longer than a walk.

    So it can allocate nothing. Inner ones are put into the text of those that call them.
    """
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False, "forceinline": is_inner}
    found: _Code = njit(**options)(function)
    return found


_inlined = partial(bare, is_inner=True)

_block_prices = _inlined(kernels.block_prices.py_func)
_pass_block = _inlined(kernels._pass_block.py_func)  # noqa: SLF001 - the same sweep, put into the text of this one

_FAR = 1 << 50  # sweep.IMPOSSIBLE; compiled code takes the value of a global when it is compiled


class Halves(NamedTuple):
    """Costs in mm by column and state: from the start up to entering a column, and from leaving it to the end.

    `arrived` holds for columns up to `valid[0]`, `left` from `valid[1]` on, both for the places in `seen`. The places
    of column c are those from `first[c]` to `first[c + 1]`; `used_in` counts those in use.
    """

    arrived: Int64s
    left: Int64s
    valid: Int64s
    seen: Int32s
    first: Int32s
    used_in: Int32s
    scratch: Int64s


def halves_of(floor: FloorArrays, states: int) -> Halves:
    """Return room for the halves of walks on a floor, with no place in use."""
    columns, places = len(floor.xs), len(floor.stand_y)
    return Halves(
        arrived=np.full((columns, states), _FAR, dtype=np.int64),
        left=np.full((columns, states), _FAR, dtype=np.int64),
        valid=np.array([-1, columns], dtype=np.int64),
        seen=np.zeros(places, dtype=np.int32),
        first=np.searchsorted(floor.stand_column, np.arange(columns + 1)).astype(np.int32),
        used_in=np.zeros(columns, dtype=np.int32),
        scratch=np.empty((2, states), dtype=np.int64),
    )


@bare
def follow(floor: FloorArrays, halves: Halves, used: Int32s) -> int:
    """Take note of which places are in use now; return a column that changed last, or the first one."""
    low, high = len(floor.xs), -1
    for place in range(len(used)):
        now = 1 if used[place] > 0 else 0
        if now != halves.seen[place]:
            halves.used_in[floor.stand_column[place]] += now - halves.seen[place]
            halves.seen[place] = now
            low, high = min(low, floor.stand_column[place]), max(high, floor.stand_column[place])
    if high < 0:
        return int(max(0, min(halves.valid[0], len(floor.xs) - 1)))
    halves.valid[0], halves.valid[1] = min(halves.valid[0], low), max(halves.valid[1], high)
    return high


@_inlined
def _is_open(floor: FloorArrays) -> bool:
    return bool(floor.start_column != floor.end_columns[0] or floor.start_row != floor.end_rows[0])


@_inlined
def _turn(after: Int32s, halves: Halves, column: int) -> None:
    """Map the costs of arriving at a column from state to state."""
    states = len(after)
    for state in range(states):
        halves.scratch[0, state], halves.arrived[column, state] = halves.arrived[column, state], _FAR
    for state in range(states):
        halves.arrived[column, after[state]] = min(halves.arrived[column, after[state]], halves.scratch[0, state])


@_inlined
def _arrive(floor: FloorArrays, table: TableArrays, halves: Halves, column: int) -> None:
    """Begin or end the walk at a column."""
    is_open = _is_open(floor)
    if column == floor.start_column:
        if is_open:
            _turn(table.turned[floor.start_row], halves, column)
        else:
            _turn(table.touched[floor.start_row], halves, column)
    if is_open and column == floor.end_columns[0]:
        _turn(table.turned[floor.end_rows[0]], halves, column)


@_inlined
def _go_on(floor: FloorArrays, table: TableArrays, halves: Halves, column: int, room: Int32s, prices: Int64s) -> None:
    """Extend `arrived` up to a column."""
    if halves.valid[0] < 0:
        for state in range(halves.arrived.shape[1]):
            halves.arrived[0, state] = 0 if state == 0 else _FAR
        _arrive(floor, table, halves, 0)
        halves.valid[0] = 0
    states = halves.arrived.shape[1]
    for at in range(halves.valid[0], column):
        row = _through(floor, table, halves, at, -1, room, prices)
        pitch = floor.xs[at + 1] - floor.xs[at]
        for state in range(states):
            best = _FAR
            for i in range(table.cross_start[state], table.cross_start[state + 1]):
                best = min(best, halves.scratch[row, table.cross_from[i]] + table.cross_edges[i] * pitch)
            halves.arrived[at + 1, state] = best
        _arrive(floor, table, halves, at + 1)
        halves.valid[0] = at + 1


@_inlined
def _stops_at(floor: FloorArrays, halves: Halves, column: int) -> bool:
    return bool(halves.used_in[column] > 0 or column == floor.start_column or column == floor.end_columns[0])


@_inlined
def _last(floor: FloorArrays, halves: Halves) -> int:
    last = max(floor.start_column, floor.end_columns[0])
    for column in range(len(halves.used_in) - 1, last, -1):
        if halves.used_in[column] > 0:
            return column
    return int(last)


@_inlined
def _places_in(halves: Halves, column: int, more: int, room: Int32s) -> int:
    """Write the places of a column in use, and one `more`; return how many."""
    count = 0
    for place in range(halves.first[column], halves.first[column + 1]):
        if halves.seen[place] > 0 or place == more:
            room[count] = place
            count += 1
    return count


@_inlined
def _through(
    floor: FloorArrays, table: TableArrays, halves: Halves, column: int, more: int, room: Int32s, prices: Int64s
) -> int:
    """Take the costs through a column with one place `more`; return the row of `scratch` where they are."""
    for state in range(halves.arrived.shape[1]):
        halves.scratch[0, state] = halves.arrived[column, state]
    if not floor.is_aisle[column] or (more < 0 and not _stops_at(floor, halves, column)):
        return 0
    count, first, now = _places_in(halves, column, more, room), 0, 0
    for block in range(len(floor.ys) - 1):
        last = first
        while last < count and floor.stand_block[room[last]] == block:
            last += 1
        _block_prices(floor, column, block, room, first, last, prices)
        if first == last:
            _pass_block(
                table.free_start, table.free_from, table.free_price, block, prices, halves.scratch, now, 1 - now
            )
        else:
            _pass_block(
                table.pick_start, table.pick_from, table.pick_price, block, prices, halves.scratch, now, 1 - now
            )
        first, now = last, 1 - now
    return now


@_inlined
def _look_back(
    floor: FloorArrays, table: TableArrays, halves: Halves, column: int, room: Int32s, prices: Int64s
) -> None:
    """Extend `left` down to a column."""
    last = _last(floor, halves)
    for at in range(halves.valid[1] - 1, column - 1, -1):
        if at >= last:
            for state in range(halves.left.shape[1]):
                halves.left[at, state] = 0 if table.closed[state] else _FAR
        else:
            _leave(floor, table, halves, at, room, prices)
        halves.valid[1] = at


@_inlined
def _enter(floor: FloorArrays, table: TableArrays, halves: Halves, column: int, room: Int32s, prices: Int64s) -> int:
    """Take what remains behind a column to its front; return the row of `scratch` where it is."""
    for state in range(halves.left.shape[1]):
        halves.scratch[0, state] = halves.left[column, state]
    if not floor.is_aisle[column] or not _stops_at(floor, halves, column):
        return 0
    last, now = _places_in(halves, column, -1, room), 0
    for block in range(len(floor.ys) - 2, -1, -1):
        first = last
        while first > 0 and floor.stand_block[room[first - 1]] == block:
            first -= 1
        _block_prices(floor, column, block, room, first, last, prices)
        if first == last:
            _pass_back(table.free_start, table.free_from, table.free_price, block, prices, halves.scratch, now)
        else:
            _pass_back(table.pick_start, table.pick_from, table.pick_price, block, prices, halves.scratch, now)
        now, last = 1 - now, first
    return now


@_inlined
def _pass_back(
    starts: Int32s, came_from: Uint32s, price_of: Uint32s, block: int, prices: Int64s, scratch: Int64s, now: int
) -> None:
    for state in range(scratch.shape[1]):
        scratch[1 - now, state] = _FAR
    for state in range(scratch.shape[1]):
        for i in range(starts[block, state], starts[block, state + 1]):
            total = scratch[now, state] + prices[price_of[i]]
            scratch[1 - now, came_from[i]] = min(scratch[1 - now, came_from[i]], total)


@_inlined
def _leave(floor: FloorArrays, table: TableArrays, halves: Halves, at: int, room: Int32s, prices: Int64s) -> None:
    """Fill in what remains behind column `at` from what remains behind the next one."""
    states, following = halves.left.shape[1], at + 1
    now = _enter(floor, table, halves, following, room, prices)
    is_open = _is_open(floor)
    if is_open and following == floor.end_columns[0]:
        now = _turn_back(table.turned[floor.end_rows[0]], halves.scratch, now)
    if following == floor.start_column:
        if is_open:
            now = _turn_back(table.turned[floor.start_row], halves.scratch, now)
        else:
            now = _turn_back(table.touched[floor.start_row], halves.scratch, now)
    pitch = floor.xs[following] - floor.xs[at]
    for state in range(states):
        halves.left[at, state] = _FAR
    for state in range(states):
        for i in range(table.cross_start[state], table.cross_start[state + 1]):
            total = halves.scratch[now, state] + table.cross_edges[i] * pitch
            halves.left[at, table.cross_from[i]] = min(halves.left[at, table.cross_from[i]], total)


@_inlined
def _turn_back(after: Int32s, scratch: Int64s, now: int) -> int:
    for state in range(len(after)):
        scratch[1 - now, state] = scratch[now, after[state]]
    return 1 - now


@bare
def length_through(
    floor: FloorArrays, table: TableArrays, halves: Halves, column: int, more: int, room: Int32s, prices: Int64s
) -> int:
    """Return the length in mm of the shortest walk over the places in use and one `more` in a column, `_FAR` for none.

    `more` may be -1 for no place; `follow` must have seen what is in use.
    """
    if more < 0:
        column = min(column, _last(floor, halves))  # nobody walks farther for nothing
    _go_on(floor, table, halves, column, room, prices)
    _look_back(floor, table, halves, column, room, prices)
    row = _through(floor, table, halves, column, more, room, prices)
    best = _FAR
    for state in range(halves.left.shape[1]):
        best = min(best, halves.scratch[row, state] + halves.left[column, state])
    return int(min(best + floor.stubs[0], _FAR))
