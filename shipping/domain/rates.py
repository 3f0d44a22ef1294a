from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shipping.domain.billed_weight import BilledWeight, DimRule, billed_weight, rule_in_force
from shipping.domain.surcharges import SurchargeRule, amounts, flat_rules
from shipping.domain.working_days import WorkingDays
from shipping.domain.zones import Place, ZoneChart, ZoneLookup, find_zone

ServiceLevel = Literal["economy", "standard", "express"]
_WEEKDAYS = WorkingDays()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is shipped: outer sides in mm and gross weight in g."""

    outer_mm: tuple[int, int, int]
    weight_g: int


@dataclass(frozen=True, slots=True)
class ZoneRates:
    """Prices of one zone: `breaks` are (up to and including g, minor units) rising; beyond them each started kg."""

    zone: str
    breaks: tuple[tuple[int, int], ...]
    per_extra_kg_minor: int
    transit_days: int


@dataclass(frozen=True, slots=True)
class RateCard:
    """A carrier's prices for one service from a date on, in one currency."""

    carrier: str
    service: str
    level: ServiceLevel
    currency: str
    effective_from: date
    zones: Mapping[str, ZoneRates]
    dim_rules: tuple[DimRule, ...]
    surcharges: tuple[SurchargeRule, ...]
    max_weight_g: int
    max_side_mm: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for a parcel with everything that led to it; money in minor units of `currency`."""

    carrier: str
    service: str
    level: ServiceLevel
    currency: str
    cost_minor: int
    freight_minor: int
    surcharges: tuple[tuple[str, int], ...]
    billed: BilledWeight
    zone: ZoneLookup
    transit_days: int
    delivery_on: date
    meets_promise: bool


@dataclass(frozen=True, slots=True)
class QuoteRefusal:
    """Why a service gives no price for a parcel, in a plain sentence."""

    carrier: str
    service: str
    reason: str


@dataclass(frozen=True, slots=True)
class RateChoice:
    """The chosen quote with all losing ones. `chosen` is None when nothing meets the promise; then see `fastest`."""

    chosen: Quote | None
    losing: tuple[Quote, ...]
    fastest: Quote | None


def shop_rates(
    parcel: Parcel,
    origin: Place,
    destination: Place,
    cards: Sequence[RateCard],
    *,
    charts: Mapping[str, ZoneChart],
    ship_on: date,
    promised_on: date | None = None,
    days: WorkingDays = _WEEKDAYS,
) -> tuple[Quote, ...]:
    """Quote a parcel with every card in force on the ship date, cheapest first.

    `charts` maps a carrier to its zone chart. Services that refuse the parcel are left out; `rate_parcel` says why.
    Parcels travel and arrive on `days` only.

    Raises:
        ValueError: the cards in force are in more than one currency, which cannot be ranked.
    """
    current = cards_in_force(cards, ship_on)
    if len({card.currency for card in current}) > 1:
        raise ValueError("rate cards of several currencies cannot be compared")
    answers = [
        rate_parcel(
            parcel,
            origin,
            destination,
            card,
            chart=charts.get(card.carrier),
            ship_on=ship_on,
            promised_on=promised_on,
            days=days,
        )
        for card in current
    ]
    quotes = [answer for answer in answers if isinstance(answer, Quote)]
    return tuple(sorted(quotes, key=lambda q: (q.cost_minor, q.delivery_on, q.carrier, q.service)))


def choose_quote(quotes: Sequence[Quote], cost: Callable[[Quote], int] = lambda quote: quote.cost_minor) -> RateChoice:
    """Take the cheapest quote among those that meet the promise; the promise is never traded for money.

    `cost` says what each costs, where that is more than its price.
    """
    ranked = sorted(quotes, key=lambda q: (cost(q), q.delivery_on, q.carrier, q.service))
    chosen = next((q for q in ranked if q.meets_promise), None)
    fastest = min(ranked, key=lambda q: (q.delivery_on, cost(q)), default=None)
    return RateChoice(chosen, tuple(q for q in ranked if q is not chosen), fastest)


def cards_in_force(cards: Sequence[RateCard], on: date) -> tuple[RateCard, ...]:
    """Keep, per carrier, service and currency, the latest card effective on a date."""
    latest: dict[tuple[str, str, str], RateCard] = {}
    for card in sorted(cards, key=lambda c: c.effective_from):
        if card.effective_from <= on:
            latest[(card.carrier, card.service, card.currency)] = card
    return tuple(latest.values())


def rate_parcel(
    parcel: Parcel,
    origin: Place,
    destination: Place,
    card: RateCard,
    *,
    chart: ZoneChart | None,
    ship_on: date,
    promised_on: date | None = None,
    days: WorkingDays = _WEEKDAYS,
) -> Quote | QuoteRefusal:
    """Price a parcel with one card, or say why the service does not take it; it travels and arrives on `days` only."""
    lookup = find_zone(origin, destination, chart, card.service)
    zone = card.zones.get(lookup.zone)
    rule = rule_in_force(card.dim_rules, ship_on)
    reason = _refusal(parcel, card, zone, lookup, rule)
    if reason is not None or zone is None or rule is None:
        return QuoteRefusal(card.carrier, card.service, reason or "No rule applies.")
    flat = flat_rules(card.surcharges, parcel.outer_mm, parcel.weight_g, destination, ship_on)
    least_g = max((each.minimum_billed_g for each in flat), default=0)
    billed = billed_weight(parcel.outer_mm, parcel.weight_g, rule).at_least(least_g, rule)
    freight = freight_minor(zone, billed.billed_g)
    surcharges = amounts(card.surcharges, flat, freight, destination, ship_on)
    arrives = days.after(ship_on, zone.transit_days)
    return Quote(
        carrier=card.carrier,
        service=card.service,
        level=card.level,
        currency=card.currency,
        cost_minor=freight + sum(amount for _, amount in surcharges),
        freight_minor=freight,
        surcharges=surcharges,
        billed=billed,
        zone=lookup,
        transit_days=zone.transit_days,
        delivery_on=arrives,
        meets_promise=promised_on is None or arrives <= promised_on,
    )


def freight_minor(zone: ZoneRates, billed_g: int) -> int:
    """Look up the freight for a billed weight in g: the first break that is not lighter, then per started kg."""
    index = bisect_left(zone.breaks, (billed_g,))
    if index < len(zone.breaks):
        return zone.breaks[index][1]
    last_g, last_minor = zone.breaks[-1]
    return last_minor + -(-(billed_g - last_g) // 1000) * zone.per_extra_kg_minor


def _refusal(
    parcel: Parcel, card: RateCard, zone: ZoneRates | None, lookup: ZoneLookup, rule: DimRule | None
) -> str | None:
    if parcel.weight_g > card.max_weight_g:
        return f"The parcel weighs {parcel.weight_g} g; the service takes up to {card.max_weight_g} g."
    if max(parcel.outer_mm) > card.max_side_mm:
        return f"The longest side is {max(parcel.outer_mm)} mm; the service takes up to {card.max_side_mm} mm."
    if zone is None:
        return f"The service does not go to zone {lookup.zone}."
    if rule is None:
        return "No dimensional rule is in force on the ship date."
    return None
