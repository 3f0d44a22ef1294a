"""What a carrier billed for a parcel, against what its own prices say of what we weighed and measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final, Literal

from kernel.money import Money
from shipping.domain.billed_weight import G_PER_KG, G_PER_POUND, MM_PER_CM, MM_PER_INCH, DimRule, rule_in_force
from shipping.domain.rates import Parcel, Quote, RateCard, ZoneRates, freight_minor
from shipping.domain.surcharges import amounts, flat_rules
from shipping.domain.zones import Place

Cause = Literal[
    "agreed", "below", "credit", "unreadable", "unpriced", "not_ours", "billed_twice", "label_voided", "service",
    "weight", "dimensional", "zone", "surcharge", "amount",
]  # fmt: skip
DISPUTABLE: Final[tuple[Cause, ...]] = (
    "not_ours", "billed_twice", "label_voided", "service", "weight", "dimensional", "zone", "surcharge", "amount",
)  # fmt: skip
# Divisors that parcel carriers publish (cm3 per kg, in3 per lb): a billed weight that one of them gives was measured,
# not weighed.
_DIVISORS: Final = (
    (MM_PER_CM, G_PER_KG, (4000, 5000, 6000)),
    (MM_PER_INCH, G_PER_POUND, (139, 166, 194)),
)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a carrier's invoice, in minor units. `weight_g` is exact, None where the line names none.

    Surcharges are (code, minor units); the code is empty where the line gives their sum only.
    """

    total_minor: int
    currency: str
    service: str = ""
    weight_g: Fraction | None = None
    zone: str = ""
    surcharges: tuple[tuple[str, int], ...] = ()

    @property
    def surcharges_minor(self) -> int:
        """The sum of the surcharges."""
        return sum(amount for _, amount in self.surcharges)


@dataclass(frozen=True, slots=True)
class Bought:
    """What was bought for a parcel, and its price by the card in force on the day on which it left.

    `names` are what the service is called, `others` what the carrier's other services are called, in the form of
    `service_key`.
    """

    quote: Quote
    card: RateCard
    box: Parcel
    destination: Place
    ship_on: date
    names: frozenset[str]
    others: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: its cause, how much of the bill it makes in minor units, and a sentence."""

    cause: Cause
    amount_minor: int
    words: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a line should have cost (None where nothing can be said) and why it differs; the greatest cause leads."""

    cause: Cause
    expected_minor: int | None
    findings: tuple[Finding, ...] = ()

    def disputed_minor(self, billed_minor: int) -> int:
        """Return how much of a bill to ask back."""
        if self.cause not in DISPUTABLE or self.expected_minor is None:
            return 0
        return max(0, billed_minor - self.expected_minor)


def service_key(name: str) -> str:
    """Return what a service is recognized by: its letters and digits in small letters."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def zone_key(name: str) -> str:
    """Return what a zone is recognized by: "Zone 05" is "5"."""
    key = service_key(name).removeprefix("zone").removeprefix("z")
    return key.lstrip("0") or key


def judge_charge(charge: Charge, bought: Bought) -> Judgement:
    """Compare a charge with the card's price, and say which part of the difference has which cause.

    The price is worked out again with the billed weight, then with the billed zone too: each step is that cause's part,
    so that the parts add up to the difference exactly. A zone that no chart knows is not held against the carrier.
    """
    ours = bought.quote
    other = _other_service(charge, bought)
    if other and charge.total_minor != ours.cost_minor:
        return _judged(charge, ours.cost_minor, (Finding("service", charge.total_minor - ours.cost_minor, other),))
    zones = {zone_key(name): rates for name, rates in bought.card.zones.items()}
    mine, theirs = bought.card.zones[ours.zone.zone], zones.get(zone_key(charge.zone)) if charge.zone else None
    if theirs is not None and ours.zone.is_estimated:
        mine = theirs
    step_g, weight_cause, weight_words = _weight(charge, bought)
    expected, _ = _price(bought, mine, ours.billed.billed_g)
    by_weight, _ = _price(bought, mine, step_g)
    by_zone, surcharges = _price(bought, theirs or mine, step_g)
    rest = charge.total_minor - by_zone
    findings = [Finding(weight_cause, by_weight - expected, weight_words)] if by_weight != expected else []
    if by_zone != by_weight:
        words = f"Billed in zone {charge.zone}; by the chart in force it is zone {mine.zone}."
        findings.append(Finding("zone", by_zone - by_weight, words))
    findings += _rest(charge, mine, theirs, surcharges, rest)
    return _judged(charge, expected, tuple(findings))


def _judged(charge: Charge, expected: int, findings: tuple[Finding, ...]) -> Judgement:
    difference = charge.total_minor - expected
    if difference <= 0:
        return Judgement("below" if difference else "agreed", expected, findings)
    leading = max(findings, key=lambda each: each.amount_minor)
    return Judgement(leading.cause, expected, findings)


def _other_service(charge: Charge, bought: Bought) -> str:
    """Say that another service was billed than bought; names that are written otherwise are the same."""
    key = service_key(charge.service)
    if not key or key in bought.names:
        return ""
    known = "" if key in bought.others else ", which is not among its services here"
    return f"Billed as {charge.service}{known}; {bought.quote.service.replace('_', ' ')} was bought."


def _weight(charge: Charge, bought: Bought) -> tuple[int, Cause, str]:
    """Return the weight that the carrier billed in g, in its own steps, and what to say where it is not ours."""
    ours, rule = bought.quote.billed, rule_in_force(bought.card.dim_rules, bought.ship_on)
    if charge.weight_g is None or rule is None:
        return ours.billed_g, "weight", ""
    units = ceil(charge.weight_g / rule.g_per_weight_unit / rule.weight_step) * rule.weight_step
    billed_g = ceil(units * rule.g_per_weight_unit)
    above = billed_g - ours.billed_g
    more = f"{abs(above):,} g {'more' if above > 0 else 'less'} than"
    told = f"Billed as {billed_g:,} g, {more} our {ours.billed_g:,} g ({ours.basis})"
    divisor = _divisor(bought.box, rule, units)
    if above > 0 and (divisor or ours.basis == "dimensional"):
        by = f" It is what a divisor of {divisor:,} gives." if divisor else ""
        return billed_g, "dimensional", f"{told}, for the size of the carton.{by}"
    return billed_g, "weight", f"{told}; {bought.box.weight_g:,} g were weighed."


def _divisor(box: Parcel, rule: DimRule, units: Fraction) -> int:
    """Return the published divisor that turns the carton's sides into a billed weight, 0 where none does."""
    billed_g = units * rule.g_per_weight_unit
    for mm, grams, divisors in _DIVISORS:
        for divisor in divisors:
            volume = Fraction(1)
            for side in box.outer_mm:
                volume *= ceil(Fraction(side) / mm) if mm == MM_PER_INCH else Fraction(side) / mm
            stepped = ceil(volume / divisor * grams / rule.g_per_weight_unit / rule.weight_step) * rule.weight_step
            if stepped * rule.g_per_weight_unit == billed_g:
                return divisor
    return 0


def _price(bought: Bought, zone: ZoneRates, billed_g: int) -> tuple[int, tuple[tuple[str, int], ...]]:
    box, card, on = bought.box, bought.card, bought.ship_on
    flat = flat_rules(card.surcharges, box.outer_mm, box.weight_g, bought.destination, on)
    freight = freight_minor(zone, billed_g)
    charged = amounts(card.surcharges, flat, freight, bought.destination, on)
    return freight + sum(amount for _, amount in charged), charged


def _rest(
    charge: Charge, mine: ZoneRates, theirs: ZoneRates | None, expected: tuple[tuple[str, int], ...], rest: int
) -> Iterable[Finding]:
    """Say what neither weight nor zone explains: surcharges that the card does not know, and plain amounts."""
    if not rest:
        return
    over = charge.surcharges_minor - sum(amount for _, amount in expected)
    if over > 0 and rest > 0:
        part = min(over, rest)
        yield Finding("surcharge", part, _surcharge_words(charge, expected, over))
        rest -= part
    if not rest:
        return
    if charge.zone and theirs is None and zone_key(charge.zone) != zone_key(mine.zone):
        yield Finding("zone", rest, f"Billed in zone {charge.zone}, which the card does not have; ours is {mine.zone}.")
    else:
        more = "More" if rest > 0 else "Less"
        yield Finding("amount", rest, f"{more} than the card's price.")


def _surcharge_words(charge: Charge, expected: tuple[tuple[str, int], ...], over: int) -> str:
    known = {service_key(code): amount for code, amount in expected}
    strange = [
        f"{code} {Money(amount, charge.currency)}"
        for code, amount in charge.surcharges
        if code and amount > known.get(service_key(code), 0)
    ]
    if strange:
        return f"Not so on the card: {', '.join(strange)}."
    return f"Surcharges are {Money(over, charge.currency)} above the card's for this parcel."
