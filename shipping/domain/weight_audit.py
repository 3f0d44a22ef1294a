import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shipping.domain.weight_belief import UNIT_CV, UNIT_FLOOR_G, Branch, ItemWeight
from shipping.domain.weight_causes import GOODS, Explanation, Goods, Ranking, rank_causes
from shipping.domain.weight_packaging import (
    DUNNAGE,
    DUNNAGE_CV,
    LABEL,
    LABEL_SD_G,
    NOISE,
    TARE_UNIT_CV,
    Guess,
    Noise,
    ScaleSpec,
)

_SETTLED = 0.9
"""An item's weight counts as settled when its likeliest value is that likely."""


class AuditOutcome(StrEnum):
    """What happens to the parcel next: go on, weigh once more, or stop for a person."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    RECHECK = "recheck"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """A line of the parcel. Per piece: mean weight, spread between pieces, and how unsure the mean itself is, in g.

    `share` says how likely that mean is, `others` what else the item may weigh while parcels have not settled it.
    """

    ref: str
    quantity: int
    mean_g: float
    unit_sd_g: float
    mean_sd_g: float
    is_learned: bool = False
    share: float = 1.0
    others: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Extra:
    """Something beside goods and carton that was added to a parcel, such as gift wrap: what one weighs in g, with the
    spread between them.
    """

    name: str
    quantity: int
    mean_g: float
    sd_g: float


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a parcel should weigh and how sure that is: mean and variance with the parts they came from."""

    items: tuple[ExpectedItem, ...]
    tare_g: float
    dunnage_g: float
    mean_g: float
    variance_g2: float
    scale: ScaleSpec
    extras: tuple[Extra, ...] = ()

    @property
    def sigma_g(self) -> float:
        """Standard deviation of the reading around the mean, in g."""
        return math.sqrt(self.variance_g2)


@dataclass(frozen=True, slots=True)
class AuditThresholds:
    """Limits of the score, and what one wrong unit must weigh to be seen, in standard deviations.

    The score is the logarithm of the odds that the contents are wrong. Above `recheck` a parcel is weighed once more,
    above `hold` it stops. `visible_z` = 2.576 + 1.645: one false stop in a hundred and 95 % of errors seen.
    """

    recheck: float = -2.0
    hold: float = -1.8
    visible_z: float = 4.221


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
    reading_g: float
    expected_g: float
    sigma_g: float
    z: float
    score: float
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


def expected_item(weight: ItemWeight, quantity: int, ref: str | None = None) -> ExpectedItem:
    """Give the belief about an item the form that `expect_weight` takes, for a number of pieces."""
    likeliest, *others = weight.branches
    sd = math.sqrt(likeliest.variance_g2)
    name = weight.ref if ref is None else ref
    unit_sd = max(UNIT_CV * likeliest.mean_g, UNIT_FLOOR_G)
    return ExpectedItem(
        name, quantity, likeliest.mean_g, unit_sd, sd, weight.parcels > 0, likeliest.share, tuple(others)
    )


def expected_item_from_master(ref: str, quantity: int, master_weight_g: int) -> ExpectedItem:
    """Describe an item nobody has weighed yet, from its catalog weight in g."""
    return expected_item(ItemWeight(ref, master_weight_g), quantity)


def expect_weight(
    items: Sequence[ExpectedItem], *, tare: Guess, scale: ScaleSpec, void_ml: float = 0.0, dunnage: Guess = DUNNAGE,
    label: Guess = LABEL, noise: Noise = NOISE, extras: Sequence[Extra] = (),
) -> Expectation:  # fmt: skip
    """Compute what a parcel should weigh.

    mean = sum q*mu + tare + dunnage*void + label; variance = scale sd^2 + e^2/12 + (2 g of label and tape)^2 +
    sum (q*unit_sd^2 + (q*mean_sd)^2) + (2.5 % of tare)^2 + (25 % of dunnage)^2, each part times its learned factor of
    `noise`, + the doubt about tare, dunnage and label themselves. The error of an item's mean is shared by all its
    pieces and so grows with the square of the quantity. `extras` add q*mean and q*sd^2 each.

    Raises:
        ValueError: a quantity below one, or a negative mean.
    """
    for item in items:
        if item.quantity < 1 or item.mean_g < 0:
            raise ValueError(f"item {item.ref}: quantity must be at least 1 and the mean not negative")
    void_l = max(void_ml, 0.0) / 1000
    dunnage_g = dunnage.mean * void_l
    mean = sum(i.quantity * i.mean_g for i in items) + tare.mean + dunnage_g + label.mean
    variance = noise.scale * (scale.variance_g2 + LABEL_SD_G**2)
    variance += noise.tare * (TARE_UNIT_CV * tare.mean) ** 2 + noise.dunnage * (DUNNAGE_CV * dunnage_g) ** 2
    variance += tare.sd**2 + (dunnage.sd * void_l) ** 2 + label.sd**2
    variance += sum(noise.units * i.quantity * i.unit_sd_g**2 + (i.quantity * i.mean_sd_g) ** 2 for i in items)
    mean += sum(extra.quantity * extra.mean_g for extra in extras)
    variance += sum(extra.quantity * extra.sd_g**2 for extra in extras)
    return Expectation(tuple(items), tare.mean, dunnage_g, mean, variance, scale, tuple(extras))


def audit(
    reading_g: float, expectation: Expectation, thresholds: AuditThresholds, *,
    other_tares_g: Sequence[tuple[str, float]] = (), goods: Goods = GOODS, readings_taken: int = 1,
) -> AuditDecision:  # fmt: skip
    """Judge a scale reading in g against its expectation.

    The score is the logarithm of the odds that the contents are wrong. PASS up to `recheck`; between the limits
    RECHECK once and, if a second reading (`readings_taken` >= 2) is no better, HOLD; beyond `hold` HOLD at once.
    A reading that is best explained by a wrong catalog weight vouches for nothing: it is never better than between the
    limits, so that somebody counts, and the counted parcel settles the item's weight.
    `other_tares_g` names the cartons that may have been taken by mistake, for the explanations.
    """
    sigma = expectation.sigma_g
    ranking = rank_causes(reading_g, expectation, other_tares_g, goods)
    visibility = auditability(expectation, thresholds)
    outcome = _outcome(ranking, thresholds, readings_taken)
    causes = () if outcome is AuditOutcome.PASS else ranking.explanations
    unseen = [v.ref for v in visibility if not v.is_visible]
    caution = f"Weight cannot see one piece more or less of: {', '.join(unseen)}." if unseen else None
    z = (reading_g - expectation.mean_g) / sigma
    return AuditDecision(
        outcome, reading_g, expectation.mean_g, sigma, z, ranking.log_odds, causes, visibility, caution
    )


def auditability(expectation: Expectation, thresholds: AuditThresholds) -> tuple[ItemVisibility, ...]:
    """Say per item whether weight can see a single-piece error.

    One piece must exceed 4.22 sigma, and the item's weight must be settled: while it may be another one (a gross error
    of the catalog), a missing piece could be taken for that.
    """
    needed = thresholds.visible_z * expectation.sigma_g
    return tuple(ItemVisibility(i.ref, i.mean_g if i.share >= _SETTLED else 0.0, needed) for i in expectation.items)


def _outcome(ranking: Ranking, thresholds: AuditThresholds, readings_taken: int) -> AuditOutcome:
    if ranking.log_odds <= thresholds.recheck and not ranking.blames_catalog:
        return AuditOutcome.PASS
    if ranking.log_odds > thresholds.hold or readings_taken > 1:
        return AuditOutcome.HOLD
    return AuditOutcome.RECHECK
