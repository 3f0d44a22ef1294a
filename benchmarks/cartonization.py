"""How small the cartons are that orders are packed into, how long choosing takes, and whether every placement holds.

`python -m benchmarks.cartonization --orders FILE --answers OUT` prints one JSON line and writes the answers: order id
-> list of {carton, placements}, a placement being [item, x, y, z, length, width, height] in mm inside the carton;
`carton` is null for a piece that ships in its own container. FILE holds `boxes` (inner sides l, w, d, tare ew and
greatest gross weight mw, outer sides ol, ow, od) and `orders` of items (sides l, w, d, weight g, quantity q). An order
may name the `smallest` box that holds it all. Times are CPU milliseconds, one order after another in one thread; every
placement is checked again here against the file alone. With --prove, what the search could not decide is decided by the
code of the workers afterwards: `proof` tells how many orders had a larger carton than the proven smallest before, and
the answers and the other figures, but for the times, are those after it.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from shipping.domain.carton_plans import CartonType, PackItem, PackPlan
from shipping.domain.carton_space import Dims, Unit
from shipping.domain.cartons import choose_carton
from shipping.domain.packing_proof import decide_fit
from shipping.domain.packing_verdicts import Verdict, shapes_of
from shipping.proving import EFFORT

_CLASSES = ((8, "to_8"), (20, "9_to_20"), (40, "21_to_40"), (1_000_000, "41_and_more"))
Row = Mapping[str, Any]
Answer = list[dict[str, Any]]
_Known = Mapping[Dims, Verdict]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=Path, required=True, help="file of boxes and orders")
    parser.add_argument("--answers", type=Path, required=True, help="file to write the plans to")
    parser.add_argument("--prove", action="store_true", help="decide what is in doubt, as the workers do, and say so")
    parser.add_argument("--limit", type=int, help="take only so many orders, evenly spread")
    chosen = parser.parse_args()
    if not chosen.orders.is_file():
        print(json.dumps({"skipped": f"there is no file {chosen.orders}"}))
        return
    document = json.loads(chosen.orders.read_text())
    boxes = {box["id"]: box for box in document["boxes"]}
    orders = _spread(document["orders"], chosen.limit)
    cartons = [carton_of(box) for box in document["boxes"]]
    plans: dict[str, PackPlan] = {}
    spent: dict[str, list[float]] = defaultdict(list)
    for order in orders:
        items = items_of(order)
        before = time.process_time()
        plans[order["id"]] = choose_carton(items, cartons)
        spent[_size_class(sum(item.quantity for item in items))].append(1_000 * (time.process_time() - before))
    proof = prove(orders, cartons, plans) if chosen.prove else {}
    answers = {order_id: answer(plan) for order_id, plan in plans.items()}
    chosen.answers.write_text(json.dumps(answers))
    print(json.dumps(_figures(orders, boxes, answers, plans, spent) | proof))


def carton_of(box: Row) -> CartonType:
    """Return a box of the file as a carton; without prices the smaller one is the cheaper one."""
    inner = (box["l"], box["w"], box["d"])
    outer = (box.get("ol", box["l"]), box.get("ow", box["w"]), box.get("od", box["d"]))
    return CartonType(box["id"], inner, outer, box["ew"], 0.0, box["mw"], inner[0] * inner[1] * inner[2])


def items_of(order: Row) -> list[PackItem]:
    """Return what an order of the file holds."""
    return [PackItem(row["id"], row["l"], row["w"], row["d"], row["g"], row["q"]) for row in order["items"]]


def prove(orders: Sequence[Row], cartons: Sequence[CartonType], plans: dict[str, PackPlan]) -> dict[str, object]:
    """Decide what is in doubt and plan these orders again with the answers, in place; return what came of it."""
    seconds: list[float] = []
    larger, unknown = [], []
    for order in orders:
        plan = plans[order["id"]]
        if not plan.doubts:
            continue
        verdicts: dict[Dims, Verdict] = {}

        def recall(units: Sequence[Unit], known: dict[Dims, Verdict] = verdicts, found: PackPlan = plan) -> _Known:
            for _, inner in found.doubts:
                before = time.process_time()
                known[inner] = decide_fit(shapes_of(units), inner, effort=EFFORT)
                seconds.append(time.process_time() - before)
            return known

        plans[order["id"]] = choose_carton(items_of(order), cartons, recall=recall)
        if any(verdict.answer == "unknown" for verdict in verdicts.values()):
            unknown.append(order["id"])
        if any(verdict.answer == "fits" for verdict in verdicts.values()):
            larger.append(order["id"])
    return {
        "proof": {
            "questions": len(seconds),
            "cpu_seconds": round(sum(seconds), 2),
            "most_cpu_seconds": round(max(seconds, default=0), 2),
            "share_not_larger_before": round(1 - len(larger) / len(orders), 5),
            "larger_before": larger[:20],
            "undecided": unknown[:20],
        }
    }


def answer(plan: PackPlan) -> Answer:
    """Return a plan as it is written to the answers."""
    return [
        {
            "carton": parcel.carton.code if parcel.carton else None,
            "placements": [[p.ref, p.x_mm, p.y_mm, p.z_mm, p.l_mm, p.w_mm, p.h_mm] for p in parcel.placements],
        }
        for parcel in plan.parcels
    ]


def faults(order: Row, boxes: Mapping[str, Row], parcels: Answer) -> list[str]:
    """Return what is wrong with an order's answer, held against the file alone."""
    found = []
    rows = {row["id"]: row for row in order["items"]}
    ordered = Counter[str]()
    for row in order["items"]:
        ordered[row["id"]] += row["q"]
    if Counter(place[0] for parcel in parcels for place in parcel["placements"]) != ordered:
        found.append("contents")
    for parcel in parcels:
        places = parcel["placements"]
        if any(sorted(p[4:7]) != sorted((rows[p[0]]["l"], rows[p[0]]["w"], rows[p[0]]["d"])) for p in places):
            found.append("sides")
        if parcel["carton"] is not None:
            found += _carton_faults(boxes[parcel["carton"]], rows, places)
        if any(_overlap(one, other) for one, other in combinations(places, 2)):
            found.append("overlap")
    return found


def _carton_faults(box: Row, rows: Mapping[str, Row], places: Sequence[Sequence[Any]]) -> list[str]:
    inner = (box["l"], box["w"], box["d"])
    is_inside = all(p[axis + 1] >= 0 and p[axis + 1] + p[axis + 4] <= inner[axis] for p in places for axis in range(3))
    is_light = box["ew"] + sum(rows[p[0]]["g"] for p in places) <= box["mw"]
    return [*([] if is_inside else ["outside"]), *([] if is_light else ["weight"])]


def _overlap(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(
        one[axis + 1] < other[axis + 1] + other[axis + 4] and other[axis + 1] < one[axis + 1] + one[axis + 4]
        for axis in range(3)
    )


def _figures(
    orders: Sequence[Row], boxes: Mapping[str, Row], answers: Mapping[str, Answer], plans: Mapping[str, PackPlan],
    spent: Mapping[str, Sequence[float]],
) -> dict[str, Any]:  # fmt: skip
    parcels = [parcel for plan in plans.values() for parcel in plan.parcels]
    return {
        "orders": len(orders),
        "single_carton": sum(len(plan.parcels) == 1 for plan in plans.values()),
        "cartons": len(parcels),
        "proven": sum(plan.proof == "proven" for plan in plans.values()),
        "invalid": sum(bool(faults(order, boxes, answers[order["id"]])) for order in orders),
        "not_larger": _not_larger(orders, boxes, answers),
        "cpu_ms": {name: _told(spent[name]) for _, name in _CLASSES if name in spent},
    }


def _not_larger(orders: Sequence[Row], boxes: Mapping[str, Row], answers: Mapping[str, Answer]) -> object:
    """Tell the share of orders in one carton that is not larger than the smallest one which the file names."""
    known = [order for order in orders if order.get("smallest")]
    if not known:
        return None
    larger = [order["id"] for order in known if _size(boxes, answers[order["id"]]) > _room(boxes[order["smallest"]])]
    return {"orders": len(known), "share": round(1 - len(larger) / len(known), 5), "larger": larger[:20]}


def _size(boxes: Mapping[str, Row], parcels: Answer) -> float:
    is_one = len(parcels) == 1 and parcels[0]["carton"] is not None
    return _room(boxes[parcels[0]["carton"]]) if is_one else float("inf")


def _room(box: Row) -> float:
    return float(box["l"] * box["w"] * box["d"])


def _spread(orders: list[Row], limit: int | None) -> list[Row]:
    return orders[:: max(1, len(orders) // limit)][:limit] if limit else orders


def _size_class(units: int) -> str:
    return next(name for most, name in _CLASSES if units <= most)


def _told(spent: Sequence[float]) -> dict[str, float]:
    ordered = sorted(spent)
    at = {p: round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)], 2) for p in (50, 95, 99)}
    mean = round(sum(ordered) / len(ordered), 2)
    return {"orders": len(ordered), "mean": mean, **{f"p{p}": ms for p, ms in at.items()}, "max": round(ordered[-1], 2)}


if __name__ == "__main__":
    main()
