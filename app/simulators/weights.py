"""What really lies in a simulated parcel, and what the scale shows of it."""

from app.simulators.chance import Chance
from app.simulators.day_values import Mistakes
from shipping.api import ParcelView

SCALE = "PACK-1"
_SCALE_STEP_G = 5
_UNIT_SPREAD = 0.005
"""Relative spread of one unit's weight around its catalog weight, as a share."""
_PACKING_SPREAD_G = 2.0


def is_wrong(parcel: ParcelView, *, chance: Chance, mistakes: Mistakes) -> bool:
    """Say whether the packer put something else into the parcel than was scanned."""
    return chance.hits(mistakes.wrong_contents, "contents", parcel.sscc)


def scale_reading(parcel: ParcelView, attempt: int, *, chance: Chance, mistakes: Mistakes) -> int:
    """Return what the scale shows in g: the real weight of what is really inside, or for once a leaning hand."""
    draws = chance.draws("weight", parcel.sscc)
    true_g = parcel.expected_g + draws.gauss(0, _PACKING_SPREAD_G)
    for content in parcel.contents:
        true_g += draws.gauss(0, _UNIT_SPREAD * content.weight_g * content.quantity**0.5)
    if is_wrong(parcel, chance=chance, mistakes=mistakes):
        unit = draws.choice(parcel.contents)
        true_g += unit.weight_g if draws.random() < 0.5 else -unit.weight_g  # noqa: PLR2004 - one more, or one less
    if attempt == 1 and chance.hits(mistakes.wrong_weights, "scale", parcel.sscc):
        true_g += draws.choice((-1, 1)) * draws.uniform(80, 900)
    return max(_SCALE_STEP_G, round(true_g / _SCALE_STEP_G) * _SCALE_STEP_G)
