"""The one door to walks: the same question and answer on a grid and on a floor of any other shape."""

from collections.abc import Iterable
from typing import TypeAlias

from fulfillment.domain.layout import GridLayout
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_routes import find_graph_route
from fulfillment.domain.routing.routes import Route, find_route

FloorLayout: TypeAlias = GridLayout | GraphLayout
"""A checked floor; `codes` are the locations on it, `access_point` says where each is picked from."""


def find_floor_route(layout: FloorLayout, bins: Iterable[str]) -> Route:
    """Return a short walk that starts at the depot, reaches every one of `bins` and ends at the best drop point.

    It is the shortest on a grid; on another floor the route says whether it is, and how much shorter one could be. Its
    corners are rounded to whole mm, its length is not: slanted ways sum up to it within a millimeter for each corner.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
        UnreachableBinsError: for locations to which no way leads.
    """
    if isinstance(layout, GridLayout):
        return find_route(layout, bins)
    found = find_graph_route(layout, bins)
    return Route(
        stops=found.stops,
        walk=tuple((round(x), round(y)) for x, y in found.walk) or (layout.plan.depot,),
        length_mm=found.length_mm,
        method=found.method,
        optimal=found.optimal,
        length_by_name_order_mm=found.length_by_name_order_mm,
        length_s_shape_mm=found.length_s_shape_mm,
        lower_bound_mm=found.lower_bound_mm,
    )
