"""What a partial tour can look like where it crosses one aisle, and how it can go on.

A state has one byte for each cross-aisle vertex of the current aisle: 0 if the tour does not touch it yet, else
2 * component + parity, where vertices joined by the tour so far share a component (numbered from 1, from the front)
and parity 1 means an odd number of tour edges. Parity and connectivity are all that the future of a tour depends on
(Ratliff & Rosenthal 1983; Roodbergen & de Koster 2001; Cambazard & Catusse 2018 for any number of cross-aisles).
"""

from enum import IntEnum
from functools import cache
from itertools import product
from typing import TypeAlias

TourState: TypeAlias = bytes
"""Bytes, because they keep their hash: the sweep looks a state up some thousand times per tour."""


class Passage(IntEnum):
    """How a tour visits one block of one aisle."""

    SKIP = 0
    TRAVERSE = 1
    TRAVERSE_TWICE = 2
    FROM_FRONT = 3
    FROM_BACK = 4
    FROM_BOTH = 5


def untouched(rows: int) -> TourState:
    """Return the state before the first aisle."""
    return bytes(rows)


@cache
def visit(state: TourState, row: int) -> TourState:
    """Return the state in which the vertex `row` must be part of the tour."""
    cells = list(state)
    _touch(cells, row)
    return _canonical(cells)


@cache
def passages(state: TourState, block: int) -> tuple[TourState, ...]:
    """Return the states after each `Passage` of the block between the vertices `block` and `block + 1`."""
    front, back, both = list(state), list(state), list(state)
    _touch(front, block)
    _touch(back, block + 1)
    _touch(both, block)
    _touch(both, block + 1)
    front_part, back_part = both[block] // 2, both[block + 1] // 2
    joined = [2 * front_part + cell % 2 if cell // 2 == back_part else cell for cell in both]
    crossed = [cell ^ 1 if row in (block, block + 1) else cell for row, cell in enumerate(joined)]
    return state, _canonical(crossed), _canonical(joined), _canonical(front), _canonical(back), _canonical(both)


@cache
def crossings(state: TourState) -> tuple[tuple[TourState, int, tuple[int, ...]], ...]:
    """Return each way to the next aisle: the state there, the edges used, and how many of them on each cross-aisle.

    An odd vertex must go on once; an even one ends here or goes on twice; every component must go on somewhere,
    because a tour that closes before the last aisle could never be joined again.
    """
    choices = [(0,) if cell == 0 else (1,) if cell % 2 else (0, 2) for cell in state]
    components = {cell // 2 for cell in state if cell}
    ways = []
    for copies in product(*choices):
        if {cell // 2 for cell, used in zip(state, copies, strict=True) if used} == components:
            cells = [cell if used else 0 for cell, used in zip(state, copies, strict=True)]
            ways.append((_canonical(cells), sum(copies), copies))
    return tuple(ways)


@cache
def is_closed(state: TourState) -> bool:
    """Return whether the tour may end here: connected, and every vertex left as often as it is entered."""
    touched = [cell for cell in state if cell]
    return len({cell // 2 for cell in touched}) == 1 and not any(cell % 2 for cell in touched)


def _touch(cells: list[int], row: int) -> None:
    if cells[row] == 0:
        cells[row] = 2 * (max(cells) // 2 + 1)


def _canonical(cells: list[int]) -> TourState:
    number: dict[int, int] = {}
    return bytes(2 * number.setdefault(cell // 2, len(number) + 1) + cell % 2 if cell else 0 for cell in cells)
