"""What a partial tour can look like where it crosses one aisle, and how it can go on.

A state has one cell for each cross-aisle vertex of the current aisle: 0 if the tour does not touch it yet, else
2 * component + parity, where vertices joined by the tour so far share a component (numbered from 1, from the front)
and parity 1 means an odd number of tour edges. Parity and connectivity are all that the future of a tour depends on
(Ratliff & Rosenthal 1983; Roodbergen & de Koster 2001; Cambazard & Catusse 2018 for any number of cross-aisles).
A walk that ends elsewhere than it starts has one edge too few at both places, as if an edge led back from the end:
the parity of either vertex is flipped when the walk first comes to its aisle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import product
from typing import TypeAlias

Cells: TypeAlias = tuple[int, ...]

UNTOUCHED = 0
"""The number of the state before the first aisle."""

MOST_TURNS = 2
"""A walk has one start and one end."""


class Passage(IntEnum):
    """How a tour visits one block of one aisle."""

    SKIP = 0
    TRAVERSE = 1
    TRAVERSE_TWICE = 2
    FROM_FRONT = 3
    FROM_BACK = 4
    FROM_BOTH = 5


@dataclass(frozen=True, slots=True)
class Crossing:
    """One way from aisle to aisle: the state there, the edges used, and the cross-aisles that they use as a bit set."""

    state: int
    edges: int
    rows: int


@dataclass(frozen=True, slots=True)
class StateTable:
    """All states of tours over `rows` cross-aisles, numbered, and every transition between them.

    `passages[block][state][passage]`, `touched[row][state]` and `turned[row][state]` are the states after; `touched` is
    the vertex as part of the tour, `turned` the same with its parity flipped. `closed[state]` says whether a tour may
    end in it. `passed[block][state]` lists the (state, passage) and `crossed[state]` the (state, edges, rows) before.
    """

    rows: int
    open_ended: bool
    cells: tuple[Cells, ...]
    passages: tuple[tuple[tuple[int, ...], ...], ...]
    crossings: tuple[tuple[Crossing, ...], ...]
    touched: tuple[tuple[int, ...], ...]
    turned: tuple[tuple[int, ...], ...]
    closed: tuple[bool, ...]
    passed: tuple[tuple[tuple[tuple[int, int], ...], ...], ...]
    crossed: tuple[tuple[tuple[int, int, int], ...], ...]


@cache
def state_table(rows: int, *, open_ended: bool = False) -> StateTable:
    """Return the states of tours over `rows` cross-aisles; an `open_ended` walk ends elsewhere than it starts.

    There are 6 / 24 / 112 / 568 / 3,032 states of closed tours for 2 / 3 / 4 / 5 / 6 cross-aisles.
    """
    number: dict[Cells, int] = {(0,) * rows: UNTOUCHED}
    found = list(number)

    def numbered(cells: list[int]) -> int:
        canonical = _canonical(cells)
        if canonical not in number:
            number[canonical] = len(found)
            found.append(canonical)
        return number[canonical]

    passages: list[list[tuple[int, ...]]] = [[] for _ in range(rows - 1)]
    touched: list[list[int]] = [[] for _ in range(rows)]
    turned: list[list[int]] = [[] for _ in range(rows)]
    crossings = []
    for cells in found:
        for block in range(rows - 1):
            passages[block].append(tuple(map(numbered, _passages(cells, block))))
        for row in range(rows):
            touched[row].append(numbered(_touched(cells, row)))
            turned[row].append(
                numbered(_turned(cells, row)) if open_ended and _turns(cells) < MOST_TURNS else UNTOUCHED
            )
        crossings.append(_crossings(cells, numbered))
    return StateTable(
        rows=rows,
        open_ended=open_ended,
        cells=tuple(found),
        passages=tuple(map(tuple, passages)),
        crossings=tuple(crossings),
        touched=tuple(map(tuple, touched)),
        turned=tuple(map(tuple, turned)),
        closed=tuple(map(_is_closed, found)),
        passed=tuple(_passed(of_block) for of_block in passages),
        crossed=_crossed(crossings),
    )


def _passages(cells: Cells, block: int) -> tuple[list[int], ...]:
    """Return the cells after each `Passage` of the block between the vertices `block` and `block + 1`."""
    front, back = _touched(cells, block), _touched(cells, block + 1)
    both = _touched(tuple(front), block + 1)
    front_part, back_part = both[block] // 2, both[block + 1] // 2
    joined = [2 * front_part + cell % 2 if cell // 2 == back_part else cell for cell in both]
    through = [cell ^ 1 if row in (block, block + 1) else cell for row, cell in enumerate(joined)]
    return list(cells), through, joined, front, back, both


def _touched(cells: Cells, row: int) -> list[int]:
    after = list(cells)
    if after[row] == 0:
        after[row] = 2 * (max(after) // 2 + 1)
    return after


def _turns(cells: Cells) -> int:
    """Return how many components have an odd sum of edges: each holds the start or the end of the walk, not both."""
    odd = {cell // 2: 0 for cell in cells}
    for cell in cells:
        odd[cell // 2] ^= cell % 2
    return sum(odd.values())


def _turned(cells: Cells, row: int) -> list[int]:
    after = _touched(cells, row)
    after[row] ^= 1
    return after


def _crossings(cells: Cells, numbered: Callable[[list[int]], int]) -> tuple[Crossing, ...]:
    """Return each way to the next aisle.

    An odd vertex must go on once; an even one ends here or goes on twice; every component must go on somewhere,
    because a tour that closes before the last aisle could never be joined again.
    """
    choices = [(0,) if cell == 0 else (1,) if cell % 2 else (0, 2) for cell in cells]
    components = {cell // 2 for cell in cells if cell}
    ways = []
    for copies in product(*choices):
        if {cell // 2 for cell, used in zip(cells, copies, strict=True) if used} == components:
            after = [cell if used else 0 for cell, used in zip(cells, copies, strict=True)]
            rows = sum(1 << row for row, used in enumerate(copies) if used)
            ways.append(Crossing(numbered(after), sum(copies), rows))
    return tuple(ways)


def _is_closed(cells: Cells) -> bool:
    """Return whether the tour may end here: connected, and every vertex left as often as it is entered."""
    parts = [cell for cell in cells if cell]
    return len({cell // 2 for cell in parts}) == 1 and not any(cell % 2 for cell in parts)


def _passed(of_block: list[tuple[int, ...]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    before: list[list[tuple[int, int]]] = [[] for _ in of_block]
    for state, after in enumerate(of_block):
        for passage, reached in enumerate(after):
            before[reached].append((state, passage))
    return tuple(map(tuple, before))


def _crossed(crossings: list[tuple[Crossing, ...]]) -> tuple[tuple[tuple[int, int, int], ...], ...]:
    before: list[list[tuple[int, int, int]]] = [[] for _ in crossings]
    for state, ways in enumerate(crossings):
        for way in ways:
            before[way.state].append((state, way.edges, way.rows))
    return tuple(map(tuple, before))


def _canonical(cells: list[int]) -> Cells:
    number: dict[int, int] = {}
    return tuple(2 * number.setdefault(cell // 2, len(number) + 1) + cell % 2 if cell else 0 for cell in cells)
