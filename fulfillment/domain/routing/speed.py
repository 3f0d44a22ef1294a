"""Compiled sweeps where they are ready, plain Python where they are not; both give the same answers."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import accumulate, chain
from threading import Event
from types import ModuleType

import numpy as np
from shapely import Polygon

from fulfillment.domain.layout import Depot, GridLayout, Stand, WarehousePlan
from fulfillment.domain.routing import choice_search
from fulfillment.domain.routing.choice_search import Offers
from fulfillment.domain.routing.columns import tour_columns
from fulfillment.domain.routing.floor_arrays import (
    PRICES,
    FloorArrays,
    Int32s,
    TableArrays,
    floor_arrays,
    is_open_ended,
    table_arrays,
)
from fulfillment.domain.routing.sweep import (
    IMPOSSIBLE,
    Closing,
    TourShape,
    shortest_tour,
    shortest_tour_length,
    table_of,
    trace_back,
)

_log = logging.getLogger(__name__)
_NOWHERE = WarehousePlan("two aisles", Polygon(), (), (), (), (), (), (0, 0))

_wanted, _expected = Event(), Event()
_compiled: list[ModuleType] = []
"""The modules of compiled code once `warm_up` has loaded them, for the whole process: sweeps, and orders of stops."""

PLAIN_SHARE = 20
MOST_LISTED = 20_000
"""Up to so many costs a list is made of them: that is faster to read one by one, but takes time to make."""


def warm_up() -> bool:
    """Load the compiled code into this process and return whether it is there.

    Takes a second, or some ten at the first time on a machine; until it is done, and where numba is not installed or
    finds no folder to keep its work in, all is computed in plain Python. It takes 120 MB of memory, and compiling 400
    more: workers have another process compile, and `expect` it.
    """
    if _compiled:
        return True
    try:
        kernels = import_module("fulfillment.domain.routing.kernels")
        order = import_module("fulfillment.domain.routing.order_kernels")
        choice = import_module("fulfillment.domain.routing.choice_kernels")
    except (ImportError, RuntimeError) as missing:
        _log.warning("Routes are computed without compiled code: %s", missing)
        return False
    _try_out(kernels, order, choice)
    _compiled.extend((kernels, order, choice))
    return True


def _try_out(kernels: ModuleType, order: ModuleType, choice: ModuleType) -> None:
    """Let everything compile before anybody asks for it."""
    small = GridLayout(_NOWHERE, (0, 1), (0, 2), {}, Depot((0, 0), 0, 0, 0))
    floor, table = floor_arrays(small, [Stand(1, 1)]), table_arrays(2, open_ended=False)
    layers, prices = np.empty((2, len(table.closed)), dtype=np.int64), np.empty(PRICES, dtype=np.int64)
    kernels.shortest_of_many(floor, table, table, _all(1), np.array([0, 1], dtype=np.int32))
    kernels.sweep(floor, table, _all(1), 0, layers, prices)
    near = np.array([[1, 2], [0, 2], [0, 1]], dtype=np.int64)
    order.search(np.ones((3, 3)), near, np.arange(3), np.zeros((3, 3), dtype=np.int64), 1)
    _choose_compiled(choice, TourMeter(small, [Stand(1, 1)]), ([0], [0, 1], [4]), 1)


def compiled_order() -> ModuleType | None:
    """Return the compiled `order_search` if this process has it."""
    return _compiled[1] if is_compiled() else None


def cool_down() -> None:
    """Compute in plain Python again."""
    _wanted.clear()
    _expected.clear()
    _compiled.clear()


def wait_until_wanted(seconds: float | None = None) -> bool:
    """Wait until this process has measured a tour without compiled code; return whether it has, in that time."""
    return _wanted.wait(seconds)


def expect() -> None:
    """Say that compiled code lies ready on this machine: the first tour that this process measures loads it."""
    _expected.set()


def is_compiled() -> bool:
    """Return whether this process computes with compiled code; what is expected is loaded now."""
    if not _compiled:
        _wanted.set()
        if _expected.is_set() and not warm_up():
            _expected.clear()
    return bool(_compiled)


class TourMeter:
    """Measures tours over a fixed set of stands on one floor, many times.

    Stands are known by their numbers, ascending by column and y; `numbers_of` gives them. A search in compiled code
    takes `floor`, `closed` and `opened` to `kernels.shortest`, which is what `lengths` calls for each tour.
    """

    def __init__(self, layout: GridLayout, stands: Iterable[Stand]) -> None:
        self.stands = tuple(sorted(set(stands)))
        self._layout = layout
        self._number = {stand: number for number, stand in enumerate(self.stands)}
        self.floor: FloorArrays = floor_arrays(layout, self.stands)
        self.closed, self.opened = _tables(layout)

    def numbers_of(self, stands: Iterable[Stand]) -> list[int]:
        """Return the numbers of `stands`, ascending and each once."""
        return sorted({self._number[stand] for stand in stands})

    def numbers(self, stands: Iterable[Stand]) -> list[int]:
        """Return the number of each of `stands`, in their order."""
        return [self._number[stand] for stand in stands]

    def measure(self, tour: Sequence[int]) -> int:
        """Return the length in mm of one tour, `sweep.IMPOSSIBLE` if there is none."""
        length = self.lengths([tour])[0]
        return IMPOSSIBLE if length is None else length

    def lengths(self, tours: Sequence[Sequence[int]]) -> list[int | None]:
        """Return the length in mm of the shortest walk over each of `tours`, ascending numbers of stands; None if
        there is none.
        """
        if not is_compiled():
            return [_slow_length(self._layout, [self.stands[number] for number in tour]) for tour in tours]
        starts = np.array([0, *accumulate(map(len, tours))], dtype=np.int32)
        numbers = np.fromiter(chain.from_iterable(tours), dtype=np.int32, count=int(starts[-1]))
        found = _compiled[0].shortest_of_many(self.floor, self.closed, self.opened, numbers, starts)
        return [length if length < IMPOSSIBLE else None for length in found.tolist()]


def shortest_length(layout: GridLayout, stands: Iterable[Stand]) -> int | None:
    """Return the length in mm of the shortest walk over `stands` to the best end; None if there is none."""
    visited = sorted(set(stands))
    if not visited:
        return 0
    if not is_compiled():
        return _slow_length(layout, visited)
    floor, (closed, opened) = floor_arrays(layout, visited), _tables(layout)
    starts = np.array([0, len(visited)], dtype=np.int32)
    found = int(_compiled[0].shortest_of_many(floor, closed, opened, _all(len(visited)), starts)[0])
    return found if found < IMPOSSIBLE else None


def shortest_shape(layout: GridLayout, picks: Mapping[int, Collection[int]], number: int) -> TourShape | None:
    """Return the shape of the shortest walk to the end of that `number` over `picks`, the y in mm by column; None if
    there is none.
    """
    end = layout.ends[number]
    columns = tour_columns(layout, picks, end)
    if not is_compiled():
        return shortest_tour(len(layout.rows), columns)
    stands = [Stand(column, y) for column in sorted(picks) for y in sorted(picks[column])]
    table = table_arrays(len(layout.rows), open_ended=is_open_ended(layout, end))
    steps = sum(1 + len(column.blocks) for column in columns)
    layers = np.empty((steps, len(table.closed)), dtype=np.int64)
    prices = np.empty(PRICES, dtype=np.int64)
    found = _compiled[0].sweep(floor_arrays(layout, stands), table, _all(len(stands)), number, layers, prices)
    length, column, state = found
    if column < 0:
        return None
    closing = Closing(column, state, length)
    costs = [layers[step] for step in range(steps)] if steps * layers.shape[1] > MOST_LISTED else layers.tolist()
    return trace_back(table_of(columns, len(layout.rows)), columns, lambda at: costs[at].__getitem__, closing)


def choose(meter: TourMeter, offers: Offers, effort: int) -> tuple[list[int], int]:
    """Choose one of the places offered, numbers of stands, for each article by `choice_search`.

    Return the indexes chosen, and the length of the walk in mm. About `effort` walks are measured, a
    twentieth in plain Python.
    """
    if is_compiled():
        return _choose_compiled(_compiled[2], meter, offers, effort)
    aisles = [stand.column for stand in meter.stands]
    chosen = [0] * (len(offers[1]) - 1)
    work = [[0] * size for size in (len(aisles), len(aisles) + 1, len(chosen))]
    length = choice_search.search(meter, offers, aisles, chosen, work, effort // PLAIN_SHARE)
    return chosen, length


def _choose_compiled(choice: ModuleType, meter: TourMeter, offers: Offers, effort: int) -> tuple[list[int], int]:
    states = max(len(meter.closed.closed), len(meter.opened.closed))
    layers, prices = np.empty((2, states), dtype=np.int64), np.empty(PRICES, dtype=np.int64)
    ground = meter.floor, meter.closed, meter.opened, layers, prices, choice.halves_of(meter.floor, states)
    aisles = np.array([stand.column for stand in meter.stands], dtype=np.int32)
    chosen = np.zeros(len(offers[1]) - 1, dtype=np.int32)
    work = tuple(np.zeros(size, dtype=np.int32) for size in (len(aisles), len(aisles) + 1, len(chosen)))
    places, starts, alone = offers
    given = np.array(places, dtype=np.int32), np.array(starts, dtype=np.int32), np.array(alone, dtype=np.int64)
    length = choice.search(ground, given, aisles, chosen, work, effort)
    return chosen.tolist(), int(length)


def _slow_length(layout: GridLayout, stands: Sequence[Stand]) -> int | None:
    picks: dict[int, set[int]] = defaultdict(set)
    for stand in stands:
        picks[stand.column].add(stand.y_mm)
    found = [
        layout.depot.stub_mm + length + end.stub_mm
        for end in layout.ends
        if (length := shortest_tour_length(len(layout.rows), tour_columns(layout, picks, end))) is not None
    ]
    return (min(found) if found else None) if stands else 0


def _tables(layout: GridLayout) -> tuple[TableArrays, TableArrays]:
    """Return the states of closed and of open walks; a kind that no end needs is not built."""
    kinds = {is_open_ended(layout, end) for end in layout.ends}
    closed = table_arrays(len(layout.rows), open_ended=min(kinds))
    return closed, table_arrays(len(layout.rows), open_ended=max(kinds))


def _all(count: int) -> Int32s:
    return np.arange(count, dtype=np.int32)
