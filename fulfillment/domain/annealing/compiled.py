"""Compiled search where it is ready, plain Python where it is not; both give the same answers."""

import logging
from importlib import import_module
from types import ModuleType

import numpy as np

from fulfillment.domain.annealing import search, subset_pricing
from fulfillment.domain.annealing.arrays import Ground
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.routing.floor_arrays import PRICES
from fulfillment.domain.routing.speed import TourMeter

_log = logging.getLogger(__name__)
_loaded: list[ModuleType] = []


def load() -> bool:
    """Load the compiled search, which compiles when it is first used, and return whether it is there."""
    if not _loaded:
        try:
            _loaded.append(import_module("fulfillment.domain.annealing.kernels"))
        except (ImportError, RuntimeError) as missing:
            _log.warning("Batches are searched without compiled code: %s", missing)
    return bool(_loaded)


def is_loaded() -> bool:
    """Return whether this process searches with compiled code."""
    return bool(_loaded)


def cool_down() -> None:
    """Search in plain Python again."""
    _loaded.clear()


def search_code() -> ModuleType:
    """Return the module to search with."""
    return _loaded[0] if _loaded else search


def pricing_code() -> ModuleType:
    """Return the module to price carts with."""
    return _loaded[0] if _loaded else subset_pricing


def pick(compiled: int, plain: int) -> int:
    """Return the number for compiled code, or for plain Python."""
    return compiled if _loaded else plain


def ground(layout: GridLayout, meter: TourMeter) -> Ground:
    """Return the floor under the stands of `meter` as the search wants it."""
    floor = meter.floor
    is_closed = floor.start_column == floor.end_columns[0] and floor.start_row == floor.end_rows[0]
    is_free = len(layout.ends) == 1 and not layout.is_obstructed
    is_one_block = is_closed and is_free and layout.blocks == 1
    is_swept = bool(_loaded) and not is_one_block
    states = max(len(meter.closed.closed), len(meter.opened.closed))
    return Ground(
        is_one_block=is_one_block,
        blocks=layout.blocks,
        xs=floor.xs,
        is_aisle=floor.is_aisle,
        column=floor.stand_column,
        y=floor.stand_y,
        low=int(floor.ys[0]),
        high=int(floor.ys[1]),
        start_column=int(floor.start_column),
        start_row=int(floor.start_row),
        stubs=int(floor.stubs[0]),
        floor=floor if is_swept else None,
        closed=meter.closed if is_swept else None,
        opened=meter.opened if is_swept else None,
        layers=np.empty((2, states), dtype=np.int64) if is_swept else None,
        prices=np.empty(PRICES, dtype=np.int64) if is_swept else None,
        meter=None if _loaded else meter,
    )
