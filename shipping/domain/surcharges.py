from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from shipping.domain.zones import Place

SurchargeKind = Literal[
    "always", "residential", "remote", "longest_side_over_mm", "length_plus_girth_over_mm", "weight_over_g",
    "volume_over_mm3", "percent_of_freight",
]  # fmt: skip
Customers = Literal["all", "residential", "business"]
_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class SurchargeRule:
    """A surcharge with its condition. `threshold` is mm, g or mm^3 by kind.

    `amount` is minor units, or basis points of freight plus earlier surcharges for "percent_of_freight".
    "remote" is a delivery area: destinations whose key starts with one of `prefixes`. Fuel and peak surcharges change
    often, so that a rule may hold from and until a day (both included) within its card. Of the rules of one `group`
    only the dearest that applies is charged. A parcel that falls under the rule is billed as `minimum_billed_g` at
    least, as oversize parcels are.
    """

    code: str
    kind: SurchargeKind
    amount: int
    threshold: int = 0
    prefixes: tuple[str, ...] = ()
    effective_from: date | None = None
    effective_until: date | None = None
    group: str = ""
    minimum_billed_g: int = 0
    customers: Customers = "all"

    def is_in_force(self, on: date) -> bool:
        """True on the days on which the rule holds."""
        return (self.effective_from or date.min) <= on <= (self.effective_until or date.max)

    def concerns(self, *, is_residential: bool) -> bool:
        """True when the rule is meant for this kind of address."""
        return self.customers == "all" or (self.customers == "residential") == is_residential

    def applies(self, outer_mm: tuple[int, int, int], weight_g: int, destination: Place) -> bool:
        """Say whether a parcel of these outer sides and gross weight falls under the rule."""
        if not self.concerns(is_residential=destination.is_residential):
            return False
        match self.kind:
            case "residential":
                return destination.is_residential
            case "remote":
                return is_within(destination.key, self.prefixes)
            case "always" | "percent_of_freight":
                return True
            case _:
                return self._measure(outer_mm, weight_g) > self.threshold

    def _measure(self, outer_mm: tuple[int, int, int], weight_g: int) -> int:
        length, width, height = outer_mm
        measures = {
            "longest_side_over_mm": max(outer_mm),
            "length_plus_girth_over_mm": 2 * (length + width + height) - max(outer_mm),
            "weight_over_g": weight_g,
            "volume_over_mm3": length * width * height,
        }
        return measures[self.kind]


def flat_rules(
    rules: Sequence[SurchargeRule], outer_mm: tuple[int, int, int], weight_g: int, destination: Place, on: date
) -> tuple[SurchargeRule, ...]:
    """Return the rules with an amount of their own that a parcel falls under, the dearest of each group only."""
    applying = [
        rule
        for rule in rules
        if rule.kind != "percent_of_freight" and rule.is_in_force(on) and rule.applies(outer_mm, weight_g, destination)
    ]
    dearest: dict[str, SurchargeRule] = {}
    for rule in applying:
        if rule.group and (rule.group not in dearest or rule.amount > dearest[rule.group].amount):
            dearest[rule.group] = rule
    return tuple(rule for rule in applying if not rule.group or dearest[rule.group] is rule)


def amounts(
    rules: Sequence[SurchargeRule], flat: Iterable[SurchargeRule], freight_minor: int, destination: Place, on: date
) -> tuple[tuple[str, int], ...]:
    """Return what is charged, in the order of the rules; a percentage is taken of freight and all surcharges before
    it, half up.
    """
    charged, applied, total = {id(rule) for rule in flat}, [], freight_minor
    for rule in rules:
        if rule.kind == "percent_of_freight":
            if not (rule.is_in_force(on) and rule.concerns(is_residential=destination.is_residential)):
                continue
            amount = (2 * total * rule.amount + _BASIS_POINTS) // (2 * _BASIS_POINTS)
        elif id(rule) in charged:
            amount = rule.amount
        else:
            continue
        applied.append((rule.code, amount))
        total += amount
    return tuple(applied)


def is_within(key: str, prefixes: tuple[str, ...]) -> bool:
    """Say whether a destination's key starts with one of the prefixes, of which a delivery area has thousands."""
    return are_within((key,), prefixes)[0]


def are_within(keys: Iterable[str], prefixes: tuple[str, ...]) -> list[bool]:
    """Say of each destination's key whether it starts with one of the prefixes."""
    by_size = tuple(_by_size(prefixes).items())
    return [any(key[:size] in known for size, known in by_size) for key in keys]


@lru_cache(maxsize=256)
def _by_size(prefixes: tuple[str, ...]) -> Mapping[int, frozenset[str]]:
    return {size: frozenset(p for p in prefixes if len(p) == size) for size in {len(p) for p in prefixes}}
