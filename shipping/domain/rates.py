from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from typing import Literal

from shipping.domain.billed_weight import BilledWeight, DimRule, billed_weight, rule_in_force
from shipping.domain.working_days import WorkingDays
from shipping.domain.zones import Place, ZoneChart, ZoneLookup, find_zone

ServiceLevel = Literal["economy", "standard", "express"]
SurchargeKind = Literal[
    "always", "residential", "remote", "longest_side_over_mm", "weight_over_g", "volume_over_mm3", "percent_of_freight"
]

_WEEKDAYS = WorkingDays()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is shipped: outer sides in mm and gross weight in g."""

    outer_mm: tuple[int, int, int]
    weight_g: int


@dataclass(frozen=True, slots=True)
class SurchargeRule:
    """A surcharge with its condition. `threshold` is mm, g or mm^3 by kind.

    `amount` is minor units, or basis points of freight plus earlier surcharges for "percent_of_freight".
    "remote" applies to destinations whose key starts with one of `prefixes`.
    """

    code: str
    kind: SurchargeKind
    amount: int
    threshold: int = 0
    prefixes: tuple[str, ...] = ()


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


def choose_quote(quotes: Sequence[Quote]) -> RateChoice:
    """Take the cheapest quote among those that meet the promise; the promise is never traded for money."""
    ranked = sorted(quotes, key=lambda q: (q.cost_minor, q.delivery_on, q.carrier, q.service))
    chosen = next((q for q in ranked if q.meets_promise), None)
    fastest = min(ranked, key=lambda q: (q.delivery_on, q.cost_minor), default=None)
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
    lookup = find_zone(origin, destination, chart)
    zone = card.zones.get(lookup.zone)
    rule = rule_in_force(card.dim_rules, ship_on)
    reason = _refusal(parcel, card, zone, lookup, rule)
    if reason is not None or zone is None or rule is None:
        return QuoteRefusal(card.carrier, card.service, reason or "No rule applies.")
    billed = billed_weight(parcel.outer_mm, parcel.weight_g, rule)
    freight = freight_minor(zone, billed.billed_g)
    surcharges = _surcharges(card.surcharges, parcel, destination, freight)
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


def _surcharges(
    rules: Sequence[SurchargeRule], parcel: Parcel, destination: Place, freight: int
) -> tuple[tuple[str, int], ...]:
    """Apply the rules in order; a percentage is taken of freight and all surcharges before it, half up."""
    applied: list[tuple[str, int]] = []
    for rule in rules:
        if rule.kind == "percent_of_freight":
            base = freight + sum(amount for _, amount in applied)
            applied.append((rule.code, floor(Fraction(base * rule.amount, 10_000) + Fraction(1, 2))))
        elif _applies(rule, parcel, destination):
            applied.append((rule.code, rule.amount))
    return tuple(applied)


def _applies(rule: SurchargeRule, parcel: Parcel, destination: Place) -> bool:
    length, width, height = parcel.outer_mm
    match rule.kind:
        case "residential":
            return destination.is_residential
        case "remote":
            return destination.key.startswith(rule.prefixes)
        case "longest_side_over_mm":
            return max(parcel.outer_mm) > rule.threshold
        case "weight_over_g":
            return parcel.weight_g > rule.threshold
        case "volume_over_mm3":
            return length * width * height > rule.threshold
        case _:
            return True
