from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from math import hypot
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Spot: TypeAlias = tuple[float, float]
"""A place on the floor: x and y in mm."""

_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight piece of walkway between two junctions; a one-way piece leads from `tail` to `head` only."""

    tail: int
    head: int
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A spot on the edge of a network, `offset_mm` from its tail."""

    edge: int
    offset_mm: float


@dataclass(frozen=True, slots=True)
class Network:
    """Walkways as a directed graph, with the shortest ways between all junctions.

    `distances[i, j]` is the walk in mm from junction i to j, infinite if there is none; `before[i, j]` the junction
    ahead of j on it. Places on edges need no row of their own, so that a floor of many thousand locations takes no more
    memory than its junctions: four bytes for each pair, 16 MB for 2,000 of them, and as much for the ways.
    """

    spots: tuple[Spot, ...]
    edges: tuple[Edge, ...]
    lengths: tuple[float, ...]
    distances: NDArray[np.float32]
    before: NDArray[np.int32]


def build_network(spots: Sequence[Spot], edges: Sequence[Edge]) -> Network:
    """Return the network of `edges` between `spots`, all shortest ways found by Dijkstra from every junction."""
    lengths = tuple(_apart(spots[edge.tail], spots[edge.head]) for edge in edges)
    onward: list[list[tuple[int, float]]] = [[] for _ in spots]
    for edge, length in zip(edges, lengths, strict=True):
        onward[edge.tail].append((edge.head, length))
        if not edge.one_way:
            onward[edge.head].append((edge.tail, length))
    distances = np.full((len(spots), len(spots)), np.inf, dtype=np.float32)
    before = np.full((len(spots), len(spots)), _NOWHERE, dtype=np.int32)
    for start in range(len(spots)):
        found, came_from = _shortest(onward, start)
        reached = list(found)
        distances[start, reached] = [found[junction] for junction in reached]
        before[start, reached] = [came_from[junction] for junction in reached]
    return Network(tuple(spots), tuple(edges), lengths, distances, before)


def walking_matrix(network: Network, places: Sequence[Place]) -> NDArray[np.float64]:
    """Return the walk in mm from every place (row) to every other (column); infinite if there is none."""
    return ways_between(network, places, places)


def ways_between(network: Network, sources: Sequence[Place], targets: Sequence[Place]) -> NDArray[np.float64]:
    """Return the walk in mm from every source (row) to every target (column); infinite if there is none."""
    leave, enter = _Ends(network, sources), _Ends(network, targets)
    out_by_tail = np.where(leave.one_way & (leave.offsets > 0), np.inf, leave.offsets)
    in_by_head = np.where(enter.one_way & (enter.rest > 0), np.inf, enter.rest)
    found = np.full((len(sources), len(targets)), np.inf)
    for exits, leaving in ((leave.tails, out_by_tail), (leave.heads, leave.rest)):
        for entries, entering in ((enter.tails, enter.offsets), (enter.heads, in_by_head)):
            between = network.distances[np.ix_(exits, entries)].astype(np.float64)
            np.minimum(found, leaving[:, None] + between + entering[None, :], out=found)
    straight = enter.offsets[None, :] - leave.offsets[:, None]
    direct = np.where(leave.one_way[:, None] & (straight < 0), np.inf, np.abs(straight))
    return np.where(leave.edges[:, None] == enter.edges[None, :], np.minimum(found, direct), found)


class _Ends:
    """The edges of places, and how far each place is from their ends."""

    def __init__(self, network: Network, places: Sequence[Place]) -> None:
        edges = [network.edges[place.edge] for place in places]
        self.edges = np.array([place.edge for place in places], dtype=np.intp)
        self.offsets = np.array([place.offset_mm for place in places], dtype=np.float64)
        self.rest = np.array([network.lengths[place.edge] for place in places], dtype=np.float64) - self.offsets
        self.one_way = np.array([edge.one_way for edge in edges], dtype=bool)
        self.tails = np.array([edge.tail for edge in edges], dtype=np.intp)
        self.heads = np.array([edge.head for edge in edges], dtype=np.intp)


def reachable(network: Network, start: Place, places: Sequence[Place], ends: Sequence[Place]) -> list[bool]:
    """Return for each of `places` whether a way leads there from `start` and from there to one of `ends`."""
    there = np.isfinite(ways_between(network, [start], places)[0])
    onward = np.isfinite(ways_between(network, places, ends)).any(axis=1)
    return [bool(each) for each in there & onward]


def way_between(network: Network, start: Place, end: Place) -> tuple[Spot, ...]:
    """Return the corners of the shortest walk from one place to another, both included.

    Raises:
        ValueError: if there is no way.
    """
    ways = [([], _direct(network, start, end)), *_by_junctions(network, start, end)]
    corners, length = min(ways, key=lambda way: way[1])
    if length == float("inf"):
        raise ValueError("There is no way between these places.")
    return _without_repeats([spot_of(network, start), *corners, spot_of(network, end)])


def spot_of(network: Network, place: Place) -> Spot:
    """Return the coordinates in mm of a place."""
    edge, length = network.edges[place.edge], network.lengths[place.edge]
    (x, y), (to_x, to_y) = network.spots[edge.tail], network.spots[edge.head]
    share = place.offset_mm / length if length else 0.0
    return x + (to_x - x) * share, y + (to_y - y) * share


def length_of(walk: Sequence[Spot]) -> float:
    """Return the length in mm of a walk along straight legs."""
    return sum(_apart(one, other) for one, other in pairwise(walk))


def _direct(network: Network, start: Place, end: Place) -> float:
    if start.edge != end.edge or (network.edges[start.edge].one_way and end.offset_mm < start.offset_mm):
        return float("inf")
    return abs(end.offset_mm - start.offset_mm)


def _by_junctions(network: Network, start: Place, end: Place) -> Iterable[tuple[list[Spot], float]]:
    for leave, out in _ends(network, start, leaving=True):
        for enter, last in _ends(network, end, leaving=False):
            length = out + float(network.distances[leave, enter]) + last
            if length < float("inf"):
                yield _corners(network, leave, enter), length


def _ends(network: Network, place: Place, *, leaving: bool) -> Iterable[tuple[int, float]]:
    """Yield the junctions by which one can leave, or come to, a place, and how far they are in mm."""
    edge = network.edges[place.edge]
    rest = network.lengths[place.edge] - place.offset_mm
    if not (leaving and edge.one_way and place.offset_mm > 0):
        yield edge.tail, place.offset_mm
    if leaving or not edge.one_way or rest <= 0:
        yield edge.head, rest


def _corners(network: Network, start: int, end: int) -> list[Spot]:
    passed = [end]
    while passed[-1] != start:
        passed.append(int(network.before[start, passed[-1]]))
    return [network.spots[junction] for junction in reversed(passed)]


def _without_repeats(walk: Sequence[Spot]) -> tuple[Spot, ...]:
    return (walk[0], *(spot for before, spot in pairwise(walk) if spot != before))


def _shortest(onward: Sequence[Sequence[tuple[int, float]]], start: int) -> tuple[dict[int, float], dict[int, int]]:
    found: dict[int, float] = {}
    came_from = {start: start}
    best = {start: 0.0}
    heap = [(0.0, start)]
    while heap:
        length, at = heappop(heap)
        if at in found:
            continue
        found[at] = length
        for beside, step in onward[at]:
            if beside not in found and length + step < best.get(beside, float("inf")):
                best[beside] = length + step
                came_from[beside] = at
                heappush(heap, (length + step, beside))
    return found, came_from


def _apart(one: Spot, other: Spot) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])
