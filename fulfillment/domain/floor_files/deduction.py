"""What a list of bins tells about the floor: where its aisles run, its racks stand and its cross-aisles lead."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from shapely import box

from fulfillment.domain.layout import Aisle, Bin, CrossAisle, Rack

DEPTH_MM: Final = 600
"""How deep a shelf is, where nothing tells."""
AISLE_MM: Final = 1_600
CROSS_MM: Final = 2_400
SAME_MM: Final = 150
"""Bins of one rack lie in one line but for so much."""
_BAY_MM: Final = 1_200
_THINNEST_MM, _DEEPEST_MM = 200, 1_500


@dataclass(frozen=True, slots=True)
class Seen:
    """A bin as the file has it; `zone`, `aisle` and `side` are empty where it does not say."""

    code: str
    zone: str
    aisle: str
    side: str
    level: int
    x: int
    y: int


def deduce_aisles(seen: Sequence[Seen]) -> tuple[Aisle, ...]:
    """Return the aisles along y on which bins lie; those of bins without a named aisle are numbered from the left.

    An aisle runs in the middle between the bins on both of its sides. Bins that name none are lined up: of two lines
    with a wide gap between them, an aisle runs through the gap.
    """
    named: dict[str, list[Seen]] = defaultdict(list)
    for each in seen:
        if each.aisle:
            named[each.aisle].append(each)
    lows = [each.y for each in seen]
    if not lows:
        return ()
    if not named:
        return tuple(_numbered(seen))
    depth = _depth([_columns(each.x for each in of) for of in named.values()])
    half = (AISLE_MM + depth) / 2
    return tuple(_aisle(code, of, depth, half) for code, of in sorted(named.items()))


def _aisle(code: str, of: Sequence[Seen], depth: int, half: float) -> Aisle:
    left = [b.x for b in of if b.side == "L"]
    right = [b.x for b in of if b.side == "R"]
    columns = _columns(b.x for b in of)
    if not left and not right and len(columns) > 1:
        left, right = [columns[0]], [columns[-1]]
    if left and right:
        x, wide = (median(left) + median(right)) / 2, abs(median(right) - median(left)) - depth
    else:
        x, wide = (median(left) + half, AISLE_MM) if left else (median(right or columns) - half, AISLE_MM)
    ys = [b.y for b in of]
    return Aisle(code, round(x), min(ys), max(ys), max(600, round(wide)))


def _numbered(seen: Sequence[Seen]) -> Iterator[Aisle]:
    columns = _columns(each.x for each in seen)
    gaps = [right - left for left, right in pairwise(columns)]
    narrow = (min(gaps) + max(gaps)) / 2 if gaps and max(gaps) > 1.4 * min(gaps) else 0
    depth = _depth([columns]) if narrow else DEPTH_MM
    low, high = min(each.y for each in seen), max(each.y for each in seen)
    number = at = 0
    while at < len(columns):
        number += 1
        pair = at + 1 < len(columns) and columns[at + 1] - columns[at] >= narrow
        if pair:
            x, wide = (columns[at] + columns[at + 1]) / 2, columns[at + 1] - columns[at] - depth
        else:
            x, wide = columns[at] + (-1 if at == 0 and narrow else 1) * (AISLE_MM + depth) / 2, AISLE_MM
        yield Aisle(f"{number:02d}", round(x), low, high, max(600, round(wide)))
        at += 2 if pair else 1


def _columns(xs: Iterable[int]) -> list[int]:
    """Return the lines on which bins lie, from the left."""
    columns: list[int] = []
    for x in sorted(set(xs)):
        if not columns or x - columns[-1] > SAME_MM:
            columns.append(x)
    return columns


def _depth(columns: Iterable[Sequence[int]]) -> int:
    """Return how deep shelves are: back to back, their bins lie one depth apart."""
    every = _columns(x for of in columns for x in of)
    near = [right - left for left, right in pairwise(every) if _THINNEST_MM <= right - left <= _DEEPEST_MM]
    return min(near, default=DEPTH_MM)


def deduce_racks(bins: Sequence[Bin], aisles: Sequence[Aisle]) -> Iterator[Rack]:
    """Yield a rack for each unbroken row of bins on a side of an aisle, from the aisle's edge to behind the bins."""
    by_code = {aisle.code: aisle for aisle in aisles}
    rows: dict[tuple[str, str], list[Bin]] = defaultdict(list)
    for each in bins:
        if each.aisle in by_code:
            rows[each.aisle, each.side].append(each)
    gap, bay = _gap(bins), _pitch(bins)
    for (code, side), of in sorted(rows.items()):
        aisle, away = by_code[code], median([abs(b.x_mm - by_code[code].x_mm) for b in of])
        inner = aisle.width_mm / 2
        outer = max(inner + 100, 2 * away - inner)
        way = -1 if side == "L" else 1
        left, right = sorted((round(aisle.x_mm + way * inner), round(aisle.x_mm + way * outer)))
        for number, (low, high) in enumerate(_runs(sorted({b.y_mm for b in of}), gap), start=1):
            yield Rack(f"{code}{side}{number}", box(left, low - bay // 2, right, high + bay // 2))


def deduce_cross_aisles(bins: Sequence[Bin], aisles: Sequence[Aisle]) -> tuple[CrossAisle, ...]:
    """Return a cross-aisle before and behind all bins, and one in each gap that goes through all of them."""
    if not aisles:
        return ()
    ys = sorted({b.y_mm for b in bins}) or sorted({y for a in aisles for y in (a.y_from_mm, a.y_to_mm)})
    runs, bay = _runs(ys, _gap(bins)), _pitch(bins)
    rows = [ys[0] - bay // 2 - CROSS_MM // 2, *((one[1] + other[0]) // 2 for one, other in pairwise(runs))]
    rows.append(ys[-1] + bay // 2 + CROSS_MM // 2)
    left, right = min(a.x_mm for a in aisles) - CROSS_MM, max(a.x_mm for a in aisles) + CROSS_MM
    return tuple(CrossAisle(f"X{n}", y, left, right, CROSS_MM) for n, y in enumerate(rows, start=1))


def _runs(ys: Sequence[int], gap: int) -> list[tuple[int, int]]:
    runs = [(ys[0], ys[0])]
    for y in ys[1:]:
        if y - runs[-1][1] > gap:
            runs.append((y, y))
        else:
            runs[-1] = (runs[-1][0], y)
    return runs


def _pitch(bins: Sequence[Bin]) -> int:
    """Return how far bins lie apart along their rack, most often."""
    rows: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in bins:
        rows[each.aisle, each.side].add(each.y_mm)
    steps = Counter(high - low for ys in rows.values() for low, high in pairwise(sorted(ys)))
    return steps.most_common(1)[0][0] if steps else _BAY_MM


def _gap(bins: Sequence[Bin]) -> int:
    """Return from which distance along a rack on there is a way between two bins, not only a larger bin."""
    pitch = _pitch(bins)
    return max(2 * pitch, pitch + 1_000)
