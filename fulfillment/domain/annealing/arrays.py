from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fulfillment.domain.routing.floor_arrays import FloorArrays, TableArrays
from fulfillment.domain.routing.speed import TourMeter

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]


class Ground(NamedTuple):
    """A floor and the stands of all orders on it, lengths in mm.

    The fields from `xs` to `stubs` are what walks on a free floor of one block need, the others what walks on any
    floor do; compiled code is given no `meter`.
    """

    is_one_block: bool
    blocks: int
    xs: Int64s
    is_aisle: NDArray[np.bool_]
    column: Int32s
    y: Int64s
    low: int
    high: int
    start_column: int
    start_row: int
    stubs: int
    floor: FloorArrays | None
    closed: TableArrays | None
    opened: TableArrays | None
    layers: Int64s | None
    prices: Int64s | None
    meter: TourMeter | None


class Case(NamedTuple):
    """The orders: order o is picked at the ascending stands `stand[first[o]:first[o + 1]]`.

    `load` is what each takes of each part of `capacity`, `tag` a random number for each, `near` others that are picked
    near it, and `alone` the walk in mm for it alone.
    """

    first: Int64s
    stand: Int32s
    load: Int64s
    capacity: Int64s
    tag: Int64s
    near: Int32s
    alone: Int64s


class Carts(NamedTuple):
    """Which order lies on which cart, and what follows from that.

    `member[c, :size[c]]` are the orders on cart c, `place` says where in there an order is; `stand` and `owner` are the
    stops of the cart with their orders, ascending, `picks` their number; `without` is the walk in mm of an order's cart
    without it, -1 if not measured; `excess` by how much a cart is too full, in carts.
    """

    cart_of: Int32s
    place: Int32s
    member: Int32s
    size: Int32s
    stand: Int32s
    owner: Int32s
    picks: Int32s
    length: Int64s
    load: Int64s
    tag: Int64s
    without: Int64s
    excess: Floats


class Memory(NamedTuple):
    """Walks in mm of sets of orders by tag, as many as there is room for, and room to work in.

    `nobody` names no orders and is never written to, `choice` up to two; `empty` is where the next empty cart may be,
    `tours` counts the tours measured.
    """

    tag: Int64s
    length: Int64s
    visit: Int32s
    nobody: Int64s
    choice: Int64s
    empty: Int64s
    tours: Int64s


class Figures(NamedTuple):
    """Walks in mm of the present and the best plan, the moves taken, and those that ended with no cart too full."""

    length: Int64s
    best: Int64s
    taken: Int64s
    fitting: Int64s


class Found(NamedTuple):
    """Room for carts: the orders `member[c, :size[c]]` of each, and its walk in mm."""

    member: Int32s
    size: Int32s
    length: Int64s
