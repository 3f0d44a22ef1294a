"""What the layers of a drawing hold, by their names."""

from collections.abc import Mapping
from typing import Final

from fulfillment.domain.floor_files.parts import KINDS, FloorFileError

CONVENTION: Final[dict[str, str]] = {
    "RACKS": "rack", "SHELVES": "rack", "AISLES": "aisle", "AISLES_ONE_WAY": "aisle:one_way",
    "CROSS_AISLES": "cross_aisle", "WALKWAYS": "walkway", "WALKWAYS_ONE_WAY": "walkway:one_way", "BINS": "bin",
    "LOCATIONS": "bin", "ZONES": "zone:storage", "PACKING": "zone:pack", "RECEIVING": "zone:receiving",
    "LANES": "zone:lane", "OBSTACLES": "obstacle", "COLUMNS": "obstacle", "FLOOR": "floor", "WALLS": "floor",
    "DEPOT": "depot", "DROPS": "drop",
}  # fmt: skip
"""Layers that are known without being told; one-way ways lead as they are drawn."""

_HOW: Final = {"aisle": {"one_way"}, "walkway": {"one_way"}, "zone": {"storage", "pack", "receiving", "lane"}}


def part_of_layer(layer: str, told: Mapping[str, str]) -> str:
    """Return what a layer holds, as `rack`, `aisle:one_way` or `zone:pack`; empty for one that holds nothing of use."""
    name = layer.strip().upper().replace("-", "_").replace(" ", "_")
    by_name = {key.strip().upper().replace("-", "_").replace(" ", "_"): value for key, value in told.items()}
    if name in by_name:
        return by_name[name]
    return CONVENTION.get(name) or CONVENTION.get(f"{name}S", "")


def read_layers(text: str) -> dict[str, str]:
    """Return what a person says of layers, as `A-WALL = rack, M-ONE = aisle:one_way, X = ignore`.

    Raises:
        FloorFileError: it says something else.
    """
    told = {}
    for pair in filter(None, (each.strip() for each in text.replace("\n", ",").split(","))):
        layer, _, kind = (each.strip() for each in pair.partition("="))
        part, _, how = kind.casefold().partition(":")
        known = part in KINDS and (not how or how in _HOW.get(part, set()))
        if not layer or not (known or part == "ignore"):
            raise FloorFileError(
                f"“{pair}” does not say what a layer holds.", pointer="/layers",
                remedy=f"Write LAYER = part, a part being one of {', '.join(KINDS)}, or ignore.",
            )  # fmt: skip
        told[layer] = "" if part == "ignore" else kind.casefold()
    return told
