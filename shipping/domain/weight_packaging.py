from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


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
class Guess:
    """A quantity that is not known exactly: its mean and how unsure the mean is."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Noise:
    """How much more (or less) than the model says the parts of a parcel scatter, as factors of their variances."""

    scale: float = 1.0
    tare: float = 1.0
    dunnage: float = 1.0
    units: float = 1.0


NOISE: Final = Noise()
TARE_LOT_CV: Final = 0.03
"""A lot of cartons is off its nominal weight by about 3 %."""
TARE_UNIT_CV: Final = 0.025
DUNNAGE_CV: Final = 0.25
LABEL_SD_G: Final = 2.0
DUNNAGE: Final = Guess(6.0, 1.0)
"""Dunnage in g per liter of empty room."""
LABEL: Final = Guess(8.0, 2.0)
"""Label and tape in g; a scale's zero error is learned together with it."""


NO_CONTAINER: Final = Guess(0.0, 0.0)
"""A unit that travels in its own container: its weight has the container in it."""


def tare_of(nominal_g: float) -> Guess:
    """Return what is believed of a carton type of which none was weighed yet."""
    return Guess(nominal_g, max(TARE_LOT_CV * nominal_g, 1.0))


@dataclass(frozen=True, slots=True)
class Packaging:
    """What a site's packaging and scales add to the goods, in g, as learned so far.

    `tares` by carton code, `offsets` (label, tape and zero error) by scale code, `scales` by code. Variances of one
    parcel: scale sd^2 + e^2/12, label (2 g)^2, tare (2.5 %)^2, dunnage (25 %)^2, each times its factor of
    `noise`. `nominal_g` are the tares of the data sheets.
    """

    tares: Mapping[str, Guess]
    scales: Mapping[str, ScaleSpec]
    dunnage: Guess = DUNNAGE
    offsets: Mapping[str, Guess] = field(default_factory=dict)
    noise: Noise = NOISE
    nominal_g: Mapping[str, int] = field(default_factory=dict)

    def guess(self, nominal_g: float) -> Guess:
        """Return what is believed of a container that only its data sheet, or somebody's word, is known of."""
        return tare_of(nominal_g) if nominal_g else NO_CONTAINER

    def offset(self, scale: str) -> Guess:
        """Return what label, tape and the zero error of a scale weigh together."""
        return self.offsets.get(scale, LABEL)
