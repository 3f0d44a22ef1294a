"""A drawn floor becomes a grid where it is one, and a graph where it is not."""

from dataclasses import replace

from fulfillment.domain.layout import WarehousePlan
from fulfillment.domain.layout_compiler import MOST_BLOCKS, compile_layout
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.graph_compiler import compile_graph


def compile_floor(plan: WarehousePlan) -> FloorLayout:
    """Check a floor plan and return the layout on which its walks are computed.

    Raises:
        LayoutError: names every part of the plan that cannot be walked.
    """
    walked = plan
    if plan.closed_bins:
        walked = replace(plan, bins=tuple(each for each in plan.bins if each.code not in plan.closed_bins))
    if is_grid(plan):
        return replace(compile_layout(walked), plan=plan)
    return replace(compile_graph(walked), plan=plan)


def is_grid(plan: WarehousePlan) -> bool:
    """Return whether a floor has nothing but parallel aisles, walked both ways, and cross-aisles that span them all."""
    if plan.walkways or not plan.aisles or any(aisle.one_way for aisle in plan.aisles):
        return False
    rows = sorted({cross.y_mm for cross in plan.cross_aisles})
    if not 1 < len(rows) <= MOST_BLOCKS + 1:
        return False
    left, right = min(aisle.x_mm for aisle in plan.aisles), max(aisle.x_mm for aisle in plan.aisles)
    reaching = all(aisle.y_from_mm <= rows[0] and rows[-1] <= aisle.y_to_mm for aisle in plan.aisles)
    return reaching and all(cross.x_from_mm <= left and right <= cross.x_to_mm for cross in plan.cross_aisles)
