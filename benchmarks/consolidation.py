"""How much zone skipping saves, how near that is to what no plan can beat, and how long planning takes.

`python -m benchmarks.consolidation` prints one JSON line. Parcels are drawn from a seed: from Reno, with twelve hubs,
pallets of 64 cubic feet and 1,300 lb, prices of the sample rate cards, and promises of 3 to 7 working days. Every plan
is priced anew here. Seconds are CPU time of this process and its threads, without the pricing of parcels.
"""

import argparse
import json
import time

from benchmarks._lanes import draw_lanes
from shipping.domain.zone_skip import DIRECT, REFUSED, Lanes
from shipping.domain.zone_skip_search import SkipPlan, plan_zone_skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    chosen = parser.parse_args()
    plan_zone_skip(draw_lanes(20, 1))  # loads the solver
    print(json.dumps({"plans": [measure(size, seed) for size in chosen.sizes for seed in chosen.seeds]}))


def measure(parcels: int, seed: int) -> dict[str, object]:
    lanes = draw_lanes(parcels, seed)
    before = time.process_time()
    plan = plan_zone_skip(lanes)
    seconds = time.process_time() - before
    base = lanes.baseline_minor
    return {
        "parcels": parcels, "seed": seed, "saving_percent": round(100 * plan.saved_minor / base, 3),
        "bound_percent": round(100 * plan.bound_minor / base, 3),
        "gap_points": round(100 * (plan.bound_minor - plan.saved_minor) / base, 3), "cpu_seconds": round(seconds, 2),
        "sent": int((plan.hub_of != DIRECT).sum()),
        "recomputed_equal": base - cost_anew(lanes, plan) == plan.saved_minor,
    }  # fmt: skip


def cost_anew(lanes: Lanes, plan: SkipPlan) -> int:
    """Price a plan parcel by parcel, apart from the product's own arithmetic."""
    total = 0
    loads = [[0, 0] for _ in lanes.hubs]
    for row, hub in enumerate(plan.hub_of.tolist()):
        price = int(lanes.direct_minor[row] if hub == DIRECT else lanes.via_minor[row, hub])
        if price == REFUSED:
            raise ValueError("a parcel goes where it may not")
        total += price
        if hub != DIRECT:
            loads[hub][0] += int(lanes.volume_mm3[row])
            loads[hub][1] += int(lanes.weight_g[row])
    for hub, (volume, weight) in zip(lanes.hubs, loads, strict=True):
        pallets = max(-(-volume // hub.max_volume_mm3), -(-weight // hub.max_weight_g))
        total += hub.fixed_minor * (pallets > 0) + hub.pallet_minor * pallets
    return total


if __name__ == "__main__":
    main()
