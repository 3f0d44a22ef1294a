from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import combinations

from fulfillment.domain.layout import GridLayout, Stand
from fulfillment.domain.routing.routes import tour_length

NEIGHBORS = 12
WINDOW = 25
EFFORT = 150_000
"""Router states that one call may visit per aisle swept, about four seconds; beyond it savings are estimated."""

_STATES = {2: 6, 3: 24, 4: 112}
"""States of the router by number of cross-aisles."""

_MOST_ROWS = max(_STATES)


@dataclass(frozen=True, slots=True)
class Load:
    """What takes room on a cart: totes, grams, cubic millimeters, items."""

    totes: int
    weight_g: int
    volume_mm3: int
    items: int = 0

    def plus(self, other: "Load") -> "Load":
        """Return both loads together."""
        return Load(
            self.totes + other.totes, self.weight_g + other.weight_g, self.volume_mm3 + other.volume_mm3,
            self.items + other.items,
        )  # fmt: skip

    def fits(self, limit: "Load") -> bool:
        """Return whether a cart of capacity `limit` takes this load."""
        return (
            self.totes <= limit.totes
            and self.weight_g <= limit.weight_g
            and self.volume_mm3 <= limit.volume_mm3
            and self.items <= limit.items
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Orders on one cart, the places where they are picked, their load and the walk in mm (0 until measured)."""

    order_ids: tuple[str, ...]
    stands: frozenset[Stand]
    load: Load
    length_mm: int = 0

    def joined(self, other: "Cluster") -> "Cluster":
        """Return both clusters on one cart, not measured yet."""
        order_ids = tuple(sorted((*self.order_ids, *other.order_ids)))
        return Cluster(order_ids, self.stands | other.stands, self.load.plus(other.load))


def merge_by_savings(layout: GridLayout, clusters: Sequence[Cluster], limit: Load) -> list[Cluster]:
    """Join clusters while two of them fit on one cart, the pair that saves the longest walk first.

    Parallel savings rule of Clarke & Wright (1964), recomputed after every merge on exact tours (variant ii of de
    Koster, van der Poort & Wolters 1999). Only the nearest clusters of each are tried first, then all that remain; past
    `EFFORT`, a merged cluster inherits the better estimate of its parts, so that large groups stay fast. On floors
    of more than three blocks savings are compared on a coarser floor; the lengths returned are exact everywhere.
    """
    merged = _Merger(_coarse(layout), limit).run(clusters)
    return [replace(cluster, length_mm=tour_length(layout, cluster.stands)) for cluster in merged]


def _coarse(layout: GridLayout) -> GridLayout:
    """Return the floor with at most `_MOST_ROWS` of its cross-aisles: each tour on it can be walked on the real one."""
    rows, depot = layout.rows, layout.depot
    if len(rows) <= _MOST_ROWS:
        return layout
    kept = sorted({0, len(rows) // 2, len(rows) - 1, depot.row})
    return replace(layout, rows=tuple(rows[row] for row in kept), depot=replace(depot, row=kept.index(depot.row)))


class _Merger:
    """The state of one run: live clusters by number, the savings found, and the tours that may still be computed."""

    def __init__(self, layout: GridLayout, limit: Load) -> None:
        self._layout = layout
        self._limit = limit
        self._tours_left = EFFORT // _STATES[len(layout.rows)]
        self._live: dict[int, Cluster] = {}
        self._lengths: dict[frozenset[Stand], int] = {}
        self._savings: dict[int, dict[int, int]] = {}
        self._heap: list[tuple[int, int, int]] = []
        self._next = 0

    def run(self, clusters: Sequence[Cluster]) -> list[Cluster]:
        for cluster in clusters:
            self._add(replace(cluster, length_mm=self._length(cluster.stands)))
        for first, second in sorted(_near_pairs(self._layout, clusters)):
            self._offer(first, second)
        self._merge_offered()
        self._offer_rest()
        self._merge_offered()
        return list(self._live.values())

    def _add(self, cluster: Cluster) -> int:
        number = self._next
        self._live[number], self._savings[number] = cluster, {}
        self._next += 1
        return number

    def _length(self, stands: frozenset[Stand]) -> int:
        if stands not in self._lengths:
            self._lengths[stands] = tour_length(self._layout, stands)
            self._tours_left -= 1
        return self._lengths[stands]

    def _offer(self, first: int, second: int, estimate: int | None = None) -> None:
        one, other = self._live[first], self._live[second]
        if not one.load.plus(other.load).fits(self._limit):
            return
        saving = estimate
        if saving is None or self._tours_left > 0:
            saving = one.length_mm + other.length_mm - self._length(one.stands | other.stands)
        self._savings[first][second] = self._savings[second][first] = saving
        heappush(self._heap, (-saving, first, second))

    def _merge_offered(self) -> None:
        while self._heap:
            negative, first, second = heappop(self._heap)
            if first in self._live and second in self._live:
                self._merge(first, second, -negative)

    def _merge(self, first: int, second: int, saving: int) -> None:
        one, other = self._live.pop(first), self._live.pop(second)
        known = self._savings.pop(first)
        for third, found in self._savings.pop(second).items():
            known[third] = max(found, known.get(third, 0))
        length = one.length_mm + other.length_mm - saving
        number = self._add(replace(one.joined(other), length_mm=length))
        wanted = sorted(((-found, third) for third, found in known.items() if third in self._live))
        for negative, third in wanted[:NEIGHBORS]:
            self._offer(third, number, estimate=-negative)

    def _offer_rest(self) -> None:
        """Offer every pair of what is left, emptiest first: few carts are, so few pairs fit."""
        numbers = sorted(self._live, key=lambda number: (self._live[number].load.totes, number))
        for first, second in combinations(numbers, 2):
            if second not in self._savings[first]:
                self._offer(first, second, estimate=0)


def _near_pairs(layout: GridLayout, clusters: Sequence[Cluster]) -> set[tuple[int, int]]:
    """Return pairs of clusters that are picked near each other: the `NEIGHBORS` best for each, lower number first."""
    pairs: set[tuple[int, int]] = set()
    for number, others in _candidates(clusters).items():
        apart = {other: _apart(layout, clusters[number].stands, clusters[other].stands) for other in others}
        best = sorted(others, key=lambda other: (apart[other], other))[:NEIGHBORS]
        pairs.update((min(number, other), max(number, other)) for other in best)
    return pairs


def _candidates(clusters: Sequence[Cluster]) -> dict[int, set[int]]:
    """Return for each cluster those beside it when all are sorted by their leftmost, and by their rightmost pick."""
    found: dict[int, set[int]] = {number: set() for number in range(len(clusters))}
    for rank in (min, max):
        order = sorted(found, key=lambda number: (rank(clusters[number].stands), number))
        for place, number in enumerate(order):
            found[number].update(order[max(0, place - WINDOW) : place + WINDOW + 1])
    return {number: others - {number} for number, others in found.items()}


def _apart(layout: GridLayout, one: Iterable[Stand], other: Iterable[Stand]) -> int:
    """Return about how far the picks of either lie from the nearest of the other, in mm."""
    first, second = list(_places(layout, one)), list(_places(layout, other))
    return _detour(first, second) + _detour(second, first)


def _places(layout: GridLayout, stands: Iterable[Stand]) -> Iterator[tuple[int, int]]:
    return ((layout.columns[stand.column], stand.y_mm) for stand in stands)


def _detour(near: Sequence[tuple[int, int]], visits: Sequence[tuple[int, int]]) -> int:
    return sum(min(abs(x - to_x) + abs(y - to_y) for x, y in near) for to_x, to_y in visits)
