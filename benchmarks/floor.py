"""How far pickers walk for a line: orders one by one in the order of location names, or as this product plans them.

`python -m benchmarks.floor --data DIR --answers OUT` prints one JSON line. It takes the days of `picking_lines` on
their own floor of one block, where each article lies in one place, and the orders of `olist_main` in waves of `--wave`
on a generated floor of three blocks, where each article lies in two places drawn at random. Step by step: each order
alone in the order of names from the first place; the same on the shortest walks; twelve orders to a cart; and of equal
places those that each cart comes by. Every wave is searched for `--seconds` CPU seconds. `ratio` is the first over the
last. The carts and their walks in mm are written to OUT.
"""

import argparse
import csv
import json
import random
import time
from ast import literal_eval
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shapely import Polygon

from fulfillment.domain.annealing.annealing import improve_plan, warm_up
from fulfillment.domain.annealing.cases import BatchingCase, CartPlan
from fulfillment.domain.batching import CART
from fulfillment.domain.layout import Depot, GridLayout, Stand, WarehousePlan
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing import speed
from fulfillment.domain.routing.routes import tour_length
from fulfillment.domain.routing.rules import name_order, visiting_length
from fulfillment.domain.sample_layout import sample_warehouse
from fulfillment.domain.wave_choice import choose_together, likely_carts

_NOWHERE = WarehousePlan("published floor", Polygon(), (), (), (), (), (), (0, 0))
_FRONT_MM, _BACK_MM = 1500, 1500
"""From the outermost places to the cross-aisles."""

_PLACES = 2
_UNITS = 10
"""Of each article in every place of the generated floor."""


@dataclass(frozen=True, slots=True)
class _Floor:
    """Waves of orders, each the articles in it, and the locations of every article, first record first."""

    layout: GridLayout
    locations: Mapping[str, Sequence[str]]
    waves: Sequence[Sequence[Sequence[str]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with picking_lines and olist_main")
    parser.add_argument("--answers", type=Path, required=True, help="file to write the carts to")
    parser.add_argument("--seconds", type=float, default=2, help="CPU seconds to search for each wave")
    parser.add_argument("--wave", type=int, default=400, help="orders in a wave of the generated floor")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    is_compiled = speed.warm_up() and warm_up()
    floors = {
        "picking_lines": _published(chosen.data / "picking_lines" / "df_lines.csv"),
        "olist": _generated(chosen.data / "olist_main", chosen.wave, chosen.seed),
    }
    figures: dict[str, object] = {"compiled": is_compiled, "seconds": chosen.seconds}
    answers = {}
    for name, floor in floors.items():
        figures[name], answers[name] = _compared(floor, chosen.seed, chosen.seconds)
    chosen.answers.write_text(json.dumps(answers))
    print(json.dumps(figures))


def _compared(floor: _Floor, seed: int, seconds: float) -> tuple[dict[str, float], list[dict[str, object]]]:
    totals: dict[str, int] = defaultdict(int)
    plans: list[dict[str, object]] = []
    for wave in floor.waves:
        first = [sorted({floor.locations[article][0] for article in order}) for order in wave]
        stands = [floor.layout.stands_of(codes) for codes in first]
        totals["name_order"] += sum(visiting_length(floor.layout, name_order(floor.layout, of)) for of in stands)
        totals["shortest_alone"] += sum(tour_length(floor.layout, of.values()) for of in stands)
        totals["on_carts"] += _planned(floor.layout, first, seed, seconds).total_mm
        before = time.process_time()
        places = _chosen(floor, wave)
        plan = _planned(floor.layout, places, seed, max(0.1, seconds - (time.process_time() - before)))
        totals["planned"] += plan.total_mm
        plans.append({"carts": plan.carts, "lengths_mm": plan.lengths_mm})
    orders = [order for wave in floor.waves for order in wave]
    lines = sum(map(len, orders))
    told: dict[str, float] = {"orders": len(orders), "lines": lines, "waves": len(floor.waves)}
    told |= {f"m_per_line_{rule}": round(total / 1000 / lines, 2) for rule, total in totals.items()}
    return told | {"ratio": round(totals["name_order"] / totals["planned"], 2)}, plans


def _chosen(floor: _Floor, wave: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the locations that each order of a wave is picked from: those that its likely cart passes anyway."""
    orders = [[floor.locations[article][0] for article in order] for order in wave]
    found: list[list[str]] = [[] for _ in wave]
    for cart in likely_carts(floor.layout, orders, CART.totes):
        articles = {article for number in cart for article in wave[number]}
        chosen = choose_together(
            floor.layout, {each: dict.fromkeys(floor.locations[each], _UNITS) for each in articles}
        )
        for number in cart:
            found[number] = sorted({chosen[article] for article in wave[number]})
    return found


def _planned(layout: GridLayout, orders: Sequence[Sequence[str]], seed: int, seconds: float) -> CartPlan:
    stands = tuple(tuple(sorted(set(layout.stands_of(codes).values()))) for codes in orders)
    case = BatchingCase(layout, stands, ((1,),) * len(stands), (CART.totes,))
    before = time.process_time()
    return list(improve_plan(case, seed=seed, spent=lambda: (time.process_time() - before) / seconds))[-1]


def _published(path: Path) -> _Floor:
    """Read lines whose places have coordinates in metres; a walk starts in front of the middle aisle."""
    with path.open(encoding="utf-8") as rows:
        lines = list(csv.DictReader(rows))
    at = {line["Location"]: literal_eval(line["Coord"]) for line in lines}
    sides: dict[str, set[float]] = defaultdict(set)
    for line in lines:
        sides[line["Alley_Number"]].add(at[line["Location"]][0])
    middle = {alley: round(500 * (min(xs) + max(xs))) for alley, xs in sides.items()}
    columns = tuple(sorted(middle.values()))
    ys = [round(1000 * y) for _, y in at.values()]
    rows_mm = (min(ys) - _FRONT_MM, max(ys) + _BACK_MM)
    x = columns[len(columns) // 2]
    stands = {
        line["Location"]: Stand(columns.index(middle[line["Alley_Number"]]), round(1000 * at[line["Location"]][1]))
        for line in lines
    }
    layout = GridLayout(_NOWHERE, columns, rows_mm, stands, Depot((x, rows_mm[0]), x, 0, 0))
    days: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        days[line["DATE"]][line["OrderNumber"]].append(line["Location"])
    waves = [[sorted(set(order)) for order in of.values()] for of in days.values()]
    return _Floor(layout, {code: (code,) for code in stands}, waves)


def _generated(folder: Path, wave: int, seed: int) -> _Floor:
    """Put every article into two locations of three blocks; take the orders as they came in."""
    with (folder / "orders.csv").open(encoding="utf-8") as rows:
        bought = {row["order_id"]: row["order_purchase_timestamp"] for row in csv.DictReader(rows)}
    orders: dict[str, set[str]] = defaultdict(set)
    with (folder / "order_items.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            orders[row["order_id"]].add(row["product_id"])
    articles = sorted(set().union(*orders.values()))
    layout = compile_layout(_floor_for(_PLACES * len(articles)))
    codes = random.Random(seed).sample(sorted(layout.stands), _PLACES * len(articles))  # noqa: S311 - draws test data
    locations = {article: codes[at * _PLACES : (at + 1) * _PLACES] for at, article in enumerate(articles)}
    in_turn = [sorted(orders[order_id]) for order_id in sorted(orders, key=lambda each: (bought[each], each))]
    return _Floor(layout, locations, _cut(in_turn, wave))


def _floor_for(locations: int) -> WarehousePlan:
    bays, levels = 24, 4
    return sample_warehouse(-(-locations // (2 * bays * levels)), bays, levels, blocks=3)


def _cut(orders: Sequence[Sequence[str]], size: int) -> list[Sequence[Sequence[str]]]:
    return [orders[at : at + size] for at in range(0, len(orders), size)]


if __name__ == "__main__":
    main()
