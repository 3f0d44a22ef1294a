"""Rules of thumb that warehouses route by, measured on the same floor to show what an exact route saves."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from fulfillment.domain.layout import GridLayout, Point, Stand
from fulfillment.domain.routing.grid_network import grid_network
from fulfillment.domain.routing.network import walking_matrix


def walking_distance(layout: GridLayout, start: Point, end: Point) -> int:
    """Return the shortest walk in mm between two points that lie on walkways of `layout`.

    Raises:
        ValueError: if there is no way between them.
    """
    return _whole(sum(_legs(layout, [start, end])))


def visiting_length(layout: GridLayout, visits: Sequence[Point]) -> int:
    """Return the walk in mm from the depot over `visits` in that order to the best end, each leg the shortest way.

    Raises:
        ValueError: if there is no such way.
    """
    depot = layout.depot
    gate = (depot.x_mm, layout.rows[depot.row])
    between = sum(_legs(layout, [gate, *visits]))
    last = visits[-1] if visits else gate
    back = (sum(_legs(layout, [last, (end.x_mm, layout.rows[end.row])])) + end.stub_mm for end in layout.ends)
    return _whole(depot.stub_mm + between + min(back))


def _legs(layout: GridLayout, visits: Sequence[Point]) -> list[float]:
    """Return the walk in mm from each of `visits` to the next, infinite if there is no way."""
    if layout.is_obstructed:
        grid = grid_network(layout)
        matrix = walking_matrix(grid.network, [grid.place(point) for point in visits])
        return [float(leg) for leg in matrix.diagonal(1)]
    return [_free_leg(layout.rows, start, end) for start, end in pairwise(visits)]


def _free_leg(rows: Sequence[int], start: Point, end: Point) -> int:
    """Return the walk in mm between two points of a free floor.

    A way to another aisle leads over the first cross-aisle between both points, or if none lies between them over the
    next one before or behind both.
    """
    (x, y), (to_x, to_y) = start, end
    if x == to_x:
        return abs(y - to_y)
    low, high = min(y, to_y), max(y, to_y)
    behind = bisect_left(rows, low)
    detour = 0
    if behind == len(rows) or rows[behind] > high:
        ways = [low - rows[behind - 1]] if behind else []
        ways += [rows[behind] - high] if behind < len(rows) else []
        detour = 2 * min(ways)
    return abs(x - to_x) + high - low + detour


def _whole(length: float) -> int:
    if length == float("inf"):
        raise ValueError("There is no way between these points.")
    return round(length)


def name_order(layout: GridLayout, stands: Mapping[str, Stand]) -> list[Point]:
    """Return the access points in the order of their location codes: what a sorted pick list does."""
    return [layout.access_point(code) for code in sorted(stands)]


def s_shape_order(layout: GridLayout, stands: Iterable[Stand]) -> list[Point]:
    """Return the access points in S-shape order.

    Up the leftmost aisle with picks to the farthest block, then block by block toward the depot, each block from the
    nearer end and every aisle in the direction opposite to the last (Roodbergen & de Koster 2001, section 3).
    """
    away = 1 if layout.depot.row * 2 <= layout.blocks else -1
    places: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for stand in stands:
        block = bisect_right(layout.rows, stand.y_mm, 1, layout.blocks) - 1
        places[block][stand.column].add(stand.y_mm)
    if not places:
        return []
    blocks = sorted(places, reverse=away > 0)
    column = min(min(of_block) for of_block in places.values())
    climb = {y for block in blocks[1:] for y in places[block].pop(column, ())}
    order = [(column, y * away) for y in sorted(y * away for y in climb)]
    for block in blocks:
        standing_at = order[-1][0] if order else column
        order += _serpentine(places[block], standing_at, away if block == blocks[0] else -away)
    return [(layout.columns[column], y) for column, y in order]


def _serpentine(places: Mapping[int, Iterable[int]], standing_at: int, direction: int) -> Iterator[tuple[int, int]]:
    columns = sorted(places)
    if columns and abs(columns[-1] - standing_at) < abs(columns[0] - standing_at):
        columns.reverse()
    for number, column in enumerate(columns):
        upward = (direction > 0) == (number % 2 == 0)
        yield from ((column, y) for y in sorted(places[column], reverse=not upward))
