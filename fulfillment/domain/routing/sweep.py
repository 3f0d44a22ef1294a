from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from fulfillment.domain.routing.columns import TourColumn, passage_prices
from fulfillment.domain.routing.states import UNTOUCHED, Passage, StateTable, state_table

Layer: TypeAlias = dict[int, int]
"""The cheapest walk in mm by state."""

CostsAt: TypeAlias = Callable[[int], Callable[[int], int]]
"""The cheapest walk in mm by step, then by state, `IMPOSSIBLE` or more if there is none."""

IMPOSSIBLE = 1 << 50
"""Longer than any walk, and short enough that some of them can be added up in 64 bits."""

_PASSAGES = tuple(Passage)


@dataclass(frozen=True, slots=True)
class Closing:
    """Where the shortest tour is complete: behind which column, in which state, and its length in mm."""

    column: int
    state: int
    length_mm: int


@dataclass(frozen=True, slots=True)
class TourShape:
    """An optimal tour as a multigraph: per column the passage of each block, per gap the rows walked once and twice."""

    columns: tuple[TourColumn, ...]
    passages: tuple[tuple[Passage, ...], ...]
    crossings: tuple[tuple[int, ...], ...]
    length_mm: int


def table_of(columns: Sequence[TourColumn], rows: int) -> StateTable:
    """Return the states of a walk over `columns`."""
    start = next((column.x_mm, column.start_row) for column in columns if column.start_row is not None)
    end = next((column.x_mm, column.end_row) for column in columns if column.end_row is not None)
    return state_table(rows, open_ended=start != end)


def shortest_tour_length(rows: int, columns: Sequence[TourColumn]) -> int | None:
    """Return the exact length in mm of the shortest walk from start to end over all picks, without the stubs.

    None if there is no such walk.
    """
    closing = _closing(table_of(columns, rows), columns, sweep(rows, columns))
    return closing.length_mm if closing else None


def shortest_tour(rows: int, columns: tuple[TourColumn, ...]) -> TourShape | None:
    """Return the shape of the shortest walk from start to end over all picks; ties are broken the same way always.

    Dynamic program over the aisles from left to right. Its work grows linearly with the aisles visited and
    exponentially with the number of cross-aisles, see `state_table`. None if there is no such walk.
    """
    table = table_of(columns, rows)
    layers = sweep(rows, columns)
    closing = _closing(table, columns, layers)
    if closing is None:
        return None
    return trace_back(table, columns, lambda step: lambda state: layers[step].get(state, IMPOSSIBLE), closing)


def sweep(rows: int, columns: Sequence[TourColumn]) -> list[Layer]:
    """Return the cheapest cost of every reachable state after each step: per column the arrival, then each block."""
    table = table_of(columns, rows)
    layer = {UNTOUCHED: 0}
    layers = []
    for number, column in enumerate(columns):
        if number:
            layer = _cross(table, layer, column.x_mm - columns[number - 1].x_mm, column.missing)
        layer = _arrive(table, layer, column)
        layers.append(layer)
        for block, of_block in enumerate(column.blocks):
            layer = _pass(table.passages[block], layer, passage_prices(of_block))
            layers.append(layer)
    return layers


def trace_back(table: StateTable, columns: tuple[TourColumn, ...], costs_at: CostsAt, closing: Closing) -> TourShape:
    """Return the tour that the costs of a sweep end in: the first fitting step in the order of the table."""
    walked: list[tuple[Passage, ...]] = []
    crossed: list[tuple[int, ...]] = []
    kept = columns[: closing.column + 1]
    step = sum(1 + len(column.blocks) for column in kept) - 1
    state, cost = closing.state, closing.length_mm
    for number in reversed(range(len(kept))):
        taken: list[Passage] = []
        for block in reversed(range(len(kept[number].blocks))):
            step -= 1
            cost_of = costs_at(step)
            prices: dict[int, int] = dict(passage_prices(kept[number].blocks[block]))
            for earlier, kind in table.passed[block][state]:
                if kind in prices and cost_of(earlier) + prices[kind] == cost:
                    state, cost = earlier, cost - prices[kind]
                    taken.append(_PASSAGES[kind])
                    break
        walked.append(tuple(reversed(taken)))
        if number:
            step -= 1
            cost_of = costs_at(step)
            pitch = kept[number].x_mm - kept[number - 1].x_mm
            state, edges, rows = next(
                (earlier, edges, rows)
                for arrived in _before_arrival(table, kept[number], state)
                for earlier, edges, rows in table.crossed[arrived]
                if not rows & kept[number].missing and cost_of(earlier) + edges * pitch == cost
            )
            cost -= edges * pitch
            crossed.append(_copies(table, state, rows))
    return TourShape(kept, tuple(reversed(walked)), tuple(reversed(crossed)), closing.length_mm)


def _closing(table: StateTable, columns: Sequence[TourColumn], layers: Sequence[Layer]) -> Closing | None:
    """Return the cheapest end behind the last required column or later: the way back may lead beyond it."""
    last = max(number for number, column in enumerate(columns) if column.is_required)
    ends = []
    step = -1
    for number, column in enumerate(columns):
        step += 1 + len(column.blocks)
        if number >= last:
            ends += [(cost, number, state) for state, cost in layers[step].items() if table.closed[state]]
    if not ends:
        return None
    cost, number, state = min(ends)
    return Closing(number, state, cost)


def arrivals(table: StateTable, column: TourColumn) -> Iterator[Sequence[int]]:
    """Yield the maps from state to state that coming to `column` applies in turn."""
    turns = table.turned if table.open_ended else table.touched
    for row in (column.start_row, column.end_row):
        if row is not None:
            yield turns[row]


def _arrive(table: StateTable, layer: Layer, column: TourColumn) -> Layer:
    for after in arrivals(table, column):
        reached: Layer = {}
        for state, cost in layer.items():
            if cost < reached.get(after[state], cost + 1):
                reached[after[state]] = cost
        layer = reached
    return layer


def _pass(after_passage: Sequence[Sequence[int]], layer: Layer, prices: Sequence[tuple[Passage, int]]) -> Layer:
    reached: Layer = {}
    for state, cost in layer.items():
        after = after_passage[state]
        for passage, price in prices:
            next_state, total = after[passage], cost + price
            if next_state not in reached or total < reached[next_state]:
                reached[next_state] = total
    return reached


def _cross(table: StateTable, layer: Layer, pitch: int, missing: int) -> Layer:
    reached: Layer = {}
    for state, cost in layer.items():
        for way in table.crossings[state]:
            if not way.rows & missing:
                next_state, total = way.state, cost + way.edges * pitch
                if next_state not in reached or total < reached[next_state]:
                    reached[next_state] = total
    return reached


def _before_arrival(table: StateTable, column: TourColumn, state: int) -> list[int]:
    found = [state]
    for after in reversed(list(arrivals(table, column))):
        found = [before for before, reached in enumerate(after) if reached in found]
    return found


def _copies(table: StateTable, state: int, rows: int) -> tuple[int, ...]:
    """Return how often each row is walked when a tour leaves `state` over `rows`: odd vertices once, else twice."""
    return tuple((1 if cell % 2 else 2) if rows >> row & 1 else 0 for row, cell in enumerate(table.cells[state]))
