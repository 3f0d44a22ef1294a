"""How many meters are saved by choosing where to pick, in a house where most items lie in several places.

`python -m benchmarks.choosing --orders 200` draws a seeded wave on the sample floor and prints one JSON line: meters
of all carts when every line takes the smallest bin that has enough (what the stock's rule does alone), and when the
bins are chosen on the exact router; carts by the same seed rule, then after one CPU second of search. Both choices
obey the same rules (FEFO, faces before bulk).
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from fulfillment.domain.annealing.annealing import improve_plan, warm_up
from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing import speed
from fulfillment.domain.sample_layout import sample_warehouse
from fulfillment.planning.choosing import LineKey, propose_picks
from inventory import api as inventory

TOTES = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--places", type=int, default=4, help="bins of each item")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    speed.warm_up()
    warm_up()
    layout = compile_layout(sample_warehouse())
    choice = _house(layout, Random(asked.seed), asked.orders, asked.places)  # noqa: S311 - draws sample data
    orders = sorted({line[:2] for line in choice.wanted})
    plain = _alone(choice)
    before = time.process_time()
    picks = propose_picks(layout, choice, [orders], totes=TOTES, is_over=lambda: False)
    seconds = time.process_time() - before
    proposed = {line: [pick.location_code for pick in of_line] for line, of_line in picks.items()}
    figures = {"orders": len(orders), "lines": len(choice.wanted), "seconds": round(seconds, 2)}
    for name, codes in (("by_rule", plain), ("chosen", proposed)):
        first, last = _meters(layout, orders, codes)
        figures |= {f"{name}_first_m": first, f"{name}_m": last}
    figures["saved_percent"] = round(100 * (1 - figures["chosen_m"] / figures["by_rule_m"]), 1)
    print(json.dumps(figures))


def _house(layout: GridLayout, dice: Random, orders: int, places: int) -> inventory.StockChoice:
    codes = sorted(layout.stands)
    bins = {
        ("mer", f"itm{item:03d}"): [
            inventory.Bin(code, code, "pick", dice.randint(10, 60), 0, False) for code in dice.sample(codes, places)
        ]
        for item in range(300)
    }
    wanted = {
        ("mer", f"ord{order:04d}", f"lin{line}", item): dice.randint(1, 3)
        for order in range(orders)
        for line, (_, item) in enumerate(dice.sample(sorted(bins), 1 + int(dice.expovariate(0.4))))
    }
    return inventory.StockChoice(wanted, bins, {})


def _alone(choice: inventory.StockChoice) -> dict[LineKey, list[str]]:
    bins, found = {item: list(held) for item, held in choice.bins.items()}, {}
    for line, units in choice.wanted.items():
        held = bins[line[0], line[3]]
        picks = inventory.choose_in_order(held, units)
        for chosen, taken in picks:
            at = next(number for number, each in enumerate(held) if each.key == chosen.key)
            held[at] = replace(held[at], allocated=held[at].allocated + taken)
        found[line] = [chosen.location_code for chosen, _ in picks]
    return found


def _meters(layout: GridLayout, orders: list[tuple[str, str]], codes: Mapping[LineKey, list[str]]) -> tuple[int, int]:
    stands = [
        tuple({layout.stands[code] for line, found in codes.items() if line[:2] == order for code in found})
        for order in orders
    ]
    case = BatchingCase(layout, tuple(stands), ((1,),) * len(orders), (TOTES,))
    before = time.process_time()
    plans = list(improve_plan(case, seed=1, spent=time_since(before)))
    return plans[0].total_mm // 1000, plans[-1].total_mm // 1000


def time_since(before: float) -> Callable[[], float]:
    return lambda: time.process_time() - before


if __name__ == "__main__":
    main()
