"""Whether routes are shortest on floors of many blocks and past obstructions, and how fast they come.

`python -m benchmarks.detours` prints one JSON line. It draws `--floors` floors of 1 to 3 blocks with blocked bays and
missing pieces of cross-aisles, and as many free ones of 3 to 5 blocks, and compares each route with the best of all
orders of its stops (Held & Karp 1962) over distances counted step by step on a lattice, which shares nothing with the
router; stops that no way leads to count as equal if both say so. Then it times `--tours` routes over 60 stops in 20
aisles for each number of blocks: milliseconds of CPU time, walk and comparison with rules of thumb included.
"""

import argparse
import json
import random
import time
from collections import deque
from itertools import product

from shapely import Polygon

from fulfillment.domain.layout import Depot, GridLayout, Obstruction, Point, Stand, UnreachableBinsError, WarehousePlan
from fulfillment.domain.routing.routes import find_route
from fulfillment.domain.routing.speed import warm_up

_NOWHERE = WarehousePlan("drawn floor", Polygon(), (), (), (), (), (), (0, 0))
_FAR = 1 << 40
_STOPS, _MANY_STOPS, _AISLES = 8, 60, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floors", type=int, default=200)
    parser.add_argument("--tours", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    is_compiled = warm_up()
    dice = random.Random(chosen.seed)  # noqa: S311 - draws test data
    obstructed = [_small_floor(dice, dice.randint(1, 3), 2) for _ in range(chosen.floors)]
    deep = [_small_floor(dice, dice.randint(3, 5), 0) for _ in range(chosen.floors)]
    figures = {
        "compiled": is_compiled,
        "obstructed": len(obstructed),
        "obstructed_equal": sum(_routed(floor) == _best_of_all_orders(floor) for floor in obstructed),
        "obstructed_without_way": sum(_routed(floor) >= _FAR for floor in obstructed),
        "deep": len(deep),
        "deep_equal": sum(_routed(floor) == _best_of_all_orders(floor) for floor in deep),
        "ms_by_blocks": {blocks: _times(dice, blocks, chosen.tours) for blocks in range(1, 6)},
    }
    print(json.dumps(figures))


def _small_floor(dice: random.Random, blocks: int, obstructions: int) -> GridLayout:
    columns = tuple(sorted(dice.sample(range(20), dice.randint(2, 6))))
    rows = tuple(sorted(dice.sample(range(0, 24, 2), blocks + 1)))
    aisles = _blocked(dice, len(columns), rows[-1], obstructions)
    across = _blocked(dice, len(rows), columns[-1], obstructions)
    places = list(product(range(len(columns)), range(rows[0], rows[-1] + 1)))
    free = [at for at in places if not any(o.line == at[0] and o.from_mm < at[1] < o.to_mm for o in aisles)]
    stands = {f"B{number}": Stand(*at) for number, at in enumerate(dice.sample(free, min(_STOPS, len(free))))}
    at = (dice.choice(columns), dice.randrange(len(rows)))
    depot = Depot((at[0], rows[at[1]]), *at, 0)
    return GridLayout(_NOWHERE, columns, rows, stands, depot, (), aisles, across)


def _blocked(dice: random.Random, lines: int, end: int, most: int) -> tuple[Obstruction, ...]:
    drawn = ((dice.randrange(lines), dice.randrange(end)) for _ in range(dice.randint(0, most)))
    return tuple(Obstruction(line, start, start + dice.randint(1, 4)) for line, start in drawn)


def _routed(floor: GridLayout) -> int:
    try:
        return find_route(floor, floor.stands).length_mm
    except UnreachableBinsError:
        return _FAR


def _best_of_all_orders(floor: GridLayout) -> int:
    """Return the shortest round over all stops, `_FAR` if there is none."""
    points = [floor.depot.at, *sorted({floor.access_point(code) for code in floor.stands})]
    steps = [_steps_from(floor, point) for point in points]
    apart = [[of.get(point, _FAR) for point in points] for of in steps]
    stops = range(1, len(points))
    best = {(1 << stop, stop): apart[0][stop] for stop in stops}
    for visited in range(2, 1 << len(points), 2):
        for stop in stops:
            if visited >> stop & 1 and visited != 1 << stop:
                before = visited ^ 1 << stop
                ways = (best[before, last] + apart[last][stop] for last in stops if before >> last & 1)
                best[visited, stop] = min(ways)
    everything = (1 << len(points)) - 2
    return min(_FAR, *(best[everything, stop] + apart[stop][0] for stop in stops))


def _steps_from(floor: GridLayout, start: Point) -> dict[Point, int]:
    """Count the steps of 1 mm to all points of the walkways."""
    found, waiting = {start: 0}, deque([start])
    while waiting:
        x, y = waiting.popleft()
        for to in ((x, y - 1), (x, y + 1), (x - 1, y), (x + 1, y)):
            if to not in found and _is_way(floor, (min(x, to[0]), min(y, to[1])), is_aisle=x == to[0]):
                found[to] = found[x, y] + 1
                waiting.append(to)
    return found


def _is_way(floor: GridLayout, low: Point, *, is_aisle: bool) -> bool:
    """Return whether one can step from `low` to the next point of an aisle or of a cross-aisle."""
    x, y = low
    along, across = (y, x) if is_aisle else (x, y)
    lines, ends = (floor.columns, floor.rows) if is_aisle else (floor.rows, floor.columns)
    blocked = floor.blocked_aisles if is_aisle else floor.blocked_cross_aisles
    if across not in lines or not ends[0] <= along < ends[-1]:
        return False
    return not any(lines[each.line] == across and each.from_mm <= along < each.to_mm for each in blocked)


def _times(dice: random.Random, blocks: int, tours: int) -> dict[str, float]:
    rows = tuple(row * 24_000 // blocks for row in range(blocks + 1))
    columns = tuple(3_000 * aisle for aisle in range(_AISLES))
    places = list(product(range(_AISLES), range(500, 24_000, 1_000)))
    stands = {f"{column:02}-{y:05}": Stand(column, y) for column, y in places}
    layout = GridLayout(_NOWHERE, columns, rows, stands, Depot((30_000, 0), 30_000, 0, 0))
    codes = sorted(stands)
    find_route(layout, codes[:1])  # builds the table of states
    times = []
    for _ in range(tours):
        chosen = dice.sample(codes, _MANY_STOPS)
        before = time.process_time()
        find_route(layout, chosen)
        times.append(1000 * (time.process_time() - before))
    return {"p50": round(sorted(times)[tours // 2], 3), "p99": round(sorted(times)[tours * 99 // 100], 3)}


if __name__ == "__main__":
    main()
