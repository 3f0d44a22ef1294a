"""Whether a parcel that is weighed a second time weighs what its label and its manifest declare."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shipping.domain.weight_packaging import ScaleSpec

ZONE: Final = 3.0
"""Half the zone of uncertainty around a reading, in standard deviations of repeats (Hare and Eberhardt, 2009)."""
CARRIER_SCALE: Final = ScaleSpec(12.0, 50)
"""What is assumed of a carrier's scale: one that weighs in motion, in the widest interval that OIML R 51 lets them use
for parcels.
"""
_FLOOR_G: Final = 5
_WHOLE_BP: Final = 10_000


@dataclass(frozen=True, slots=True)
class WeightTolerance:
    """By how much a carrier lets a parcel differ from its declared weight: in g, or in 1/10,000 of it, whichever is
    more.
    """

    grams: int = 0
    share_bp: int = 0

    def of(self, declared_g: int) -> int:
        """Return the tolerance of a parcel, in g."""
        return max(self.grams, declared_g * self.share_bp // _WHOLE_BP)


@dataclass(frozen=True, slots=True)
class WeightComparison:
    """A reading against a declared weight, in g: how unsure their difference is, and up to where it says nothing."""

    reading_g: int
    declared_g: int
    sigma_g: float
    limit_g: int

    @property
    def difference_g(self) -> int:
        """Reading minus declaration."""
        return self.reading_g - self.declared_g

    @property
    def agrees(self) -> bool:
        """Whether the scales' own uncertainty, or what the carrier tolerates, explains the difference."""
        return abs(self.difference_g) <= self.limit_g


def compare_weights(
    reading_g: int, declared_g: int, scales: Iterable[ScaleSpec], tolerance: WeightTolerance
) -> WeightComparison:
    """Hold a reading against what an earlier one on another scale declared.

    What is in the parcel is the same both times, so that only the scales' own variances are between the readings. The
    difference says something beyond three standard deviations of it, 5 g at least, and beyond the tolerance.
    """
    sigma = math.sqrt(sum(scale.variance_g2 for scale in scales))
    limit = max(math.ceil(ZONE * sigma), _FLOOR_G, tolerance.of(declared_g))
    return WeightComparison(reading_g, declared_g, sigma, limit)
