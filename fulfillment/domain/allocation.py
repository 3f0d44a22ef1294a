from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from fulfillment.domain.layout import GridLayout, UnreachableBinsError
from fulfillment.domain.routing import choice_search, speed
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_meter import GraphMeter

EFFORT = {2: 20_000, 3: 15_000, 4: 2_500, 5: 400, 6: 20}
"""By number of cross-aisles: walks that a search may measure, about 25 ms compiled."""
GRAPH_EFFORT = 600
"""Walks that a search may measure on a floor that is no grid, about 40 ms compiled."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """From which location each article is picked, and the shortest walk over all of them in mm."""

    places: Mapping[str, str]
    length_mm: int


def choose_places(layout: GridLayout, articles: Mapping[str, Sequence[str]], *, effort: float = 1.0) -> Allocation:
    """Return for each article one of its locations, so that the walk over all of them is short.

    All given locations must be good to pick from; who may take what from where is decided before. Cheapest insertion,
    then exchange on exact walks with restarts by aisle, see `choice_search.search`, for `effort` times `EFFORT` walks.
    The same question gives the same answer.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
        UnreachableBinsError: if no way leads to the places of some article.
        ValueError: for an article without a location.
    """
    if not all(articles.values()):
        raise ValueError("Every article needs a location.")
    names = sorted(articles, key=lambda name: (len(articles[name]), name))
    stands = layout.stands_of(chain.from_iterable(articles.values()))
    if not names:
        return Allocation({}, 0)
    meter = speed.TourMeter(layout, stands.values())
    measured = meter.lengths([[number] for number in range(len(meter.stands))])
    walk_to = {stand: length for stand, length in zip(meter.stands, measured, strict=True) if length is not None}
    near = {code: (walk_to[stand], code) for code, stand in stands.items() if stand in walk_to}
    codes = [sorted({code for code in articles[name] if code in near}, key=near.__getitem__) for name in names]
    if not all(codes):
        lost = chain.from_iterable(articles[name] for name, left in zip(names, codes, strict=True) if not left)
        raise UnreachableBinsError(tuple(sorted(lost)))
    flat = list(chain.from_iterable(codes))
    places, alone = meter.numbers(stands[code] for code in flat), [near[code][0] for code in flat]
    starts = [0, *accumulate(map(len, codes))]
    chosen, length = speed.choose(meter, (places, starts, alone), int(effort * EFFORT[len(layout.rows)]))
    return Allocation({name: flat[at] for name, at in zip(names, chosen, strict=True)}, length)


def choose_on_graph(layout: GraphLayout, articles: Mapping[str, Sequence[str]], *, effort: float = 1.0) -> Allocation:
    """Return for each article one of its locations on a floor that is no grid, as `choose_places` does on a grid; walks
    are short ones there, not proven to be the shortest.

    Raises:
        UnknownBinsError, UnreachableBinsError: see `GraphMeter`.
        ValueError: for an article without a location.
    """
    if not all(articles.values()):
        raise ValueError("Every article needs a location.")
    names = sorted(articles, key=lambda name: (len(articles[name]), name))
    if not names:
        return Allocation({}, 0)
    meter = GraphMeter(layout, chain.from_iterable(articles.values()))
    near = {code: (meter.measure([meter.number_of(code)]), code) for codes in articles.values() for code in codes}
    codes = [sorted(set(articles[name]), key=near.__getitem__) for name in names]
    flat = list(chain.from_iterable(codes))
    offers = [meter.number_of(code) for code in flat], [0, *accumulate(map(len, codes))], [near[c][0] for c in flat]
    chosen = [0] * len(names)
    work = [[0] * size for size in (len(meter.places), len(meter.places) + 1, len(names))]
    aisles = [place.edge for place in meter.places]
    length = choice_search.search(meter, offers, aisles, chosen, work, int(effort * GRAPH_EFFORT))
    return Allocation({name: flat[at] for name, at in zip(names, chosen, strict=True)}, length)
