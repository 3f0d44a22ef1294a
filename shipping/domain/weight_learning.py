import math
from dataclasses import dataclass

from shipping.domain.weight_audit import ExpectedItem, ScaleSpec, expected_item_from_master

_HUBER = 1.5
_GROSS_SIGMAS = 5.0
_PRIOR_PIECES = 10.0
_MIN_SD_G = 0.3


@dataclass(frozen=True, slots=True)
class ItemWeight:
    """What is believed about one item's piece weight, in g, and from how many confirmed parcels."""

    ref: str
    mean_g: float
    mean_sd_g: float
    unit_sd_g: float
    parcels: int = 0
    master_g: int = 0

    def expected(self, quantity: int) -> ExpectedItem:
        """Give the belief the form that `expect_weight` takes, for a number of pieces."""
        return ExpectedItem(self.ref, quantity, self.mean_g, self.unit_sd_g, self.mean_sd_g, self.parcels > 0)

    @property
    def is_master_suspect(self) -> bool:
        """Whether the learned mean left the catalogue weight by more than five prior deviations: a catalogue task."""
        prior_sd = expected_item_from_master(self.ref, 1, self.master_g).mean_sd_g
        return self.parcels > 0 and abs(self.mean_g - self.master_g) > _GROSS_SIGMAS * prior_sd


@dataclass(frozen=True, slots=True)
class CleanParcel:
    """A single-item parcel whose content a person or a scan confirmed: the only kind that teaches a weight.

    `packaging_g` is tare plus dunnage plus label as expected, `packaging_sd_g` its standard deviation, both in g.
    """

    quantity: int
    reading_g: int
    packaging_g: float
    packaging_sd_g: float
    scale: ScaleSpec


def item_weight_from_master(ref: str, master_weight_g: int) -> ItemWeight:
    """Start from the catalogue weight in g with the prior of the weight audit."""
    prior = expected_item_from_master(ref, 1, master_weight_g)
    return ItemWeight(ref, prior.mean_g, prior.mean_sd_g, prior.unit_sd_g, 0, master_weight_g)


def update_item_weight(weight: ItemWeight, parcel: CleanParcel) -> ItemWeight:
    """Learn from one confirmed-clean single-item parcel; never call it for a held or overridden one.

    Piece weight seen: y = (reading - packaging) / q, with variance r = (scale + packaging variance) / q^2 +
    unit_sd^2 / q. Gain k = p / (p + r) for p = mean_sd^2; the innovation (y - mean) is clipped at 1.5 of its standard
    deviations (Huber), so that one odd parcel moves little. Catalogue weights are sometimes grossly wrong: the first
    parcel beyond five deviations widens the prior to the innovation instead of being clipped. The new variance is
    (1 - k) p, never below the share of the packaging's error that all parcels have in common, (packaging_sd / 2q)^2,
    and 0.3 g. The spread between pieces follows the squared residuals with a prior worth ten parcels.

    Raises:
        ValueError: a quantity below one.
    """
    if parcel.quantity < 1:
        raise ValueError("a parcel holds at least one piece")
    q = parcel.quantity
    seen = (parcel.reading_g - parcel.packaging_g) / q
    noise = (parcel.scale.variance_g2 + parcel.packaging_sd_g**2) / q**2
    r = noise + weight.unit_sd_g**2 / q
    p = weight.mean_sd_g**2
    innovation = seen - weight.mean_g
    if weight.parcels == 0 and abs(innovation) > _GROSS_SIGMAS * math.sqrt(p + r):
        p = innovation**2
    limit = _HUBER * math.sqrt(p + r)
    gain = p / (p + r)
    mean = max(weight.mean_g + gain * max(-limit, min(limit, innovation)), 0.0)
    floor = max((parcel.packaging_sd_g / (2 * q)) ** 2, _MIN_SD_G**2)
    sd = math.sqrt(max((1 - gain) * p, floor))
    unit_sd = _learn_spread(weight, seen - mean, q, noise, limit)
    return ItemWeight(weight.ref, mean, sd, unit_sd, weight.parcels + 1, weight.master_g)


def _learn_spread(weight: ItemWeight, residual: float, quantity: int, noise: float, limit: float) -> float:
    clipped = max(-limit, min(limit, residual))
    seen_variance = max((clipped**2 - noise) * quantity, 0.0)
    pieces = _PRIOR_PIECES + weight.parcels
    variance = (pieces * weight.unit_sd_g**2 + seen_variance) / (pieces + 1)
    return math.sqrt(max(variance, _MIN_SD_G**2))
