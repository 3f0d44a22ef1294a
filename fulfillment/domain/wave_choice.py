"""Which of several equal places to pick from, for orders that will share carts."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

from fulfillment.domain.allocation import choose_on_graph, choose_places
from fulfillment.domain.annealing.annealing import improve_plan
from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.graph_carts import CartCase, fill_by_seeds
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_meter import GraphMeter
from fulfillment.domain.routing.speed import TourMeter
from fulfillment.domain.savings import Load

ROUGH_EFFORT = 0.1
"""Part of the usual effort for a choice that only says which orders might share a cart."""


def likely_carts(layout: FloorLayout, orders: Sequence[Sequence[str]], totes: int) -> list[tuple[int, ...]]:
    """Return carts of up to `totes` orders, picked at these location codes, that a seed rule puts together, by number.

    Orders without a place on the floor have a cart together.
    """
    drawn = [sorted({code for code in codes if code in layout.codes}) for codes in orders]
    placed = [number for number, codes in enumerate(drawn) if codes]
    others = tuple(number for number, codes in enumerate(drawn) if not codes)
    if not placed:
        return [others] if others else []
    carts = _seeded(layout, [drawn[number] for number in placed], totes)
    return [tuple(placed[number] for number in cart) for cart in carts] + ([others] if others else [])


def _seeded(layout: FloorLayout, orders: Sequence[Sequence[str]], totes: int) -> Sequence[Sequence[int]]:
    if isinstance(layout, GraphLayout):
        meter, one, limit = GraphMeter(layout, chain.from_iterable(orders)), Load(1, 0, 0), Load(totes, 0, 0)
        visits = tuple(meter.numbers_of(codes) for codes in orders)
        return fill_by_seeds(CartCase(meter, visits, (one,) * len(visits), limit))
    visited = tuple(tuple(sorted({layout.stands[code] for code in codes})) for codes in orders)
    case = BatchingCase(layout, visited, ((1,),) * len(visited), (totes,))
    return next(improve_plan(case, seed=1, spent=lambda: 1.0)).carts


def choose_together(
    layout: FloorLayout, articles: Mapping[str, Mapping[str, int]], *, effort: float = 1.0
) -> dict[str, str]:
    """Return for each article one of its location codes, so that one walk over all of them is short; of choices with
    equally short walks, one that empties bins. An article tells of each code how many units stay there if it is chosen.

    Raises:
        UnknownBinsError, UnreachableBinsError: see `choose_places`.
    """
    listed = {name: sorted(codes) for name, codes in articles.items()}
    if isinstance(layout, GridLayout):
        found = choose_places(layout, listed, effort=effort)
    else:
        found = choose_on_graph(layout, listed, effort=effort)
    chosen = dict(found.places)
    swaps = [
        (left, name, code)
        for name, codes in articles.items()
        for code, left in codes.items()
        if left < codes[chosen[name]] and (left == 0 or layout.access_point(code) == layout.access_point(chosen[name]))
    ]
    if not swaps:
        return chosen
    measure = _measure(layout, set(chain.from_iterable(articles.values())))
    for left, name, code in sorted(swaps):
        if left < articles[name][chosen[name]] and measure((chosen | {name: code}).values()) <= found.length_mm:
            chosen[name] = code
    return chosen


def _measure(layout: FloorLayout, codes: Collection[str]) -> Callable[[Iterable[str]], int]:
    """Return what measures the walk over some of these locations, in mm."""
    if isinstance(layout, GraphLayout):
        ways = GraphMeter(layout, codes)
        return lambda chosen: ways.measure(ways.numbers_of(chosen))
    stands = layout.stands
    meter = TourMeter(layout, {stands[code] for code in codes})
    return lambda chosen: meter.measure(meter.numbers_of({stands[code] for code in chosen}))
