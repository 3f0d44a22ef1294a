"""Which of several equal places to pick from, for orders that will share carts."""

from collections.abc import Mapping, Sequence

from fulfillment.domain.allocation import choose_places
from fulfillment.domain.annealing.annealing import improve_plan
from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.layout import GridLayout, Stand
from fulfillment.domain.routing.speed import TourMeter

ROUGH_EFFORT = 0.1
"""Part of the usual effort for a choice that only says which orders might share a cart."""


def likely_carts(layout: GridLayout, orders: Sequence[Sequence[str]], totes: int) -> list[tuple[int, ...]]:
    """Return carts of up to `totes` orders, picked at these location codes, that a seed rule puts together, by number.

    Orders without a place on the floor have a cart together.
    """
    stands = [tuple(sorted({layout.stands[code] for code in codes if code in layout.stands})) for codes in orders]
    placed = [number for number, of_order in enumerate(stands) if of_order]
    others = tuple(number for number, of_order in enumerate(stands) if not of_order)
    if not placed:
        return [others] if others else []
    case = BatchingCase(layout, tuple(stands[number] for number in placed), ((1,),) * len(placed), (totes,))
    plan = next(improve_plan(case, seed=1, spent=lambda: 1.0))
    return [tuple(placed[number] for number in cart) for cart in plan.carts] + ([others] if others else [])


def choose_together(
    layout: GridLayout, articles: Mapping[str, Mapping[str, int]], *, effort: float = 1.0
) -> dict[str, str]:
    """Return for each article one of its location codes, so that one walk over all of them is short; of choices with
    equally short walks, one that empties bins. An article tells of each code how many units stay there if it is chosen.

    Raises:
        UnknownBinsError, UnreachableBinsError: see `choose_places`.
    """
    found = choose_places(layout, {name: sorted(codes) for name, codes in articles.items()}, effort=effort)
    chosen = dict(found.places)
    swaps = [
        (left, name, code)
        for name, codes in articles.items()
        for code, left in codes.items()
        if left < codes[chosen[name]] and (left == 0 or layout.stands[code] == layout.stands[chosen[name]])
    ]
    if not swaps:
        return chosen
    meter = TourMeter(layout, {layout.stands[code] for codes in articles.values() for code in codes})
    for left, name, code in sorted(swaps):
        if left < articles[name][chosen[name]] and _length(meter, layout, chosen | {name: code}) <= found.length_mm:
            chosen[name] = code
    return chosen


def _length(meter: TourMeter, layout: GridLayout, chosen: Mapping[str, str]) -> int:
    visited: set[Stand] = {layout.stands[code] for code in chosen.values()}
    return meter.measure(meter.numbers_of(visited))
