import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shipping.domain.weight_causes import Explanation, rank_causes

# 95 of 100 single-unit errors are caught when the unit weighs this many sigma more than the threshold (one-sided).
_POWER_Z = 1.645


class AuditOutcome(StrEnum):
    """What happens to the parcel next: go on, weigh once more, or stop for a person."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    RECHECK = "recheck"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """A scale: standard deviation of repeats in g and its display interval e in g."""

    sd_g: float
    interval_g: int

    @property
    def variance_g2(self) -> float:
        """Variance of one reading: repeatability plus the rounding to the interval, e squared over 12."""
        return self.sd_g**2 + self.interval_g**2 / 12


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """A line of the parcel. Per piece: mean weight, spread between pieces, and how unsure the mean itself is, in g."""

    ref: str
    quantity: int
    mean_g: float
    unit_sd_g: float
    mean_sd_g: float
    is_learned: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a parcel should weigh and how sure that is: mean and variance with the parts they came from."""

    items: tuple[ExpectedItem, ...]
    tare_g: float
    dunnage_g: float
    mean_g: float
    variance_g2: float
    scale: ScaleSpec

    @property
    def sigma_g(self) -> float:
        """Standard deviation of the reading around the mean, in g."""
        return math.sqrt(self.variance_g2)


@dataclass(frozen=True, slots=True)
class AuditThresholds:
    """Limits in standard deviations, and a floor in g below which no difference is worth a stop.

    Good parcels have heavier tails than the normal law (1.3 % beyond three sigma were measured, not 0.27 %): fit
    both limits to the warehouse's own residuals once there are enough.
    """

    pass_z: float = 2.576
    hold_z: float = 4.0
    floor_g: float = 5.0


@dataclass(frozen=True, slots=True)
class ItemVisibility:
    """Whether one piece too many or too few of an item would show on the scale in this parcel."""

    ref: str
    unit_weight_g: float
    needed_g: float

    @property
    def is_visible(self) -> bool:
        """True when weight alone catches a single-piece error at 95 % power."""
        return self.unit_weight_g >= self.needed_g


@dataclass(frozen=True, slots=True)
class AuditDecision:
    """The audit of one reading, with everything needed to explain it to the packer."""

    outcome: AuditOutcome
    reading_g: int
    expected_g: float
    sigma_g: float
    z: float
    explanations: tuple[Explanation, ...]
    visibility: tuple[ItemVisibility, ...]
    caution: str | None = field(default=None)

    @property
    def residual_g(self) -> float:
        """Reading minus expectation, in g."""
        return self.reading_g - self.expected_g

    @property
    def unseen_refs(self) -> tuple[str, ...]:
        """Items whose single-piece errors weight cannot see: verify those by scan or count."""
        return tuple(v.ref for v in self.visibility if not v.is_visible)

    @property
    def is_fully_auditable(self) -> bool:
        """Whether weight alone vouches for the quantity of every item."""
        return not self.unseen_refs


# Spread of catalogue weights around the truth: 80 % within 2 %, 15 % within 10 %; the 5 % gross slips are left to
# the explanations, since a prior wide enough for them would let every parcel pass.
_MASTER_CV = 0.045
_UNIT_CV = 0.01
_MASTER_FLOOR_G = 1.0
_UNIT_FLOOR_G = 0.5


def expected_item_from_master(ref: str, quantity: int, master_weight_g: int) -> ExpectedItem:
    """Describe an item nobody has weighed yet, from its catalogue weight in g.

    Source of the prior: standard deviation 4.5 % of the master weight (mixture 80 % N(0, 2 %), 15 % N(0, 10 %)) and
    1 % between pieces.
    """
    return ExpectedItem(
        ref=ref,
        quantity=quantity,
        mean_g=float(master_weight_g),
        unit_sd_g=max(_UNIT_CV * master_weight_g, _UNIT_FLOOR_G),
        mean_sd_g=max(_MASTER_CV * master_weight_g, _MASTER_FLOOR_G),
    )


def expect_weight(
    items: Sequence[ExpectedItem],
    *,
    tare_g: float,
    tare_sd_g: float,
    scale: ScaleSpec,
    void_ml: float = 0.0,
    dunnage_g_per_l: float = 6.0,
    label_g: float = 8.0,
) -> Expectation:
    """Compute what a parcel should weigh.

    mean = sum q*mu + tare + dunnage*void + label; variance = scale sd^2 + e^2/12 + sum (q*unit_sd^2 + (q*mean_sd)^2)
    + tare_sd^2 + (25 % of dunnage)^2 + (2 g of label and tape)^2. The error of an item's mean is shared by all its
    pieces and so grows with the square of the quantity.

    Raises:
        ValueError: a quantity below one, or a negative mean.
    """
    for item in items:
        if item.quantity < 1 or item.mean_g < 0:
            raise ValueError(f"item {item.ref}: quantity must be at least 1 and the mean not negative")
    dunnage_g = dunnage_g_per_l * max(void_ml, 0.0) / 1000
    mean = sum(i.quantity * i.mean_g for i in items) + tare_g + dunnage_g + label_g
    variance = scale.variance_g2 + tare_sd_g**2 + (0.25 * dunnage_g) ** 2 + 2.0**2
    variance += sum(i.quantity * i.unit_sd_g**2 + (i.quantity * i.mean_sd_g) ** 2 for i in items)
    return Expectation(tuple(items), tare_g, dunnage_g, mean, variance, scale)


def audit(
    reading_g: int,
    expectation: Expectation,
    thresholds: AuditThresholds,
    *,
    other_tares_g: Sequence[tuple[str, float]] = (),
    readings_taken: int = 1,
) -> AuditDecision:
    """Judge a scale reading in g against its expectation.

    PASS within `pass_z` sigma or within the floor; between the limits RECHECK once and, if a second reading
    (`readings_taken` >= 2) still differs, HOLD; beyond `hold_z` HOLD at once. The floor never exceeds half of the
    lightest piece, so that it cannot hide a missing one. `other_tares_g` names the cartons that may have been taken
    by mistake, for the explanations.
    """
    residual = reading_g - expectation.mean_g
    sigma = expectation.sigma_g
    z = residual / sigma
    visibility = auditability(expectation, thresholds)
    floor = min([thresholds.floor_g, *(i.mean_g / 2 for i in expectation.items)])
    outcome = _outcome(abs(z), abs(residual) <= floor, thresholds, readings_taken)
    causes = () if outcome is AuditOutcome.PASS else rank_causes(reading_g, expectation, other_tares_g)
    unseen = [v.ref for v in visibility if not v.is_visible]
    caution = f"Weight cannot see one piece more or less of: {', '.join(unseen)}." if unseen else None
    return AuditDecision(outcome, reading_g, expectation.mean_g, sigma, z, causes, visibility, caution)


def auditability(expectation: Expectation, thresholds: AuditThresholds) -> tuple[ItemVisibility, ...]:
    """Say per item whether weight can see a single-piece error: the piece must exceed (pass_z + 1.645) sigma."""
    needed = (thresholds.pass_z + _POWER_Z) * expectation.sigma_g
    return tuple(ItemVisibility(i.ref, i.mean_g, needed) for i in expectation.items)


def _outcome(distance: float, is_trifle: bool, thresholds: AuditThresholds, readings_taken: int) -> AuditOutcome:  # noqa: FBT001 - private, one caller
    if distance <= thresholds.pass_z or is_trifle:
        return AuditOutcome.PASS
    if distance > thresholds.hold_z or readings_taken > 1:
        return AuditOutcome.HOLD
    return AuditOutcome.RECHECK
