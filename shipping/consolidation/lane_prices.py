"""What parcels cost straight from the house and from each hub on, by the house's own rate cards, zones and calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from kernel.db.transactions import UnitOfWork
from shipping.consolidation.views import InjectionHub, LooseParcel
from shipping.domain.batch_rates import BatchQuotes, rate_parcels, withhold
from shipping.domain.rates import Parcel, RateCard
from shipping.domain.working_days import Locality, WorkingDays, locality_of
from shipping.domain.zone_skip import REFUSED, Hub, Ints, Lanes
from shipping.domain.zones import Place, ZoneChart
from shipping.rate_cards import cards_of, charts_of
from shipping.site_terms import SiteTerms, terms_of

_LEVELS: Final = {"economy": 0, "standard": 1, "express": 2}
_NEVER: Final = 2**40


@dataclass(frozen=True, slots=True)
class LaneTerms:
    """Everything that prices and days of a site's lanes depend on, read once."""

    site: SiteTerms
    cards: tuple[RateCard, ...]
    charts: Mapping[str, ZoneChart]
    hubs: tuple[InjectionHub, ...]
    ship_on: date


@dataclass(frozen=True, slots=True)
class PricedLanes:
    """Parcels that some service takes straight: their `rows` among all, prices, and for each hub how many of them its
    service takes from there, and how many of these in time.
    """

    lanes: Lanes
    rows: Ints
    taken: tuple[int, ...]
    in_time: tuple[int, ...]


def lane_terms(
    uow: UnitOfWork, *, site_id: str, hubs: Sequence[InjectionHub], ship_on: date, currency: str
) -> LaneTerms:
    """Read what prices of a ship date depend on: the services that the site uses, and hubs of that currency.

    Raises:
        NotFound: there is no such site.
    """
    terms = terms_of(uow, site_id)
    used = {(service.carrier, service.service) for service in terms.services}
    cards = tuple(card for card in cards_of(uow, terms, currency) if (card.carrier, card.service) in used)
    kept = tuple(hub for hub in hubs if hub.currency == currency)
    return LaneTerms(terms, cards, charts_of(uow, terms, ship_on), kept, ship_on)


def price_lanes(terms: LaneTerms, parcels: Sequence[LooseParcel]) -> PricedLanes:
    """Price each parcel straight and by each hub. By a hub it must arrive on the promised day at the latest; without a
    promise, no later than straight.

    Raises:
        TooLarge: a parcel is too large to be priced with others.
    """
    journey = _Journeys(terms, parcels)
    site = terms.site.site
    quotes = journey.quote(Place(site.country, site.postal_code, is_residential=False), terms.cards)
    days = journey.days(terms.ship_on, terms.site.home, quotes.transit_days)
    straight, due = _straight(quotes, days, parcels)
    rows = np.flatnonzero(straight != REFUSED)
    taken, in_time, columns = [], [], []
    for hub in terms.hubs:
        cards = [card for card in terms.cards if (card.carrier, card.service) == (hub.carrier, hub.service)]
        there = journey.quote(Place(hub.country, hub.postal_code, is_residential=False), cards)
        home = locality_of(hub.country, hub.postal_code)
        start = terms.site.journey_to(hub.country, hub.postal_code).after(terms.ship_on, hub.transit_days)
        price, day = np.full(len(parcels), REFUSED, np.int64), np.full(len(parcels), _NEVER)
        if there.cards:
            is_fit = _LEVELS[there.cards[0].level] >= _wanted(parcels)
            price = np.where(is_fit, there.cost_minor[:, 0], REFUSED)
            day = journey.days(start, home, there.transit_days)[:, 0]
        kept = np.where(day <= due, price, REFUSED)[rows]
        columns.append(kept)
        taken.append(int((price[rows] != REFUSED).sum()))
        in_time.append(int((kept != REFUSED).sum()))
    volume = np.array([p.length_mm * p.width_mm * p.height_mm for p in parcels], np.int64)
    weight = np.array([p.weight_g for p in parcels], np.int64)
    lanes = Lanes(
        tuple(_hub(hub) for hub in terms.hubs), straight[rows],
        np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0), np.int64), volume[rows], weight[rows],
    )  # fmt: skip
    return PricedLanes(lanes, rows, tuple(taken), tuple(in_time))


def _hub(hub: InjectionHub) -> Hub:
    return Hub(hub.code, hub.fixed_minor, hub.pallet_minor, hub.max_volume_mm3, hub.max_weight_g)


def _wanted(parcels: Sequence[LooseParcel]) -> Ints:
    return np.array([_LEVELS.get(parcel.service_level, 1) for parcel in parcels], np.int64)


def _straight(quotes: BatchQuotes, days: Ints, parcels: Sequence[LooseParcel]) -> tuple[Ints, Ints]:
    """Return each parcel's price as a label would be chosen, and the last day on which it may arrive otherwise."""
    count = len(parcels)
    if not quotes.cards:
        return np.full(count, REFUSED, np.int64), np.full(count, REFUSED, np.int64)
    levels = np.array([_LEVELS[card.level] for card in quotes.cards], np.int64)
    priced = quotes.cost_minor != REFUSED
    fit = priced & (levels[None, :] >= _wanted(parcels)[:, None])
    fit = np.where(fit.any(axis=1)[:, None], fit, priced)
    promise = np.array([p.promised_on.toordinal() if p.promised_on else _NEVER for p in parcels], np.int64)
    in_time = fit & (days <= promise[:, None])
    first = np.where(fit, days, _NEVER).min(axis=1)
    chosen = np.where(in_time.any(axis=1)[:, None], in_time, fit & (days == first[:, None]))
    cost = np.where(chosen, quotes.cost_minor, _NEVER)
    column = cost.argmin(axis=1)
    straight = cost[np.arange(count), column]
    arrives = days[np.arange(count), column]
    return np.where(straight == _NEVER, REFUSED, straight), np.where(promise == _NEVER, arrives, promise)


class _Journeys:
    """Parcels and where they go, in the forms in which prices and calendars are asked."""

    def __init__(self, terms: LaneTerms, parcels: Sequence[LooseParcel]) -> None:
        self._terms = terms
        self._boxes = [Parcel((p.length_mm, p.width_mm, p.height_mm), p.weight_g) for p in parcels]
        self._goods = [p.dangerous_goods for p in parcels]
        self._places = [Place(p.country, p.postal_code, is_residential=p.is_residential) for p in parcels]
        found: dict[tuple[str, str], Locality] = {}
        numbers: dict[Locality, int] = {}
        for p in parcels:
            if (p.country, p.postal_code) not in found:
                found[p.country, p.postal_code] = locality_of(p.country, p.postal_code)
        of_parcel = [numbers.setdefault(found[p.country, p.postal_code], len(numbers)) for p in parcels]
        self._localities = list(numbers)
        self._of_parcel = np.array(of_parcel, np.int64)

    def quote(self, origin: Place, cards: Sequence[RateCard]) -> BatchQuotes:
        """Price all parcels from a place, each by the services that take its dangerous goods."""
        terms = self._terms
        quotes = rate_parcels(self._boxes, origin, self._places, cards, charts=terms.charts, ship_on=terms.ship_on)
        withhold(quotes, self._goods, terms.site.goods_terms(quotes.cards))
        return quotes

    def days(self, start: date, origin: Locality, transit_days: Ints) -> Ints:
        """Return the ordinals of the days of delivery, counted once for each region and number of days."""
        longest = int(transit_days.max(initial=0)) + 1
        keys = self._of_parcel[:, None] * longest + np.maximum(transit_days, 0)
        known, places = np.unique(keys, return_inverse=True)
        arrivals = [
            WorkingDays(tuple(dict.fromkeys((origin, self._localities[key // longest])))).after(start, key % longest)
            for key in known.tolist()
        ]
        ordinals = np.array([day.toordinal() for day in arrivals], np.int64)
        return ordinals[places].reshape(keys.shape)
