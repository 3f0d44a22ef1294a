from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fulfillment.domain.layout import Depot, GridLayout, Stand
from fulfillment.domain.routing.columns import missing_rows, vertex_of
from fulfillment.domain.routing.states import Passage, StateTable, state_table

Int32s = NDArray[np.int32]
Uint32s = NDArray[np.uint32]
"""Indexes: compiled code need not look whether they count from the end."""
Int64s = NDArray[np.int64]

NEAREST, BACK_OR_BOTH, FRONT_OR_BOTH = 6, 7, 8
"""Prices of a block with picks beside those of the passages: the least of 3, 4, 5, of 4 and 5, of 3 and 5."""
PRICES = 9


class TableArrays(NamedTuple):
    """A `StateTable` for compiled code: for each state the ways in which it is reached, one behind the other.

    Of block b, `free_*` are the ways through it without picks and `pick_*` with picks; state s owns the entries from
    `*_start[b, s]` to `*_start[b, s + 1]`, in each the state before and the number of its price. Ways that cannot be
    shortest, because another one reaches the same state for no more, are left out.
    """

    free_start: Int32s
    free_from: Uint32s
    free_price: Uint32s
    pick_start: Int32s
    pick_from: Uint32s
    pick_price: Uint32s
    cross_start: Int32s
    cross_from: Uint32s
    cross_edges: Int32s
    cross_rows: Int32s
    touched: Int32s
    turned: Int32s
    closed: NDArray[np.bool_]


class FloorArrays(NamedTuple):
    """A floor and the stands on it for compiled code, lengths in mm.

    A sweep column is an aisle or the place of a depot between aisles; `is_aisle` tells. Stands are numbered by sweep
    column and y, so that ascending numbers are the order of the sweep. `front_barriers` and `back_barriers` count the
    obstructions of a column that end at or before the row, and that begin before it; `stand_passed` and
    `stand_barriers` are the same of a stand, and those of gaps between columns likewise.
    """

    xs: Int64s
    is_aisle: NDArray[np.bool_]
    missing: Int32s
    ys: Int64s
    front_barriers: Int32s
    back_barriers: Int32s
    stand_column: Int32s
    stand_y: Int64s
    stand_block: Int32s
    stand_barriers: Int32s
    stand_passed: Int32s
    is_obstructed: bool
    start_column: int
    start_row: int
    end_columns: Int32s
    end_rows: Int32s
    stubs: Int64s


@cache
def table_arrays(rows: int, *, open_ended: bool) -> TableArrays:
    """Return the states of tours over `rows` cross-aisles as arrays."""
    table = state_table(rows, open_ended=open_ended)
    free = [_reduced(table, block, has_picks=False) for block in range(rows - 1)]
    picks = [_reduced(table, block, has_picks=True) for block in range(rows - 1)]
    ways = [way for of_state in table.crossed for way in of_state]
    free_start, free_from, free_price = _stacked(free)
    pick_start, pick_from, pick_price = _stacked(picks)
    return TableArrays(
        free_start=free_start,
        free_from=free_from,
        free_price=free_price,
        pick_start=pick_start,
        pick_from=pick_from,
        pick_price=pick_price,
        cross_start=_starts(table.crossed),
        cross_from=np.array([before for before, _, _ in ways], dtype=np.uint32),
        cross_edges=_int32([edges for _, edges, _ in ways]),
        cross_rows=_int32([used for _, _, used in ways]),
        touched=_int32(table.touched),
        turned=_int32(table.turned),
        closed=np.array(table.closed, dtype=np.bool_),
    )


def floor_arrays(layout: GridLayout, stands: Sequence[Stand]) -> FloorArrays:
    """Return a floor and `stands`, which must be ascending, as arrays."""
    floor = _empty_floor(Floor(layout))
    numbers = np.searchsorted(floor.xs, np.array(layout.columns, dtype=np.int64))
    columns = numbers[np.array([stand.column for stand in stands], dtype=np.intp)]
    ys = np.array([stand.y_mm for stand in stands], dtype=np.int64)
    blocks = np.clip(np.searchsorted(floor.ys, ys, side="right") - 1, 0, layout.blocks - 1)
    barriers, passed = np.zeros(len(ys), dtype=np.int32), np.zeros(len(ys), dtype=np.int32)
    for each in layout.blocked_aisles:
        barriers += (columns == numbers[each.line]) & (ys > each.from_mm)
        passed += (columns == numbers[each.line]) & (ys >= each.to_mm)
    return floor._replace(
        stand_column=columns.astype(np.int32), stand_y=ys, stand_block=blocks.astype(np.int32),
        stand_barriers=barriers, stand_passed=passed,
    )  # fmt: skip


class Floor:
    """A layout that equals others with the same walkways, whatever stands on them."""

    def __init__(self, layout: GridLayout) -> None:
        self.layout = layout
        ends = tuple((*vertex_of(depot), depot.stub_mm) for depot in (layout.depot, *layout.ends))
        self._key = (layout.columns, layout.rows, ends, layout.blocked_aisles, layout.blocked_cross_aisles)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and self._key == other._key


@lru_cache(maxsize=32)
def _empty_floor(floor: Floor) -> FloorArrays:
    layout = floor.layout
    xs = sorted({*layout.columns, *(depot.x_mm for depot in (layout.depot, *layout.ends))})
    place = {x: number for number, x in enumerate(xs)}
    lines = {place[x]: number for number, x in enumerate(layout.columns)}
    blocked = [[each for each in layout.blocked_aisles if each.line == lines.get(n)] for n in range(len(xs))]
    none = np.zeros(0, dtype=np.int32)
    return FloorArrays(
        xs=np.array(xs, dtype=np.int64),
        is_aisle=np.array([number in lines for number in range(len(xs))], dtype=np.bool_),
        missing=_int32([0, *(missing_rows(layout, left, right) for left, right in pairwise(xs))]),
        ys=np.array(layout.rows, dtype=np.int64),
        front_barriers=_int32([[sum(each.to_mm <= y for each in of) for y in layout.rows] for of in blocked]),
        back_barriers=_int32([[sum(each.from_mm < y for each in of) for y in layout.rows] for of in blocked]),
        stand_column=none,
        stand_y=np.zeros(0, dtype=np.int64),
        stand_block=none,
        stand_barriers=none,
        stand_passed=none,
        is_obstructed=layout.is_obstructed,
        start_column=place[layout.depot.x_mm],
        start_row=layout.depot.row,
        end_columns=_int32([place[end.x_mm] for end in layout.ends]),
        end_rows=_int32([end.row for end in layout.ends]),
        stubs=np.array([layout.depot.stub_mm + end.stub_mm for end in layout.ends], dtype=np.int64),
    )


def is_open_ended(layout: GridLayout, end: Depot) -> bool:
    """Return whether a walk to `end` ends at another crossing than it starts."""
    return vertex_of(layout.depot) != vertex_of(end)


def _reduced(table: StateTable, block: int, *, has_picks: bool) -> list[list[tuple[int, int]]]:
    """Return for each state the (state, price) before it, without ways that another one makes needless."""
    found: list[list[tuple[int, int]]] = [[] for _ in table.cells]
    for state, cells in enumerate(table.cells):
        front, back = cells[block], cells[block + 1]
        after = table.passages[block][state]
        kinds = [int(Passage.TRAVERSE)]
        if not (front and front // 2 == back // 2):
            kinds.append(Passage.TRAVERSE_TWICE)
        if has_picks:
            kinds += _dead_ends(touches_front=front > 0, touches_back=back > 0)
        else:
            kinds.append(Passage.SKIP)
        for kind in kinds:
            reached = {NEAREST: state, BACK_OR_BOTH: after[Passage.FROM_BOTH], FRONT_OR_BOTH: after[Passage.FROM_BOTH]}
            found[reached[kind] if kind in reached else after[kind]].append((state, int(kind)))
    return found


def _dead_ends(*, touches_front: bool, touches_back: bool) -> list[int]:
    if touches_front and touches_back:
        return [NEAREST]
    if touches_front:
        return [Passage.FROM_FRONT, BACK_OR_BOTH]
    if touches_back:
        return [Passage.FROM_BACK, FRONT_OR_BOTH]
    return [Passage.FROM_FRONT, Passage.FROM_BACK, Passage.FROM_BOTH]


def _stacked(blocks: list[list[list[tuple[int, int]]]]) -> tuple[Int32s, Uint32s, Uint32s]:
    """Return the starts of every block's entries in one list of all, and the two parts of that list."""
    flat = [entry for of_block in blocks for entries in of_block for entry in entries]
    offsets = [0, *accumulate(sum(map(len, of_block)) for of_block in blocks)]
    starts = np.stack([_starts(of_block) + offset for of_block, offset in zip(blocks, offsets, strict=False)])
    states, prices = (np.array([entry[part] for entry in flat], dtype=np.uint32) for part in (0, 1))
    return starts.astype(np.int32), states, prices


def _starts(entries: Sequence[Sequence[object]]) -> Int32s:
    return _int32([0, *accumulate(map(len, entries))])


def _int32(values: object) -> Int32s:
    return np.array(values, dtype=np.int32)
