from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from fulfillment.domain.layout import GridLayout
from fulfillment.domain.route_states import Passage, TourState, crossings, is_closed, passages, untouched, visit

Layer: TypeAlias = dict[TourState, int]
Price: TypeAlias = tuple[Passage, int]


@dataclass(frozen=True, slots=True)
class TourColumn:
    """One aisle that a tour must see: the y of its picks by block, and the vertex of the depot if it stands here.

    A depot between two aisles has a column of its own, in which nobody walks (`blocks` is empty).
    """

    x_mm: int
    blocks: tuple[tuple[int, ...], ...]
    depot_row: int | None


@dataclass(frozen=True, slots=True)
class TourShape:
    """An optimal tour as a multigraph: per column the passage of each block, per gap the copies on each row."""

    columns: tuple[TourColumn, ...]
    passages: tuple[tuple[Passage, ...], ...]
    crossings: tuple[tuple[int, ...], ...]
    length_mm: int


def tour_columns(layout: GridLayout, picks: Mapping[int, Iterable[int]]) -> tuple[TourColumn, ...]:
    """Return the columns that matter for a tour over `picks`, the y in mm by column number.

    Aisles without picks are left out: all blocks are equally long in every aisle, so a tour that climbs in an empty
    aisle is never shorter than one that climbs in the next aisle it visits anyway.
    """
    depot = layout.depot
    found = {layout.columns[column]: _by_block(layout.rows, sorted(set(ys))) for column, ys in picks.items()}
    return tuple(
        TourColumn(x, found.get(x, ()), depot.row if x == depot.x_mm else None) for x in sorted({*found, depot.x_mm})
    )


def _by_block(rows: Sequence[int], ys: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    last = len(rows) - 2
    return tuple(
        tuple(y for y in ys if (low <= y or block == 0) and (y < high or block == last))
        for block, (low, high) in enumerate(pairwise(rows))
    )


def passage_prices(low: int, high: int, ys: Sequence[int]) -> tuple[Price, ...]:
    """Return the walk in mm of each sensible passage of a block from `low` to `high` with picks at ascending `ys`."""
    through = high - low
    prices: list[Price] = [(Passage.TRAVERSE, through), (Passage.TRAVERSE_TWICE, 2 * through)]
    if not ys:
        return ((Passage.SKIP, 0), *prices)
    prices += [(Passage.FROM_FRONT, 2 * (ys[-1] - low)), (Passage.FROM_BACK, 2 * (high - ys[0]))]
    if len(ys) > 1:
        prices.append((Passage.FROM_BOTH, 2 * (through - max(b - a for a, b in pairwise(ys)))))
    return tuple(prices)


def shortest_tour_length(rows: Sequence[int], columns: Sequence[TourColumn]) -> int:
    """Return the exact length in mm of the shortest closed walk over all picks and the depot, without the stub."""
    return _closing(_sweep(rows, columns)[-1])[1]


def shortest_tour(rows: Sequence[int], columns: tuple[TourColumn, ...]) -> TourShape:
    """Return the shape of the shortest closed walk over all picks and the depot; ties are broken the same way always.

    Dynamic program over the aisles from left to right. Its work grows linearly with the aisles visited and
    exponentially with the number of cross-aisles (6 / 24 / 112 / 568 / 3,032 states for 2 / 3 / 4 / 5 / 6).
    """
    layers = _sweep(rows, columns)
    state, length = _closing(layers.pop())
    cost = length
    walked: list[tuple[Passage, ...]] = []
    crossed: list[tuple[int, ...]] = []
    for number in reversed(range(len(columns))):
        taken: list[Passage] = []
        blocks = columns[number].blocks
        for block in reversed(range(len(blocks))):
            prices = passage_prices(rows[block], rows[block + 1], blocks[block])
            state, cost, passage = _passage_before(layers.pop(), state, cost, block, prices)
            taken.append(passage)
        walked.append(tuple(reversed(taken)))
        if number:
            pitch = columns[number].x_mm - columns[number - 1].x_mm
            state, cost, copies = _crossing_before(layers.pop(), state, cost, pitch, columns[number].depot_row)
            crossed.append(copies)
    return TourShape(columns, tuple(reversed(walked)), tuple(reversed(crossed)), length)


def _sweep(rows: Sequence[int], columns: Sequence[TourColumn]) -> list[Layer]:
    """Return the cheapest cost of every reachable state before and after each step, in the order of the steps."""
    layer = {_arrive(untouched(len(rows)), columns[0].depot_row): 0}
    layers = [layer]
    for number, column in enumerate(columns):
        if number:
            layer = _cross(layer, column.x_mm - columns[number - 1].x_mm, column.depot_row)
            layers.append(layer)
        for block, ys in enumerate(column.blocks):
            layer = _pass(layer, block, passage_prices(rows[block], rows[block + 1], ys))
            layers.append(layer)
    return layers


def _arrive(state: TourState, depot_row: int | None) -> TourState:
    return state if depot_row is None else visit(state, depot_row)


def _pass(layer: Layer, block: int, prices: tuple[Price, ...]) -> Layer:
    reached: Layer = {}
    for state, cost in layer.items():
        after = passages(state, block)
        for passage, price in prices:
            next_state, total = after[passage], cost + price
            if next_state not in reached or total < reached[next_state]:
                reached[next_state] = total
    return reached


def _cross(layer: Layer, pitch: int, depot_row: int | None) -> Layer:
    reached: Layer = {}
    for state, cost in layer.items():
        for arrived, edges, _ in crossings(state):
            next_state, total = _arrive(arrived, depot_row), cost + edges * pitch
            if next_state not in reached or total < reached[next_state]:
                reached[next_state] = total
    return reached


def _closing(layer: Layer) -> tuple[TourState, int]:
    return min(((state, cost) for state, cost in layer.items() if is_closed(state)), key=lambda end: (end[1], end[0]))


def _passage_before(
    layer: Layer, state: TourState, cost: int, block: int, prices: tuple[Price, ...]
) -> tuple[TourState, int, Passage]:
    return next(
        (before, sofar, passage)
        for before, sofar in layer.items()
        for passage, price in prices
        if sofar + price == cost and passages(before, block)[passage] == state
    )


def _crossing_before(
    layer: Layer, state: TourState, cost: int, pitch: int, depot_row: int | None
) -> tuple[TourState, int, tuple[int, ...]]:
    return next(
        (before, sofar, copies)
        for before, sofar in layer.items()
        for arrived, edges, copies in crossings(before)
        if sofar + edges * pitch == cost and _arrive(arrived, depot_row) == state
    )
