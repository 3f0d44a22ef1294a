from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Literal

SideRounding = Literal["up", "nearest", "exact"]

MM_PER_INCH = Fraction(254, 10)
MM_PER_CM = Fraction(10)
G_PER_POUND = Fraction(45359237, 100000)
G_PER_KG = Fraction(1000)


@dataclass(frozen=True, slots=True)
class DimRule:
    """How a carrier turns size and weight into a billed weight, from a date on.

    `divisor` is cubic length units per weight unit (139 in^3 per lb, 5,000 cm^3 per kg). Sides are rounded in the
    length unit, weights always up to the next `weight_step`. `applies_above` is the volume in cubic length units that
    must be exceeded before size counts at all.
    """

    divisor: Fraction
    mm_per_length_unit: Fraction
    g_per_weight_unit: Fraction
    side_rounding: SideRounding
    weight_step: Fraction
    effective_from: date
    applies_above: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class BilledWeight:
    """What the carrier bills: grams for the table look-up, the exact amount in carrier units, and which side won."""

    billed_g: int
    billed_units: Fraction
    dimensional_units: Fraction
    basis: Literal["actual", "dimensional", "minimum"]

    def at_least(self, minimum_g: int, rule: DimRule) -> "BilledWeight":
        """Return this weight, or the least that the carrier bills for such a parcel, in g, where that is more."""
        if minimum_g <= self.billed_g:
            return self
        units = _step_up(minimum_g, rule.g_per_weight_unit, rule.weight_step)
        return BilledWeight(minimum_g, units, self.dimensional_units, "minimum")


def pounds_to_g(pounds: int | Fraction) -> int:
    """Convert pounds to the gram value that bounds a table row, rounded up so that the row includes its own limit."""
    return ceil(Fraction(pounds) * G_PER_POUND)


def rule_in_force(rules: tuple[DimRule, ...], on: date) -> DimRule | None:
    """Pick the latest rule that is effective on a date, or None when none is yet."""
    valid = [rule for rule in rules if rule.effective_from <= on]
    return max(valid, key=lambda rule: rule.effective_from) if valid else None


def billed_weight(outer_mm: tuple[int | Fraction, ...], weight_g: int, rule: DimRule) -> BilledWeight:
    """Compute the billed weight of a parcel from its outer sides in mm and its gross weight in g.

    Every step is exact rational arithmetic and each quantity is rounded once: 279.4 mm is 11 in, not 12.

    Raises:
        ValueError: not three positive sides, or a negative weight.
    """
    if len(outer_mm) != 3 or min(outer_mm) <= 0 or weight_g < 0:  # noqa: PLR2004 - a box has three sides
        raise ValueError("a parcel has three positive sides and a weight that is not negative")
    sides = [_round_side(side, rule.mm_per_length_unit, rule.side_rounding) for side in outer_mm]
    volume = sides[0] * sides[1] * sides[2]
    counts = volume > rule.applies_above
    dimensional = _step_up(volume, rule.divisor, rule.weight_step) if counts else Fraction(0)
    actual = _step_up(weight_g, rule.g_per_weight_unit, rule.weight_step)
    billed = max(actual, dimensional)
    return BilledWeight(
        billed_g=ceil(billed * rule.g_per_weight_unit),
        billed_units=billed,
        dimensional_units=dimensional,
        basis="dimensional" if dimensional > actual else "actual",
    )


# Asked for every carton and service: fractions are taken apart here, which is as exact and takes half as long.
def _round_side(side: int | Fraction, unit: Fraction, how: SideRounding) -> int | Fraction:
    """Return a side in mm in length units."""
    above, below = side.numerator * unit.denominator, side.denominator * unit.numerator
    match how:
        case "up":
            return -(-above // below)
        case "nearest":
            return (2 * above + below) // (2 * below)
        case "exact":
            return Fraction(above, below)


def _step_up(amount: int | Fraction, unit: Fraction, step: Fraction) -> Fraction:
    """Return an amount over a unit, rounded up to the next step."""
    above = amount.numerator * unit.denominator * step.denominator
    below = amount.denominator * unit.numerator * step.numerator
    return -(-above // below) * step
