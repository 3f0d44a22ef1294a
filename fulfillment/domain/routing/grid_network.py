from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise, product
from typing import TypeAlias

from fulfillment.domain.layout import GridLayout, Obstruction, Point
from fulfillment.domain.routing.columns import crosses, vertex_of
from fulfillment.domain.routing.floor_arrays import Floor
from fulfillment.domain.routing.network import Edge, Network, Place, build_network

_Line: TypeAlias = tuple[Point, ...]


class GridNetwork:
    """The walkways of an obstructed grid as a network on which single legs are measured."""

    def __init__(self, layout: GridLayout) -> None:
        lines = [*_aisle_lines(layout), *_cross_aisle_lines(layout)]
        lines += [(crossing, crossing) for crossing in _crossings(layout)]
        number = {point: i for i, point in enumerate(sorted({point for line in lines for point in line}))}
        pieces = [(one, other) for line in lines for one, other in pairwise(line)]
        self.network: Network = build_network(list(number), [Edge(number[one], number[other]) for one, other in pieces])
        self._upright: dict[int, list[tuple[int, int, int]]] = {}
        self._level: dict[int, list[tuple[int, int, int]]] = {}
        for edge, ((x, y), (to_x, to_y)) in enumerate(pieces):
            if x == to_x:
                self._upright.setdefault(x, []).append((y, to_y, edge))
            else:
                self._level.setdefault(y, []).append((x, to_x, edge))

    def place(self, point: Point) -> Place:
        """Return the place of a point that lies on a walkway.

        Raises:
            ValueError: if it lies beside all walkways, or inside an obstruction.
        """
        x, y = point
        for low, high, edge in self._upright.get(x, ()):
            if low <= y <= high:
                return Place(edge, y - low)
        for low, high, edge in self._level.get(y, ()):
            if low <= x <= high:
                return Place(edge, x - low)
        raise ValueError(f"Nobody walks at {point}.")


def grid_network(layout: GridLayout) -> GridNetwork:
    """Return the network of a floor; kept for the floors used last."""
    return _built(Floor(layout))


@lru_cache(maxsize=8)
def _built(floor: Floor) -> GridNetwork:
    return GridNetwork(floor.layout)


def _crossings(layout: GridLayout) -> Iterable[Point]:
    """Yield every crossing, so that one between blocked walkways on all sides is still a place."""
    yield from product(layout.columns, layout.rows)
    for depot in (layout.depot, *layout.ends):
        yield depot.x_mm, layout.rows[depot.row]


def _aisle_lines(layout: GridLayout) -> Iterable[_Line]:
    for column, x in enumerate(layout.columns):
        for low, high in _free(layout.rows, layout.blocked_aisles, column):
            yield (x, low), (x, high)


def _cross_aisle_lines(layout: GridLayout) -> Iterable[_Line]:
    gates = {vertex_of(depot) for depot in (layout.depot, *layout.ends)}
    for row, y in enumerate(layout.rows):
        xs = sorted({*layout.columns, *(x for x, of in gates if of == row)})
        for low, high in _free(xs, layout.blocked_cross_aisles, row):
            yield (low, y), (high, y)


def _free(stops: Iterable[int], blocked: Iterable[Obstruction], line: int) -> Iterable[tuple[int, int]]:
    """Yield the free pieces of a line between `stops`; a blocked one leaves its stubs on both sides."""
    own = [each for each in blocked if each.line == line]
    for low, high in pairwise(stops):
        inside = [each for each in own if crosses((each,), line, low, high)]
        if not inside:
            yield low, high
            continue
        cuts = sorted({low, high, *(y for each in inside for y in (each.from_mm, each.to_mm) if low < y < high)})
        yield from ((a, b) for a, b in pairwise(cuts) if not crosses(inside, line, a, b))
