from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from fulfillment.domain.layout import Depot, GridLayout, Obstruction
from fulfillment.domain.routing.states import Passage

Price: TypeAlias = tuple[Passage, int]
Vertex: TypeAlias = tuple[int, int]
"""The x in mm and the row of a crossing of walkways."""


class TourBlock(NamedTuple):
    """One block of one aisle: its ends and the y of its picks, ascending, and which stretches between are blocked.

    Stretch 0 lies before the first pick, stretch i behind pick i; `barriers` are the numbers of blocked ones.
    """

    low: int
    high: int
    ys: tuple[int, ...] = ()
    barriers: tuple[int, ...] = ()

    @property
    def cut(self) -> int:
        """Return the number of the stretch between two picks that is not walked when they are fetched from both ends:
        the blocked one, else the longest.
        """
        if self.barriers:
            return self.barriers[0]
        return max(range(1, len(self.ys)), key=lambda i: (self.ys[i] - self.ys[i - 1], -i))


class TourColumn(NamedTuple):
    """One aisle that a tour must see, and the vertices of the walk's start and end if they stand here.

    A start or end between two aisles has a column of its own, in which nobody walks (`blocks` is empty). `missing`
    are the cross-aisles, as a bit set, on which nobody gets here from the column before.
    """

    x_mm: int
    blocks: tuple[TourBlock, ...]
    start_row: int | None
    end_row: int | None
    missing: int

    @property
    def is_required(self) -> bool:
        """Return whether the tour must come here."""
        return self.start_row is not None or self.end_row is not None or any(block.ys for block in self.blocks)


def vertex_of(depot: Depot) -> Vertex:
    """Return the crossing at which a way from `depot` comes onto the floor's walkways."""
    return depot.x_mm, depot.row


def tour_columns(layout: GridLayout, picks: Mapping[int, Iterable[int]], end: Depot) -> tuple[TourColumn, ...]:
    """Return the columns that matter for a walk to `end` over `picks`, the y in mm by column number.

    Aisles without picks are left out of a free floor: all blocks are equally long in every aisle, so a tour that climbs
    in an empty aisle is never shorter than one that climbs in a neighboring one that it visits anyway. On an
    obstructed floor that may be the only way.
    """
    start, last = vertex_of(layout.depot), vertex_of(end)
    number = {x: column for column, x in enumerate(layout.columns)}
    visited = range(len(layout.columns)) if layout.is_obstructed else picks
    found = []
    before = None
    for x in sorted({layout.columns[column] for column in visited} | {start[0], last[0]}):
        column = number.get(x)
        found.append(
            TourColumn(
                x_mm=x,
                blocks=() if column is None else tuple(_blocks(layout, column, sorted(set(picks.get(column, ()))))),
                start_row=start[1] if x == start[0] else None,
                end_row=last[1] if x == last[0] else None,
                missing=0 if before is None else missing_rows(layout, before, x),
            )
        )
        before = x
    return tuple(found)


def crosses(obstructions: Iterable[Obstruction], line: int, low: int, high: int) -> bool:
    """Return whether one of `obstructions` blocks the way between `low` and `high` on a line of walkway."""
    return any(each.line == line and each.from_mm < high and low < each.to_mm for each in obstructions)


def missing_rows(layout: GridLayout, left: int, right: int) -> int:
    """Return the cross-aisles, as a bit set, on which nobody gets from x `left` to `right`."""
    blocked = layout.blocked_cross_aisles
    return sum(1 << row for row in range(len(layout.rows)) if crosses(blocked, row, left, right)) if blocked else 0


def passage_prices(block: TourBlock) -> tuple[Price, ...]:
    """Return the walk in mm of each sensible and possible passage of a block."""
    low, high, ys = block.low, block.high, block.ys
    through = high - low
    prices: list[Price] = [] if ys else [(Passage.SKIP, 0)]
    if not block.barriers:
        prices += [(Passage.TRAVERSE, through), (Passage.TRAVERSE_TWICE, 2 * through)]
    if not ys:
        return tuple(prices)
    if not block.barriers or block.barriers == (len(ys),):
        prices.append((Passage.FROM_FRONT, 2 * (ys[-1] - low)))
    if not block.barriers or block.barriers == (0,):
        prices.append((Passage.FROM_BACK, 2 * (high - ys[0])))
    if len(ys) > 1 and (not block.barriers or (len(block.barriers) == 1 and 0 < block.barriers[0] < len(ys))):
        prices.append((Passage.FROM_BOTH, 2 * (through - ys[block.cut] + ys[block.cut - 1])))
    return tuple(prices)


def _blocks(layout: GridLayout, column: int, ys: Sequence[int]) -> Iterator[TourBlock]:
    blocked = [each for each in layout.blocked_aisles if each.line == column]
    last = layout.blocks - 1
    for block, (low, high) in enumerate(pairwise(layout.rows)):
        first = 0 if block == 0 else bisect_left(ys, low)
        own = tuple(ys[first : None if block == last else bisect_left(ys, high)])
        places = (low, *own, high)
        yield TourBlock(
            low,
            high,
            own,
            tuple(i for i, (a, b) in enumerate(pairwise(places)) if crosses(blocked, column, a, b)) if blocked else (),
        )
