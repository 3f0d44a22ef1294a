"""How short the walks of one large wave of orders are after some seconds.

`python -m benchmarks.wave --wave FILE --seconds 10 --answers OUT` searches in two processes from different seeds; the
best plan wins. It prints one JSON line with the first plan and the last, in the file's length units, and the seconds
each took from reading the orders on, with compiled code loaded before; and writes {total, batches, lengths}. With
`--cpu`, seconds are CPU seconds of each process, which says more on a busy machine.
"""

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from benchmarks._obp import UNIT, read_wave
from benchmarks.batching import answer, is_sound
from fulfillment.domain.annealing.annealing import improve_plan, warm_up
from fulfillment.domain.annealing.cases import CartPlan
from fulfillment.domain.routing import speed


@dataclass(frozen=True, slots=True)
class _Run:
    first_mm: int
    first_seconds: float
    plan: CartPlan
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wave", type=Path, required=True, help="file of the wave")
    parser.add_argument("--seconds", type=float, default=10, help="seconds to search")
    parser.add_argument("--answers", type=Path, required=True, help="file to write the plan to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cpu", action="store_true", help="count CPU seconds of each process")
    chosen = parser.parse_args()
    speed.warm_up()
    warm_up()
    seeds = range(chosen.seed, chosen.seed + chosen.processes)
    with ProcessPoolExecutor(chosen.processes, mp_context=get_context("fork")) as pool:
        found = list(pool.map(_search, repeat(chosen.wave), seeds, repeat(chosen.seconds), repeat(chosen.cpu)))
    best = min(found, key=lambda run: run.plan.total_mm)
    case = read_wave(chosen.wave)
    chosen.answers.write_text(json.dumps(answer(best.plan)))
    figures = {
        "orders": len(case.orders),
        "first": min(run.first_mm for run in found) / UNIT,
        "first_seconds": round(max(run.first_seconds for run in found), 3),
        "total": best.plan.total_mm / UNIT,
        "all_totals": [run.plan.total_mm / UNIT for run in found],
        "seconds": round(max(run.seconds for run in found), 3),
        "carts": len(best.plan.carts),
        "is_sound": is_sound(case, best.plan),
    }
    print(json.dumps(figures))


def _search(path: Path, seed: int, seconds: float, is_cpu: bool) -> _Run:  # noqa: FBT001 - called by a pool
    clock = time.process_time if is_cpu else time.monotonic
    before = clock()
    found = improve_plan(read_wave(path), seed=seed, spent=lambda: (clock() - before) / seconds)
    plans = [(plan, clock() - before) for plan in found]
    (first, first_seconds), (last, _) = plans[0], plans[-1]
    return _Run(first.total_mm, first_seconds, last, clock() - before)


if __name__ == "__main__":
    main()
