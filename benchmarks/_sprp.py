"""Reads published single-picker routing instances, with or without scattered storage."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from shapely import Polygon

from fulfillment.domain.layout import Depot, GridLayout, Stand, WarehousePlan

UNIT = 1000
"""One length unit of the files, as mm of a layout."""

_NOWHERE = WarehousePlan("published instance", Polygon(), (), (), (), (), (), (0, 0))


@dataclass(frozen=True, slots=True)
class Instance:
    """One file: the floor, and for each article the codes (aisle-cell) of the places where it lies."""

    name: str
    layout: GridLayout
    articles: dict[str, tuple[str, ...]]


def read_instances(folder: Path, blocks: int) -> list[Instance]:
    return [_read(path, blocks) for path in sorted(folder.glob("*.txt"))]


def read_optima(folder: Path, blocks: int) -> dict[str, float]:
    """Return the proven optima by file name, empty if the folder has none."""
    path = folder / "optima.csv"
    if not path.exists():
        return {}
    column = {1: "single_block_optimum", 2: "two_block_optimum"}[blocks]
    with path.open(encoding="latin-1") as rows:
        return {row["file"]: float(row[column]) for row in csv.DictReader(rows)}


def _read(path: Path, blocks: int) -> Instance:
    head: dict[str, str] = {}
    articles: dict[str, list[str]] = defaultdict(list)
    stands: dict[str, Stand] = {}
    lines = path.read_text(encoding="latin-1").splitlines()
    head.update((key.strip(), value.strip()) for key, _, value in (line.partition(" : ") for line in lines) if value)
    for words in (line.split() for line in lines):
        if words[:1] == ["ID"] and "AISLE" in words:
            aisle, cell = int(words[words.index("AISLE") + 1]), int(words[words.index("CELL") + 1])
            code = f"{aisle:03}-{cell:03}"
            stands[code] = Stand(aisle, _height(head, cell, blocks))
            articles[words[1]].append(code)
    return Instance(path.name, _layout(head, stands, blocks), {key: tuple(of) for key, of in articles.items()})


def _layout(head: dict[str, str], stands: dict[str, Stand], blocks: int) -> GridLayout:
    cells = int(head["NUM_CELLS"])
    top = _height(head, 0, blocks) + _mm(head["DISTANCE_TOP_TO_CELL"])
    middle = (_height(head, cells // 2, blocks) + _height(head, cells // 2 - 1, blocks)) // 2
    rows = (0, top) if blocks == 1 else (0, middle, top)
    columns = tuple(number * _mm(head["DISTANCE_AISLE_TO_AISLE"]) for number in range(int(head["NUM_AISLES"])))
    x, stub = columns[int(head["DEPOT_AISLE"])], _mm(head["DISTANCE_TOP_OR_BOTTOM_TO_DEPOT"])
    is_front = head["DEPOT_LOCATION"] == "bottom"
    row = 0 if is_front else len(rows) - 1
    at = (x, rows[row] + (-stub if is_front else stub))
    return GridLayout(_NOWHERE, columns, rows, stands, Depot(at, x, row, stub))


def _height(head: dict[str, str], cell: int, blocks: int) -> int:
    """Return the y of a cell in mm: cells count from the top, and a middle cross-aisle takes one unit more."""
    number = int(head["NUM_CELLS"]) - 1 - cell
    y = _mm(head["DISTANCE_BOTTOM_TO_CELL"]) + number * _mm(head["DISTANCE_CELL_TO_CELL"])
    return y + UNIT if blocks == 2 and cell < int(head["NUM_CELLS"]) // 2 else y


def _mm(text: str) -> int:
    return round(float(text) * UNIT)
