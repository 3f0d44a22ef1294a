"""How short walks become by choosing where to pick from, on published instances with scattered storage.

`python -m benchmarks.allocation --instances DIR --blocks 1 --answers OUT` prints one JSON line and writes the walks:
file -> {length, walk, stops, places, method}, in the files' length units; `places` gives the [aisle, cell] chosen for
each article. The gap is over the proven joint optimum of `optima.csv`. Milliseconds are CPU time of choosing.
"""

import argparse
import json
import time
from pathlib import Path

from benchmarks._sprp import UNIT, read_instances, read_optima
from fulfillment.domain.allocation import Allocation, choose_places
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.routing.routes import find_route
from fulfillment.domain.routing.speed import warm_up


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, required=True, help="folder of the instances")
    parser.add_argument("--blocks", type=int, choices=(1, 2), default=1, help="blocks that the files are read as")
    parser.add_argument("--answers", type=Path, required=True, help="file to write the walks to")
    chosen = parser.parse_args()
    is_compiled = warm_up()
    instances = read_instances(chosen.instances, chosen.blocks)
    optima = read_optima(chosen.instances, chosen.blocks)
    found, times, first_record = {}, [], []
    for instance in instances:
        before = time.process_time()
        found[instance.name] = choose_places(instance.layout, instance.articles)
        times.append((time.process_time() - before) * 1000)
        simple = find_route(instance.layout, [places[0] for places in instance.articles.values()])
        first_record.append(simple.length_mm)
    answers = {i.name: _answer(i.layout, found[i.name]) for i in instances}
    chosen.answers.write_text(json.dumps(answers))
    gaps = [found[name].length_mm / UNIT / optimum - 1 for name, optimum in optima.items() if name in found]
    lengths = [allocation.length_mm for allocation in found.values()]
    figures = {
        "instances": len(instances),
        "blocks": chosen.blocks,
        "compiled": is_compiled,
        "mean_gap_percent": round(100 * sum(gaps) / len(gaps), 3) if gaps else None,
        "max_gap_percent": round(100 * max(gaps), 2) if gaps else None,
        "optimal_share": round(sum(gap < 1e-9 for gap in gaps) / len(gaps), 3) if gaps else None,
        "ms_mean": round(sum(times) / max(1, len(times)), 2),
        "ms_max": round(max(times, default=0), 1),
        "first_record_excess": round(sum(first_record) / max(1, sum(lengths)) - 1, 3),
    }
    print(json.dumps(figures))


def _answer(layout: GridLayout, allocation: Allocation) -> dict[str, object]:
    route = find_route(layout, allocation.places.values())
    assert route.length_mm == allocation.length_mm, "the walk over the chosen places must be as long as was measured"
    return {
        "length": route.length_mm / UNIT,
        "walk": [[x / UNIT, y / UNIT] for x, y in route.walk],
        "stops": [[int(part) for part in code.split("-")] for code in route.stops],
        "places": {name: [int(part) for part in code.split("-")] for name, code in allocation.places.items()},
        "method": "exchange on " + route.method,
    }


if __name__ == "__main__":
    main()
