from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shipping.domain.billed_weight import DimRule, rule_in_force
from shipping.domain.dangerous_goods import GoodsTerms, refusal_of
from shipping.domain.rates import Parcel, RateCard, cards_in_force
from shipping.domain.surcharges import SurchargeRule, are_within
from shipping.domain.zones import Place, ZoneChart, ZonesFrom, estimate_zone

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_WHOLE: Final = 2**62
_BASIS_POINTS: Final = 10_000
REFUSED: Final = -1
"""Stands in the place of a price that a service does not give."""


class TooLarge(ValueError):
    """Sides or weights are beyond what whole numbers of 64 bits can price exactly; price such parcels one by one."""


@dataclass(frozen=True, slots=True)
class BatchQuotes:
    """The prices of many parcels with many services: one row a parcel, one column a card.

    `cost_minor`, `freight_minor` and `transit_days` are REFUSED where a service does not take a parcel; `is_estimated`
    marks prices whose zone is by formula.
    """

    cards: tuple[RateCard, ...]
    cost_minor: Ints
    freight_minor: Ints
    billed_g: Ints
    transit_days: Ints
    is_estimated: Flags

    def cheapest(self) -> Ints:
        """Return the column of each parcel's lowest price, REFUSED where there is none."""
        if not self.cards:
            return np.full(len(self.cost_minor), REFUSED, np.int64)
        priced = np.where(self.cost_minor == REFUSED, _WHOLE, self.cost_minor)
        return np.where(priced.min(axis=1) == _WHOLE, REFUSED, priced.argmin(axis=1))


@dataclass(frozen=True, slots=True)
class _Batch:
    """The parcels in columns, and what several services want to know of them, found once."""

    places: Sequence[Place]
    keys: Sequence[str]
    outer_mm: Ints
    weight_g: Ints
    residential: Flags
    billed: dict[DimRule, Ints]
    within: dict[tuple[str, ...], Flags]
    zones: dict[object, tuple[tuple[str, ...], Ints, Flags]]


def rate_parcels(
    parcels: Sequence[Parcel], origin: Place, destinations: Sequence[Place], cards: Sequence[RateCard], *,
    charts: Mapping[str, ZoneChart], ship_on: date,
) -> BatchQuotes:  # fmt: skip
    """Price many parcels, each to its destination, with every card in force on the ship date: the same amounts that
    `rate_parcel` gives one by one, in whole numbers throughout.

    Raises:
        ValueError: not one destination for each parcel, or a parcel without sides.
        TooLarge: a parcel is too large or heavy to be priced in 64 bits.
    """
    current = cards_in_force(cards, ship_on)
    batch = _gather(parcels, destinations)
    shape = (len(parcels), len(current))
    cost, freight, billed, days = (np.full(shape, REFUSED, np.int64) for _ in range(4))
    quotes = BatchQuotes(current, cost, freight, billed, days, np.zeros(shape, np.bool_))
    for column, card in enumerate(current):
        rule = rule_in_force(card.dim_rules, ship_on)
        if rule is not None and len(parcels):
            zones = _zones(batch, origin, card, charts)
            _rate_card(quotes, column, batch, card=card, rule=rule, zones=zones, on=ship_on)
    return quotes


def withhold(quotes: BatchQuotes, goods: Sequence[Collection[str]], terms: Sequence[GoodsTerms]) -> None:
    """Take back the prices of services that do not take the dangerous goods in a parcel. `goods` are the kinds in each
    parcel, none for all where it is empty; `terms` are what the service of each card takes.
    """
    for row, kinds in enumerate(goods):
        refusing = [column for column, each in enumerate(terms) if kinds and refusal_of(kinds, each)]
        for values in (quotes.cost_minor, quotes.freight_minor, quotes.billed_g, quotes.transit_days):
            values[row, refusing] = REFUSED
        quotes.is_estimated[row, refusing] = False


def _gather(parcels: Sequence[Parcel], destinations: Sequence[Place]) -> _Batch:
    if len(parcels) != len(destinations):
        raise ValueError("each parcel has one destination")
    outer = np.array([p.outer_mm for p in parcels], np.int64).reshape(-1, 3)
    weight = np.array([p.weight_g for p in parcels], np.int64)
    if len(parcels) and (outer.min() <= 0 or weight.min() < 0):
        raise ValueError("a parcel has three positive sides and a weight that is not negative")
    _fits(int(outer.max(initial=0)) ** 3)
    residential = np.array([place.is_residential for place in destinations], np.bool_)
    return _Batch(destinations, [place.key for place in destinations], outer, weight, residential, {}, {}, {})


def _zones(
    batch: _Batch, origin: Place, card: RateCard, charts: Mapping[str, ZoneChart]
) -> tuple[tuple[str, ...], Ints, Flags]:
    """Return the names of the zones met, the number of each parcel's zone among them, and which are estimated."""
    chart = charts.get(card.carrier)
    own = card.service if chart is not None and card.service in chart.of_service else ""
    known = (id(chart), own)
    if known not in batch.zones:
        table = chart.seen_from(origin, own) if chart is not None else ZonesFrom({})
        numbers: dict[str, int] = {}
        found = [table.find(key) for key in batch.keys]
        estimated = np.array([zone is None for zone in found], np.bool_)
        named = [zone or estimate_zone(origin, place) for zone, place in zip(found, batch.places, strict=True)]
        column = np.array([numbers.setdefault(zone, len(numbers)) for zone in named], np.int64)
        batch.zones[known] = (tuple(numbers), column, estimated)
    return batch.zones[known]


def _rate_card(
    quotes: BatchQuotes, column: int, batch: _Batch, *, card: RateCard, rule: DimRule,
    zones: tuple[tuple[str, ...], Ints, Flags], on: date,
) -> None:  # fmt: skip
    names, zone_of, estimated = zones
    served = np.array([name in card.zones for name in names], np.bool_)[zone_of]
    taken = served & (batch.weight_g <= card.max_weight_g) & (batch.outer_mm.max(axis=1) <= card.max_side_mm)
    if rule not in batch.billed:
        batch.billed[rule] = billed_weights_g(batch.outer_mm, batch.weight_g, rule)
    flat = _flat_amounts(batch, card.surcharges, on)
    billed = batch.billed[rule]
    for each, applies in flat:
        if each.minimum_billed_g:
            billed = np.where(applies, np.maximum(billed, each.minimum_billed_g), billed)
    freight, days = _freight(card, names, zone_of, billed)
    cost = _with_surcharges(batch, card.surcharges, flat, freight, on)
    for target, values in (
        (quotes.cost_minor, cost), (quotes.freight_minor, freight), (quotes.billed_g, billed),
        (quotes.transit_days, days),
    ):  # fmt: skip
        target[:, column] = np.where(taken, values, REFUSED)
    quotes.is_estimated[:, column] = estimated & taken


def billed_weights_g(outer_mm: Ints, weight_g: Ints, rule: DimRule) -> Ints:
    """Return what a rule bills for many parcels, in g: exact whole-number arithmetic, each quantity rounded once.

    Raises:
        TooLarge: an intermediate product does not fit 64 bits.
    """
    unit = rule.mm_per_length_unit
    top, bottom = outer_mm * unit.denominator, unit.numerator
    if rule.side_rounding == "up":
        sides, parts = -(-top // bottom), 1
    elif rule.side_rounding == "nearest":
        sides, parts = (2 * top + bottom) // (2 * bottom), 1
    else:
        sides, parts = top, bottom**3
    _fits(int(sides.max(initial=0)) ** 3)
    volume = sides.prod(axis=1)
    above = rule.applies_above * parts
    steps = np.where(
        _times(volume, above.denominator) > above.numerator,
        _ceil(volume, 1 / (parts * rule.divisor * rule.weight_step)),
        0,
    )
    actual = _ceil(weight_g, 1 / (rule.g_per_weight_unit * rule.weight_step))
    return _ceil(np.maximum(actual, steps), rule.weight_step * rule.g_per_weight_unit)


def _ceil(values: Ints, factor: Fraction) -> Ints:
    product: Ints = -(-_times(values, factor.numerator) // factor.denominator)
    return product


def _times(values: Ints, factor: int) -> Ints:
    _fits(int(values.max(initial=0)) * factor)
    return values * factor


def _fits(largest: int) -> None:
    if largest >= _WHOLE:
        raise TooLarge("a parcel is too large or heavy to be priced with others")


def _freight(card: RateCard, names: tuple[str, ...], zone_of: Ints, billed_g: Ints) -> tuple[Ints, Ints]:
    """Return freight and days, by one search in the breaks of all zones laid end to end."""
    rates = [card.zones.get(name) for name in names]
    stride = 1 + max(int(billed_g.max(initial=0)), *(each.breaks[-1][0] for each in rates if each), 0)
    _fits(stride * (len(names) + 1))
    limits = [(number * stride + limit, price) for number, each in enumerate(rates) if each
              for limit, price in each.breaks]  # fmt: skip
    if not limits:
        return np.zeros_like(billed_g), np.zeros_like(billed_g)
    grid, prices = np.array([limit for limit, _ in limits]), np.array([price for _, price in limits])
    ends = np.array([each.breaks[-1][0] if each else 0 for each in rates], np.int64)[zone_of]
    at = np.searchsorted(grid, zone_of * stride + np.minimum(billed_g, ends))
    per_kg = np.array([each.per_extra_kg_minor if each else 0 for each in rates], np.int64)[zone_of]
    beyond = np.maximum(0, -(-(billed_g - ends) // 1000))
    days = np.array([each.transit_days if each else 0 for each in rates], np.int64)[zone_of]
    return prices[np.minimum(at, len(prices) - 1)] + beyond * per_kg, days


def _flat_amounts(batch: _Batch, rules: Sequence[SurchargeRule], on: date) -> list[tuple[SurchargeRule, Flags]]:
    """Return each rule with an amount of its own and the parcels it is charged for, the dearest of a group only."""
    found = [
        (rule, _applies(batch, rule)) for rule in rules if rule.kind != "percent_of_freight" and rule.is_in_force(on)
    ]
    kept = []
    for number, (rule, applies) in enumerate(found):
        alone = applies
        for other, (rival, also) in enumerate(found):
            wins = rival.amount > rule.amount or (rival.amount == rule.amount and other < number)
            if rule.group and rival.group == rule.group and wins:
                alone = alone & ~also
        kept.append((rule, alone))
    return kept


def _applies(batch: _Batch, rule: SurchargeRule) -> Flags:
    sides = batch.outer_mm
    match rule.kind:
        case "residential":
            found = batch.residential
        case "remote":
            found = _within(batch, rule.prefixes)
        case "longest_side_over_mm":
            found = sides.max(axis=1) > rule.threshold
        case "length_plus_girth_over_mm":
            found = 2 * sides.sum(axis=1) - sides.max(axis=1) > rule.threshold
        case "weight_over_g":
            found = batch.weight_g > rule.threshold
        case "volume_over_mm3":
            found = sides.prod(axis=1) > rule.threshold
        case _:
            found = np.ones(len(sides), np.bool_)
    return found & _concerned(batch, rule)


def _concerned(batch: _Batch, rule: SurchargeRule) -> Flags:
    if rule.customers == "all":
        return np.ones(len(batch.keys), np.bool_)
    return batch.residential if rule.customers == "residential" else ~batch.residential


def _within(batch: _Batch, prefixes: tuple[str, ...]) -> Flags:
    if prefixes not in batch.within:
        batch.within[prefixes] = np.array(are_within(batch.keys, prefixes), np.bool_)
    return batch.within[prefixes]


def _with_surcharges(
    batch: _Batch, rules: Sequence[SurchargeRule], flat: list[tuple[SurchargeRule, Flags]], freight: Ints, on: date
) -> Ints:
    charged = {id(rule): applies for rule, applies in flat}
    total = freight.copy()
    for rule in rules:
        if rule.kind == "percent_of_freight" and rule.is_in_force(on):
            share = (2 * _times(total, rule.amount) + _BASIS_POINTS) // (2 * _BASIS_POINTS)
            total += np.where(_concerned(batch, rule), share, 0)
        elif id(rule) in charged:
            total += np.where(charged[id(rule)], rule.amount, 0)
    return total
