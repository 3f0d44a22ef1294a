from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, sqrt

from shapely import box

from fulfillment.domain.layout import Aisle, Bin, CrossAisle, Rack, WarehousePlan, Zone

BAY_WIDTH_MM = 1200
RACK_DEPTH_MM = 600
AISLE_WIDTH_MM = 1600
CROSS_AISLE_WIDTH_MM = 2400
DOCK_DEPTH_MM = 8000
STATION_WIDTH_MM = 4800
LANES = 4
ZONES = "ABC"
MOST = (99, 49, 9, 5)
"""Most aisles, bays, levels and blocks that a location code of this width can name and the router can route."""
EXTRA_BLOCK_FROM = (400, 9000)
"""Numbers of locations from which one more cross-aisle in the middle saves more walking than it takes room."""

LEVELS_FOR = ((1800, 3), (5400, 4), (9000, 5))
TALLEST = 6
SPARE_LOCATIONS = 0.15
"""Share of locations kept empty for put-away and returns when a floor is sized for an assortment."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the repeated parts of the sample floor lie, in mm; the docks are in front, at y = 0."""

    aisles: int
    bays: int
    levels: int
    blocks: int

    @property
    def pitch(self) -> int:
        return AISLE_WIDTH_MM + 2 * RACK_DEPTH_MM

    @property
    def width(self) -> int:
        """Room for all aisles, and at least for receiving, packing and one lane side by side."""
        return max(self.aisles * self.pitch + CROSS_AISLE_WIDTH_MM, 3 * STATION_WIDTH_MM + self.pitch)

    @property
    def block_depth(self) -> int:
        return self.bays // self.blocks * BAY_WIDTH_MM

    @property
    def first_row(self) -> int:
        return DOCK_DEPTH_MM + CROSS_AISLE_WIDTH_MM // 2

    def row(self, number: int) -> int:
        return self.first_row + number * (self.block_depth + CROSS_AISLE_WIDTH_MM)

    def aisle_x(self, number: int) -> int:
        return (self.width - self.aisles * self.pitch) // 2 + number * self.pitch + self.pitch // 2

    @property
    def depth(self) -> int:
        return self.row(self.blocks) + CROSS_AISLE_WIDTH_MM // 2


def sample_warehouse(aisles: int = 12, bays: int = 20, levels: int = 3, blocks: int = 2) -> WarehousePlan:
    """Return a plausible shelving warehouse: racks on both sides of `aisles`, `bays` on each side over all blocks.

    Locations are named zone-aisle-bay-level (`A-07-03-2`), always as wide, bays odd on the left and even on the right
    as seen from the docks; zones split the aisles in three. The pack station is the depot; receiving is left of it and
    the carriers' staging lanes right of it. There are `aisles * 2 * bays * levels` locations.

    Raises:
        ValueError: for sizes that no such code can name, or bays that do not divide into the blocks.
    """
    sizes = (aisles, bays, levels, blocks)
    if bays % max(1, blocks) or not all(1 <= size <= most for size, most in zip(sizes, MOST, strict=True)):
        told = "A sample warehouse has up to {} aisles, {} bays, {} levels and {} blocks that divide the bays."
        raise ValueError(told.format(*MOST))
    grid = _Grid(aisles, bays, levels, blocks)
    return WarehousePlan(
        name=f"Sample warehouse, {aisles} aisles, {blocks} {'block' if blocks == 1 else 'blocks'}",
        floor=box(0, 0, grid.width, grid.depth),
        aisles=tuple(_aisles(grid)),
        cross_aisles=tuple(_cross_aisles(grid)),
        racks=tuple(_racks(grid)),
        zones=(*_storage_zones(grid), *_dock_zones(grid)),
        bins=tuple(_bins(grid)),
        depot=(grid.width // 2, DOCK_DEPTH_MM - 500),
    )


def sample_warehouse_for(skus: int) -> WarehousePlan:
    """Return a sample warehouse with a location for each of `skus` and some to spare, about as wide as deep."""
    if skus < 1:
        raise ValueError("A warehouse is sized for at least one SKU.")
    wanted = ceil(skus * (1 + SPARE_LOCATIONS))
    levels = next((levels for most, levels in LEVELS_FOR if wanted < most), TALLEST)
    blocks = 1 + sum(wanted >= least for least in EXTRA_BLOCK_FROM)
    faces = ceil(wanted / (2 * levels))
    square = sqrt(faces * (AISLE_WIDTH_MM + 2 * RACK_DEPTH_MM) / BAY_WIDTH_MM)
    bays = min(48, max(blocks, round(square / blocks) * blocks))
    return sample_warehouse(ceil(faces / bays), bays, levels, blocks)


def _aisles(grid: _Grid) -> Iterator[Aisle]:
    for number in range(grid.aisles):
        yield Aisle(
            f"{number + 1:02d}", grid.aisle_x(number), grid.first_row, grid.row(grid.blocks), width_mm=AISLE_WIDTH_MM
        )


def _cross_aisles(grid: _Grid) -> Iterator[CrossAisle]:
    for number in range(grid.blocks + 1):
        yield CrossAisle(f"X{number + 1}", grid.row(number), 0, grid.width, width_mm=CROSS_AISLE_WIDTH_MM)


def _racks(grid: _Grid) -> Iterator[Rack]:
    for number, block, side in product(range(grid.aisles), range(grid.blocks), "LR"):
        inner = grid.aisle_x(number) + (-1 if side == "L" else 1) * AISLE_WIDTH_MM // 2
        outer = inner + (-1 if side == "L" else 1) * RACK_DEPTH_MM
        front = grid.row(block) + CROSS_AISLE_WIDTH_MM // 2
        outline = box(min(inner, outer), front, max(inner, outer), front + grid.block_depth)
        yield Rack(f"{number + 1:02d}{side}{block + 1}", outline)


def _bins(grid: _Grid) -> Iterator[Bin]:
    per_block = grid.bays // grid.blocks
    away = (AISLE_WIDTH_MM + RACK_DEPTH_MM) // 2
    for number, bay, side, level in product(range(grid.aisles), range(grid.bays), "LR", range(1, grid.levels + 1)):
        block, inside = divmod(bay, per_block)
        zone, aisle = _zone_of(grid, number), f"{number + 1:02d}"
        label = 2 * bay + (1 if side == "L" else 2)
        yield Bin(
            code=f"{zone}-{aisle}-{label:02d}-{level}",
            zone=zone,
            aisle=aisle,
            side=side,
            level=level,
            x_mm=grid.aisle_x(number) + (-away if side == "L" else away),
            y_mm=grid.row(block) + CROSS_AISLE_WIDTH_MM // 2 + inside * BAY_WIDTH_MM + BAY_WIDTH_MM // 2,
        )


def _zone_of(grid: _Grid, aisle: int) -> str:
    return ZONES[aisle * len(ZONES) // grid.aisles] if grid.aisles >= len(ZONES) else ZONES[0]


def _storage_zones(grid: _Grid) -> Iterator[Zone]:
    numbers = range(grid.aisles)
    for code in sorted({_zone_of(grid, number) for number in numbers}):
        xs = [grid.aisle_x(number) for number in numbers if _zone_of(grid, number) == code]
        half = grid.pitch // 2
        yield Zone(code, "storage", box(xs[0] - half, DOCK_DEPTH_MM, xs[-1] + half, grid.depth))


def _dock_zones(grid: _Grid) -> Iterator[Zone]:
    middle, half = grid.width // 2, STATION_WIDTH_MM // 2
    yield Zone("RECV", "receiving", box(0, 0, STATION_WIDTH_MM, DOCK_DEPTH_MM - 2000))
    yield Zone("PACK", "pack", box(middle - half, DOCK_DEPTH_MM - 4500, middle + half, DOCK_DEPTH_MM - 500))
    start, end = middle + half + 600, grid.width
    step = (end - start) // LANES
    for lane in range(LANES):
        left = start + lane * step
        yield Zone(f"LANE-{lane + 1}", "lane", box(left, 0, left + step - 200, DOCK_DEPTH_MM - 2000))
