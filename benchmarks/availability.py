"""Availability over HTTP, of one and of twenty SKUs a call, as a share of what bare SQL does beside it.

`python -m benchmarks.availability --limit-dir PATH` prints one JSON line. The folder holds the bare SQL: `schema.sql`,
`batch2.sql`, `pgb/atp1.sql` and `pgb/atp20.sql`; without it only the figures of the service are measured.
"""

import json
import statistics
from collections import defaultdict

from benchmarks._raw_client import CLIENTS
from benchmarks._stand import Stand, a_stand, options

_KINDS = ("atp1", "atp20")


def main() -> None:
    chosen = options(__doc__)
    with a_stand(chosen.limit_dir) as stand:
        print(json.dumps(_measure(stand, seconds=chosen.seconds, rounds=chosen.rounds)))


def _measure(stand: Stand, *, seconds: float, rounds: int) -> dict[str, object]:
    figures: dict[str, list[float]] = defaultdict(list)
    stand.drive("atp1", seconds=1.0)
    for _ in range(rounds):
        for kind in _KINDS:
            bare = stand.pgbench(kind, seconds=seconds)
            figures[f"pgbench_{kind}_per_second"] += [bare] if bare else []
            before = stand.cpu_seconds()
            load = stand.drive(kind, seconds=seconds)
            figures[f"{kind}_cpu_ms"].append((stand.cpu_seconds() - before) * 1000 / load.done)
            figures[f"{kind}_per_second"].append(load.per_second)
            figures[f"{kind}_p99_ms"].append(load.percentile(99))
            figures[f"{kind}_failed"].append(load.failed)
    median = {name: statistics.median(values) for name, values in figures.items() if values}
    ratios = {f"{kind}_ratio": _ratio(median, kind) for kind in _KINDS}
    return {**ratios, "clients": CLIENTS, **{name: round(value, 3) for name, value in median.items()}}


def _ratio(median: dict[str, float], kind: str) -> float | None:
    bare = median.get(f"pgbench_{kind}_per_second")
    return round(median[f"{kind}_per_second"] / bare, 3) if bare else None


if __name__ == "__main__":
    main()
