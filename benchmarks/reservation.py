"""Durable reservations over HTTP, as a share of what bare SQL does on the same PostgreSQL in the same minutes.

`python -m benchmarks.reservation --limit-dir PATH` prints one JSON line. The folder holds the bare SQL: `schema.sql`,
`batch2.sql`, `pgb/res_fn.sql` and `pgb/hot_fn.sql`; without it only the figures of the service are measured.
"""

import json
import statistics
from collections import defaultdict

from sqlalchemy import text

from benchmarks._raw_client import CLIENTS, Load
from benchmarks._stand import RACE_STOCK, Stand, a_stand, options
from inventory.invariants import INVARIANTS
from kernel.actors import system
from kernel.db.transactions import transaction
from kernel.invariants import check

_RUNS = (("reserve", "res_fn"), ("hot", "hot_fn"))
_Figures = dict[str, list[float]]


def main() -> None:
    chosen = options(__doc__)
    with a_stand(chosen.limit_dir) as stand:
        print(json.dumps(_measure(stand, seconds=chosen.seconds, rounds=chosen.rounds)))


def _measure(stand: Stand, *, seconds: float, rounds: int) -> dict[str, object]:
    figures: _Figures = defaultdict(list)
    loads: dict[str, list[Load]] = {"reserve": [], "hot": []}
    stand.drive("reserve", seconds=1.0)
    for _ in range(rounds):
        for kind, script in _RUNS:
            bare = stand.pgbench(script, seconds=seconds)
            figures[script] += [bare] if bare else []
            before = stand.cpu_seconds()
            load = stand.drive(kind, seconds=seconds)
            figures[f"{kind}_cpu_ms"].append((stand.cpu_seconds() - before) * 1000 / load.done)
            figures[kind].append(load.per_second)
            loads[kind].append(load)
    return _report(figures, loads, stand.drive("race", seconds=60.0))


def _report(figures: _Figures, loads: dict[str, list[Load]], race: Load) -> dict[str, object]:
    median = {name: statistics.median(values) for name, values in figures.items() if values}
    promised, violated = _truth()
    told: dict[str, object] = {
        "reserve_ratio": _ratio(median, "reserve", "res_fn"),
        "hot_ratio": _ratio(median, "hot", "hot_fn"),
        "oversold": max(promised - RACE_STOCK, race.done - RACE_STOCK, 0),
        "undersold": max(RACE_STOCK - promised, RACE_STOCK - race.done, 0),
        "invariants_violated": violated,
        "clients": CLIENTS,
    }
    for kind, runs in loads.items():
        told[f"{kind}_per_second"] = round(median[kind])
        told[f"{kind}_p50_ms"] = round(statistics.median(run.percentile(50) for run in runs), 1)
        told[f"{kind}_p99_ms"] = round(statistics.median(run.percentile(99) for run in runs), 1)
        told[f"{kind}_cpu_ms_per_order"] = round(median[f"{kind}_cpu_ms"], 2)
        told[f"{kind}_failed"] = sum(run.failed for run in runs)
    for _, script in _RUNS:
        told[f"pgbench_{script}_per_second"] = round(median[script]) if script in median else None
    return told


def _ratio(median: dict[str, float], ours: str, bare: str) -> float | None:
    return round(median[ours] / median[bare], 3) if bare in median else None


def _truth() -> tuple[int, list[str]]:
    """Return what is promised of the raced item, and the names of the invariants that are broken."""
    with transaction(system("benchmark")) as uow:
        promised = uow.session.execute(
            text("select sum(r.quantity) from reservation r join item i on i.id = r.item_id where i.sku = 'RACE'")
        ).scalar_one()
        broken = [
            found.invariant.name for found in (check(uow, invariant) for invariant in INVARIANTS) if found.violated
        ]
    return int(promised or 0), broken


if __name__ == "__main__":
    main()
