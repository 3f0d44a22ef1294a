"""How short and how fast routes are on published instances of the single picker routing problem.

`python -m benchmarks.routing --instances DIR --blocks 1 --answers OUT` prints one JSON line and writes the walks: file
-> {length, walk, stops, method}, in the files' length units; a stop is [aisle, cell]. The length is walked anew from
the corners, and checked to stay on the walkways and pass every place. With `optima.csv` in the folder, the share that
is as short as proven is told. Milliseconds are CPU time of one route, walk and comparison with rules of thumb included.
"""

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path

from benchmarks._sprp import UNIT, Instance, read_instances, read_optima
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.routing.routes import Route, find_route
from fulfillment.domain.routing.speed import warm_up


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, required=True, help="folder of the instances")
    parser.add_argument("--blocks", type=int, choices=(1, 2), default=1, help="blocks that the files are read as")
    parser.add_argument("--answers", type=Path, required=True, help="file to write the walks to")
    parser.add_argument("--plain", action="store_true", help="compute without compiled code")
    chosen = parser.parse_args()
    is_compiled = not chosen.plain and warm_up()
    instances = read_instances(chosen.instances, chosen.blocks)
    optima = read_optima(chosen.instances, chosen.blocks)
    if instances:
        find_route(instances[0].layout, _codes(instances[0]))  # loads the compiled code and the table of states
    routes, times = {}, []
    for instance in instances:
        before = time.process_time()
        routes[instance.name] = find_route(instance.layout, _codes(instance))
        times.append((time.process_time() - before) * 1000)
    failures = [i.name for i in instances if not _replays(i.layout, _codes(i), routes[i.name])]
    chosen.answers.write_text(json.dumps({name: _answer(route) for name, route in routes.items()}))
    optimal = [routes[name].length_mm == round(optimum * UNIT) for name, optimum in optima.items() if name in routes]
    figures = {
        "instances": len(instances),
        "blocks": chosen.blocks,
        "compiled": is_compiled,
        "optimal_share": sum(optimal) / len(optimal) if optimal else None,
        "ms_p50": _at_share(times, 0.5),
        "ms_p99": _at_share(times, 0.99),
        "replay_failures": failures,
        "excess_by_name": _mean([route.length_by_name_order_mm / route.length_mm - 1 for route in routes.values()]),
        "excess_s_shape": _mean([route.length_s_shape_mm / route.length_mm - 1 for route in routes.values()]),
    }
    print(json.dumps(figures))


def _codes(instance: Instance) -> list[str]:
    return [code for places in instance.articles.values() for code in places[:1]]


def _replays(layout: GridLayout, codes: list[str], route: Route) -> bool:
    """Return whether the walk is as long as told, stays on walkways, ends at the depot and passes every place."""
    walked = 0
    seen = {route.walk[0]}
    for (x, y), (to_x, to_y) in pairwise(route.walk):
        on_aisle = x == to_x and (x in layout.columns or x == layout.depot.x_mm)
        if not on_aisle and not (y == to_y and y in layout.rows):
            return False
        walked += abs(x - to_x) + abs(y - to_y)
        seen.add((to_x, to_y))
    is_closed = route.walk[0] == route.walk[-1] == layout.depot.at
    passes_all = all(layout.access_point(code) in seen for code in codes) and set(codes) == set(route.stops)
    return walked == route.length_mm and is_closed and passes_all


def _answer(route: Route) -> dict[str, object]:
    return {
        "length": route.length_mm / UNIT,
        "walk": [[x / UNIT, y / UNIT] for x, y in route.walk],
        "stops": [[int(part) for part in code.split("-")] for code in route.stops],
        "method": route.method,
    }


def _at_share(times: list[float], share: float) -> float | None:
    return round(sorted(times)[int(share * (len(times) - 1))], 3) if times else None


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None


if __name__ == "__main__":
    main()
