import math
from dataclasses import dataclass
from typing import Final

POUND_G: Final = 453.59237
OUNCE_G: Final = 28.349523125


@dataclass(frozen=True, slots=True)
class Slip:
    """A way in which a catalog weight is wrong: the truth is `factor` times the entry, within `cv` of itself."""

    share: float
    factor: float
    cv: float
    what: str = ""


ANOTHER: Final = "another weight"
KG_IN_POUNDS: Final = 1000 / POUND_G
# Shares of a catalog's entries. 80 % lie within 2 % of the truth and 15 % within 10 %; 5 % are gross: kilograms and
# pounds mixed up, a digit too many or too few, another unit, or simply another thing (any weight at all).
SLIPS: Final = (
    Slip(0.80, 1.0, 0.02),
    Slip(0.15, 1.0, 0.10),
    Slip(0.012, KG_IN_POUNDS, 0.03, "kilograms typed as pounds"),
    Slip(0.016, 1 / KG_IN_POUNDS, 0.03, "pounds typed as kilograms"),
    Slip(0.010, 10.0, 0.03, "a digit missing"),
    Slip(0.003, 0.1, 0.03, "a digit too many"),
    Slip(0.0005, 1000.0, 0.03, "kilograms typed as grams"),
    Slip(0.0005, POUND_G, 0.03, "pounds typed as grams"),
    Slip(0.0005, OUNCE_G, 0.03, "ounces typed as grams"),
    Slip(0.0005, 1 / OUNCE_G, 0.03, "grams typed as ounces"),
    Slip(0.0005, 1 / 1000.0, 0.03, "grams typed as kilograms"),
    Slip(0.0065, 1.0, 1.00, ANOTHER),
)
FINE: Final = 2
"""The first so many slips are no slips at all: the entry is right within some percent."""
UNIT_CV: Final = 0.01
UNIT_FLOOR_G: Final = 0.3
_MASTER_FLOOR_G: Final = 0.5
_UNKNOWN_G: Final = 250.0
"""What an item weighs of which the catalog says nothing: half of all goods weigh less."""
_GROSS: Final = 0.25
"""A learned weight that far from the entry, as a share of it, is a gross error of the catalog."""
_SURE: Final = 0.99


@dataclass(frozen=True, slots=True)
class Branch:
    """One possibility for an item's mean weight: how likely, and mean and variance in g if it is so."""

    share: float
    mean_g: float
    variance_g2: float
    what: str = ""


@dataclass(frozen=True, slots=True)
class ItemWeight:
    """What is believed of an item's unit weight, in g: its catalog entry, and what weighed parcels said of it.

    All that parcels said is one normal law: they saw `seen_g`, with `precision` = 1 / variance in 1/g2.
    """

    ref: str
    master_g: int
    seen_g: float = 0.0
    precision: float = 0.0
    parcels: int = 0

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Every possibility with its posterior share, the likeliest first.

        Share of a slip after the parcels: prior share x N(seen; slip mean, slip variance + 1 / precision). The two
        laws of right entries are taken together.
        """
        return posterior(self.master_g, self.seen_g, self.precision)

    @property
    def mean_g(self) -> float:
        """The mean of the likeliest possibility."""
        return self.branches[0].mean_g

    @property
    def mean_sd_g(self) -> float:
        """How unsure that mean is."""
        return math.sqrt(self.branches[0].variance_g2)

    @property
    def suspicion(self) -> str:
        """What is grossly wrong with the catalog's entry, in words; empty while nothing is surely wrong."""
        branches = self.branches
        far = sum(b.share for b in branches if abs(b.mean_g - self.master_g) > _GROSS * self.master_g)
        return (branches[0].what or ANOTHER) if self.parcels and far > _SURE else ""


def prior(master_g: float) -> tuple[Branch, ...]:
    """Return the possibilities for an item that nobody has weighed yet, in the order of `SLIPS`."""
    if master_g <= 0:
        return (Branch(1.0, _UNKNOWN_G, (2 * _UNKNOWN_G) ** 2, "no weight"),)
    return tuple(
        Branch(s.share, master_g * s.factor, max(master_g * s.factor * s.cv, _MASTER_FLOOR_G) ** 2, s.what)
        for s in SLIPS
    )


def posterior(master_g: float, seen_g: float, precision: float) -> tuple[Branch, ...]:
    """Weigh every possibility against what parcels saw. Branches below one in a million are left out."""
    branches = prior(master_g)
    if precision > 0:
        branches = _weighed(branches, seen_g, precision)
    merged = (_merge(branches[:FINE]), *branches[FINE:]) if len(branches) > FINE else branches
    return tuple(sorted((b for b in merged if b.share > 1e-6), key=lambda b: -b.share))  # noqa: PLR2004


def _weighed(branches: tuple[Branch, ...], seen_g: float, precision: float) -> tuple[Branch, ...]:
    logs = []
    for branch in branches:
        variance = branch.variance_g2 + 1 / precision
        gap = (seen_g - branch.mean_g) ** 2 / variance
        logs.append(math.log(branch.share) - 0.5 * (gap + math.log(variance)))
    top = max(logs)
    shares = [math.exp(value - top) for value in logs]
    total = sum(shares)
    return tuple(
        _blended(branch, share / total, seen_g, precision) for branch, share in zip(branches, shares, strict=True)
    )


def _blended(branch: Branch, share: float, seen_g: float, precision: float) -> Branch:
    known = 1 / branch.variance_g2
    variance = 1 / (known + precision)
    return Branch(share, variance * (known * branch.mean_g + precision * seen_g), variance, branch.what)


def _merge(branches: tuple[Branch, ...]) -> Branch:
    """Take normal laws together as one of the same mean and variance."""
    share = sum(b.share for b in branches)
    if share <= 0:
        return Branch(0.0, branches[0].mean_g, branches[0].variance_g2)
    mean = sum(b.share * b.mean_g for b in branches) / share
    variance = sum(b.share * (b.variance_g2 + (b.mean_g - mean) ** 2) for b in branches) / share
    return Branch(share, mean, variance)
