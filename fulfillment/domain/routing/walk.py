from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from fulfillment.domain.layout import Point
from fulfillment.domain.routing.columns import TourBlock
from fulfillment.domain.routing.states import Passage
from fulfillment.domain.routing.sweep import TourShape

Vertex: TypeAlias = tuple[int, int]
"""A crossing of the tour's column number with a cross-aisle."""

_TIMES = {Passage.TRAVERSE: 1, Passage.TRAVERSE_TWICE: 2}
"""How often a passage leads through a block, where it does."""


class _Edge(NamedTuple):
    start: Vertex
    end: Vertex
    points: tuple[Point, ...]


def walk_of(shape: TourShape, rows: Sequence[int]) -> tuple[Point, ...]:
    """Return the points of one walk that uses every edge of the tour once, from the start's vertex to the end's.

    Every pick position is one of the points; consecutive points differ in one coordinate, so that the walked length is
    the sum of the straight legs. Euler tour by Hierholzer's algorithm, edges taken in a fixed order.
    """
    start = next((i, column.start_row) for i, column in enumerate(shape.columns) if column.start_row is not None)
    leaving: dict[Vertex, list[tuple[int, _Edge]]] = defaultdict(list)
    for number, edge in reversed(list(enumerate(_edges(shape, rows)))):
        leaving[edge.start].append((number, edge))
        if edge.start != edge.end:
            leaving[edge.end].append((number, _Edge(edge.end, edge.start, edge.points[::-1])))
    points = [(shape.columns[start[0]].x_mm, rows[start[1]])]
    for edge in _euler(start, leaving):
        points += [at for before, at in pairwise(edge.points) if at != before]
    return tuple(points)


def _euler(start: Vertex, leaving: dict[Vertex, list[tuple[int, _Edge]]]) -> list[_Edge]:
    used: set[int] = set()
    path: list[tuple[Vertex, _Edge | None]] = [(start, None)]
    walked: list[_Edge] = []
    while path:
        vertex, arrived_by = path[-1]
        onward = leaving[vertex]
        while onward and onward[-1][0] in used:
            onward.pop()
        if onward:
            number, edge = onward.pop()
            used.add(number)
            path.append((edge.end, edge))
        else:
            path.pop()
            if arrived_by is not None:
                walked.append(arrived_by)
    return walked[::-1]


def _edges(shape: TourShape, rows: Sequence[int]) -> list[_Edge]:
    edges: list[_Edge] = []
    for number, (column, taken) in enumerate(zip(shape.columns, shape.passages, strict=True)):
        for row, (block, passage) in enumerate(zip(column.blocks, taken, strict=True)):
            if passage != Passage.SKIP:
                edges += _aisle_edges(column.x_mm, block, passage, (number, row), (number, row + 1))
    for number, copies in enumerate(shape.crossings):
        left, right = shape.columns[number].x_mm, shape.columns[number + 1].x_mm
        for row, used in enumerate(copies):
            edges += used * [_Edge((number, row), (number + 1, row), ((left, rows[row]), (right, rows[row])))]
    return edges


def _aisle_edges(x: int, block: TourBlock, passage: Passage, front: Vertex, back: Vertex) -> list[_Edge]:
    if passage in _TIMES:
        return _TIMES[passage] * [_Edge(front, back, _line(x, (block.low, *block.ys, block.high)))]
    near, far = _dead_ends(passage, block)
    edges = [_Edge(front, front, _line(x, (block.low, *near, block.low)))] if near else []
    return edges + ([_Edge(back, back, _line(x, (block.high, *reversed(far), block.high)))] if far else [])


def _dead_ends(passage: Passage, block: TourBlock) -> tuple[Sequence[int], Sequence[int]]:
    """Return the picks reached from the front and those reached from the back."""
    if passage == Passage.FROM_FRONT:
        return block.ys, ()
    if passage == Passage.FROM_BACK:
        return (), block.ys
    return block.ys[: block.cut], block.ys[block.cut :]


def _line(x: int, ys: Sequence[int]) -> tuple[Point, ...]:
    return tuple((x, y) for y in ys)
