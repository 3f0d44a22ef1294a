"""Rules of thumb that warehouses route by, measured on the same floor to show what an exact route saves."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from fulfillment.domain.layout import GridLayout, Point, Stand


def walking_distance(layout: GridLayout, start: Point, end: Point) -> int:
    """Return the shortest walk in mm between two points that lie on walkways of `layout`."""
    (x, y), (to_x, to_y) = start, end
    if x == to_x:
        return abs(y - to_y)
    return abs(x - to_x) + min(abs(y - row) + abs(row - to_y) for row in layout.rows)


def visiting_length(layout: GridLayout, visits: Iterable[Point]) -> int:
    """Return the walk in mm from the depot over `visits` in that order and back, each leg the shortest way."""
    depot = layout.depot
    gate = (depot.x_mm, layout.rows[depot.row])
    legs = pairwise([gate, *visits, gate])
    return 2 * depot.stub_mm + sum(walking_distance(layout, start, end) for start, end in legs)


def name_order(layout: GridLayout, stands: Mapping[str, Stand]) -> list[Point]:
    """Return the access points in the order of their location codes: what a sorted pick list does."""
    return [layout.access_point(code) for code in sorted(stands)]


def s_shape_order(layout: GridLayout, stands: Iterable[Stand]) -> list[Point]:
    """Return the access points in S-shape order.

    Up the leftmost aisle with picks to the farthest block, then block by block toward the depot, each block from the
    nearer end and every aisle in the direction opposite to the last (Roodbergen & de Koster 2001, section 3).
    """
    away = 1 if layout.depot.row * 2 <= layout.blocks else -1
    left = sorted(set(stands))
    if not left:
        return []
    blocks = sorted({_block(layout.rows, stand.y_mm) for stand in left}, reverse=away > 0)
    climb = [s for s in left if s.column == left[0].column and _block(layout.rows, s.y_mm) != blocks[0]]
    order = sorted(climb, key=lambda s: s.y_mm * away)
    for block in blocks:
        rest = [s for s in left if _block(layout.rows, s.y_mm) == block and s not in climb]
        order += _serpentine(rest, order[-1].column if order else left[0].column, away if block == blocks[0] else -away)
    return [(layout.columns[stand.column], stand.y_mm) for stand in order]


def _serpentine(stands: Sequence[Stand], standing_at: int, direction: int) -> list[Stand]:
    columns = sorted({stand.column for stand in stands})
    if columns and abs(columns[-1] - standing_at) < abs(columns[0] - standing_at):
        columns.reverse()
    order: list[Stand] = []
    for number, column in enumerate(columns):
        heading = direction if number % 2 == 0 else -direction
        order += sorted((s for s in stands if s.column == column), key=lambda s: s.y_mm * heading)
    return order


def _block(rows: Sequence[int], y: int) -> int:
    return max(0, min(len(rows) - 2, sum(row <= y for row in rows) - 1))
