"""Reads published order batching instances, and waves of our own."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from shapely import Polygon

from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.layout import Depot, GridLayout, Stand, WarehousePlan

UNIT = 1000
"""One length unit of the files, as mm of a layout."""

_NOWHERE = WarehousePlan("published instance", Polygon(), (), (), (), (), (), (0, 0))


@dataclass(frozen=True, slots=True)
class BatchingInstance:
    """One file and the orders in it."""

    name: str
    case: BatchingCase


def read_batching(path: Path, entry: float | None) -> BatchingInstance:
    """Read a file; `entry` replaces its distance from the cross-aisles to the first cells."""
    lines = path.read_text(encoding="latin-1").splitlines()
    head = {key.strip(): value.strip() for key, _, value in (line.partition(" : ") for line in lines) if value}
    if entry is not None:
        head["DISTANCE_TOP_TO_CELL"] = head["DISTANCE_BOTTOM_TO_CELL"] = str(entry)
    weights: dict[str, int] = {}
    places: dict[str, Stand] = {}
    orders: list[list[str]] = []
    loads: list[int] = []
    for words in (line.split() for line in lines):
        if words[:1] == ["ID"] and "AISLE" in words:
            aisle, cell = int(words[words.index("AISLE") + 1]), int(words[words.index("CELL") + 1])
            places[words[1]] = Stand(aisle, _height(head, cell))
        elif words[:1] == ["ID"] and words[2:3] == ["WEIGHT"]:
            weights[words[1]] = int(words[3])
        elif words[:1] == ["NUM_ARTICLES_IN_ORDER"]:
            orders.append([])
            loads.append(0)
        elif words[:1] == ["ID"] and words[2:3] == ["QUANTITY"]:
            orders[-1].append(words[1])
            loads[-1] += weights[words[1]] * int(words[3])
    stands = tuple(tuple(sorted({places[article] for article in order})) for order in orders)
    capacity = (int(head["PICKER_CAPACITY"]),)
    return BatchingInstance(path.name, BatchingCase(_layout(head), stands, tuple((load,) for load in loads), capacity))


def read_best(folder: Path) -> dict[str, float]:
    """Return the best totals known by file name, empty if the folder has none."""
    path = folder / "best.csv"
    if not path.exists():
        return {}
    with path.open(encoding="latin-1") as rows:
        return {row["file"]: float(row["best_known"]) for row in csv.DictReader(rows)}


def read_wave(path: Path) -> BatchingCase:
    """Read a wave of orders, each pick as [aisle, block, cell]; a cart takes so many items and so many orders."""
    wave = json.loads(path.read_text())
    block, depot = _mm(wave["block_length"]), wave["depot"]
    rows = tuple(row * block for row in range(wave["cross_aisles"]))
    columns = tuple(aisle * _mm(wave["aisle_pitch"]) for aisle in range(wave["aisles"]))
    row, stub = depot["cross_aisle"], _mm(depot["stub"])
    x = columns[depot["aisle"]]
    layout = GridLayout(_NOWHERE, columns, rows, {}, Depot((x, rows[row] - stub), x, row, stub))
    first, pitch = _mm(wave["first_cell_offset"]), _mm(wave["cell_pitch"])
    orders = tuple(
        tuple(sorted({Stand(aisle, rows[number] + first + cell * pitch) for aisle, number, cell in order}))
        for order in wave["orders"]
    )
    loads = tuple((len(order), 1) for order in wave["orders"])
    return BatchingCase(layout, orders, loads, (wave["capacity_items"], wave["max_orders"]))


def _layout(head: dict[str, str]) -> GridLayout:
    top = _height(head, 0) + _mm(head["DISTANCE_TOP_TO_CELL"])
    columns = tuple(number * _mm(head["DISTANCE_AISLE_TO_AISLE"]) for number in range(int(head["NUM_AISLES"])))
    x, stub = columns[int(head["DEPOT_AISLE"])], _mm(head["DISTANCE_TOP_OR_BOTTOM_TO_DEPOT"])
    is_front = head["DEPOT_LOCATION"] == "bottom"
    at = (x, -stub if is_front else top + stub)
    return GridLayout(_NOWHERE, columns, (0, top), {}, Depot(at, x, 0 if is_front else 1, stub))


def _height(head: dict[str, str], cell: int) -> int:
    """Return the y of a cell in mm; cells count from the top."""
    number = int(head["NUM_CELLS"]) - 1 - cell
    return _mm(head["DISTANCE_BOTTOM_TO_CELL"]) + number * _mm(head["DISTANCE_CELL_TO_CELL"])


def _mm(value: object) -> int:
    return round(float(str(value)) * UNIT)
