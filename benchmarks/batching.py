"""How short the walks of batches are on published instances of order batching with exact routing.

`python -m benchmarks.batching --instances DIR --seconds 10 --answers OUT` prints one JSON line and writes the plans:
file -> {total, batches: [[order, ...]], lengths}, in the files' length units, orders counted from 0. Seconds are CPU
time for each file. With `best.csv` in the folder, the gap to the best known totals is told by size class. Every cart's
capacity and walk are checked again with the router in plain Python.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks._obp import UNIT, read_batching, read_best
from fulfillment.domain.annealing.annealing import warm_up
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan
from fulfillment.domain.cart_search import MOST_DIVED, Found, search_carts
from fulfillment.domain.routing import speed
from fulfillment.domain.routing.routes import tour_length

_CLASSES = ((50, "to_50"), (80, "60_to_80"), (1_000_000, "90_and_more"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, required=True, help="folder of the instances")
    parser.add_argument("--seconds", type=float, default=10, help="CPU seconds for each file")
    parser.add_argument("--entry", type=float, help="distance from a cross-aisle to the first cell, if not the file's")
    parser.add_argument("--answers", type=Path, required=True, help="file to write the plans to")
    parser.add_argument("--limit", type=int, help="take only so many files, evenly spread")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-dived", type=int, default=MOST_DIVED, help="orders up to which columns are generated")
    chosen = parser.parse_args()
    is_compiled = speed.warm_up() and warm_up()
    best = read_best(chosen.instances)
    plans: dict[str, CartPlan] = {}
    gaps: dict[str, list[float]] = defaultdict(list)
    methods: Counter[str] = Counter()
    wrong = []
    for path in _spread(sorted(chosen.instances.glob("*.txt")), chosen.limit):
        instance = read_batching(path, chosen.entry)
        found = solve(instance.case, chosen.seed, chosen.seconds, chosen.most_dived)
        plan = plans[path.name] = found.plan
        methods[found.method] += 1
        if path.name in best:
            gaps[_size_class(len(instance.case.orders))].append(plan.total_mm / UNIT / best[path.name] - 1)
        if not is_sound(instance.case, plan):
            wrong.append(path.name)
    chosen.answers.write_text(json.dumps({name: answer(plan) for name, plan in plans.items()}))
    figures = {
        "instances": len(plans),
        "seconds": chosen.seconds,
        "compiled": is_compiled,
        "found_by": dict(methods),
        "wrong": wrong,
        "gap_percent": {name: _told(found) for name, found in sorted(gaps.items())},
    }
    print(json.dumps(figures))


def solve(case: BatchingCase, seed: int, seconds: float, most_dived: int = MOST_DIVED) -> Found:
    """Return the best plan found in so many CPU seconds."""
    before = time.process_time()
    *_, best = search_carts(
        case, seed=seed, spent=lambda: (time.process_time() - before) / seconds, most_dived=most_dived
    )
    return best


def is_sound(case: BatchingCase, plan: CartPlan) -> bool:
    """Return whether every order is on one cart, no cart is too full, and each walk is as long as told."""
    was_compiled = speed.is_compiled()
    speed.cool_down()
    walks = [tour_length(case.layout, [stand for order in cart for stand in case.orders[order]]) for cart in plan.carts]
    if was_compiled:
        speed.warm_up()
    is_complete = sorted(order for cart in plan.carts for order in cart) == list(range(len(case.orders)))
    return is_complete and all(case.fits(cart) for cart in plan.carts) and tuple(walks) == plan.lengths_mm


def answer(plan: CartPlan) -> dict[str, object]:
    """Return a plan in the length units of the files."""
    return {
        "total": plan.total_mm / UNIT,
        "batches": plan.carts,
        "lengths": [length / UNIT for length in plan.lengths_mm],
    }


def _spread(paths: list[Path], limit: int | None) -> list[Path]:
    return paths[:: max(1, len(paths) // limit)][:limit] if limit else paths


def _size_class(orders: int) -> str:
    return next(name for most, name in _CLASSES if orders <= most)


def _told(gaps: list[float]) -> dict[str, float]:
    return {
        "instances": len(gaps),
        "mean": round(100 * sum(gaps) / len(gaps), 3),
        "max": round(100 * max(gaps), 3),
    }


if __name__ == "__main__":
    main()
