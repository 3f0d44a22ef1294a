"""Parcels of one house to the whole of a country, hubs in twelve towns of it, and what both ways cost, by chance."""

import random
from datetime import date
from typing import Final

import numpy as np

from shipping.domain.batch_rates import REFUSED, BatchQuotes, rate_parcels
from shipping.domain.rates import Parcel
from shipping.domain.sample_rates import sample_rate_cards
from shipping.domain.zone_skip import Hub, Lanes
from shipping.domain.zones import Place, great_circle_km

TOWNS: Final = {
    "SEA": (47.6, -122.3), "LAX": (34.1, -118.2), "PHX": (33.4, -112.1), "DEN": (39.7, -105.0), "DFW": (32.8, -96.8),
    "HOU": (29.8, -95.4), "MSP": (45.0, -93.3), "CHI": (41.9, -87.6), "ATL": (33.7, -84.4), "MIA": (25.8, -80.2),
    "EWR": (40.7, -74.2), "BOS": (42.4, -71.1),
}  # fmt: skip
HOUSE: Final = (39.5, -119.8)
SHIP_ON: Final = date(2026, 11, 23)
AREAS = 900
_CUBIC_FOOT, _POUND = 28_316_847, 453.59237


def draw_lanes(parcels: int, seed: int) -> Lanes:
    """Return so many parcels from Reno with twelve hubs: pallets of 64 cubic feet and 1,300 lb."""
    draw = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    areas = [_area(draw, number) for number in range(AREAS)]
    crowd = [draw.lognormvariate(0, 1) for _ in areas]
    places = draw.choices(areas, crowd, k=parcels)
    boxes = [_box(draw) for _ in places]
    allowed = np.array(draw.choices((3, 4, 5, 6, 7), (1, 2, 3, 3, 2), k=parcels))
    cards = [card for card in sample_rate_cards("USD") if card.carrier != "cargo_line"]
    direct = _cheapest(rate_parcels(boxes, _place("US", *HOUSE), places, cards, charts={}, ship_on=SHIP_ON), allowed)
    hubs, via = [], []
    for code, town in TOWNS.items():
        km = great_circle_km(HOUSE, town)
        days = 1 + int(km // 1_000)
        hubs.append(Hub(code, 5_000, 25_000 + int(12 * km), 64 * _CUBIC_FOOT, int(1_300 * _POUND)))
        quotes = rate_parcels(boxes, _place("US", *town), places, cards, charts={}, ship_on=SHIP_ON)
        via.append(_cheapest(quotes, allowed - days))
    # What no service brings in time goes the fastest way there is, and by no hub.
    fastest = rate_parcels(boxes, _place("US", *HOUSE), places, cards, charts={}, ship_on=SHIP_ON).cost_minor.max(
        axis=1
    )
    return Lanes(
        tuple(hubs), np.where(direct == REFUSED, fastest, direct), np.stack(via, axis=1),
        np.array([a * b * c for a, b, c in (box.outer_mm for box in boxes)]), np.array([b.weight_g for b in boxes]),
    )  # fmt: skip


def _place(country: str, latitude: float, longitude: float) -> Place:
    return Place(country, "00000", latitude, longitude)


def _area(draw: random.Random, number: int) -> Place:
    if draw.random() < 0.6:
        latitude, longitude = draw.choice(list(TOWNS.values()))
        return Place("US", f"{number:05d}", draw.gauss(latitude, 1), draw.gauss(longitude, 1))
    return Place("US", f"{number:05d}", draw.uniform(29, 48), draw.uniform(-122, -75))


def _box(draw: random.Random) -> Parcel:
    side = draw.lognormvariate(5.3, 0.35)
    sides = tuple(sorted(max(40, int(side * draw.uniform(0.5, 1.5))) for _ in range(3)))
    return Parcel(sides, max(60, min(25_000, int(draw.lognormvariate(7.2, 0.9)))))  # type: ignore[arg-type]


def _cheapest(quotes: BatchQuotes, days: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> "np.ndarray":  # type: ignore[type-arg]
    in_time = (quotes.cost_minor != REFUSED) & (quotes.transit_days <= days[:, None])
    best = np.where(in_time, quotes.cost_minor, 2**40).min(axis=1)
    return np.where(best == 2**40, REFUSED, best)
