import math
from collections.abc import Sequence
from typing import Final

from shipping.domain.weight_audit import Expectation
from shipping.domain.weight_belief import ItemWeight

_CLEAR: Final = 0.8
"""A parcel speaks of an item when all its other lines are as believed, with this probability at least."""
_ODD: Final = 1e-8
_TAIL_SHARE, _TAIL_VARIANCE = 0.02, 6.0


def learn_parcel(weights: Sequence[ItemWeight], expectation: Expectation, reading_g: float) -> tuple[ItemWeight, ...]:
    """Learn from a parcel whose contents are confirmed; never call it for a held or overridden one.

    `weights` are the beliefs behind the lines of `expectation`, in their order. Each line is told what the rest of the
    parcel leaves over: seen = (reading - all else) / q, with variance (parcel variance - the line's own doubt) / q^2.
    A parcel in which another line may be grossly wrong, or that is odd as a whole, says nothing of the line: the next
    `refit` weighs it again in the light of all others.
    """
    residual, variance = reading_g - expectation.mean_g, expectation.variance_g2
    plain = math.exp(-0.5 * residual**2 / variance) / math.sqrt(variance)
    tail = _TAIL_SHARE * math.exp(-0.5 * residual**2 / (_TAIL_VARIANCE * variance))
    odd = tail / math.sqrt(_TAIL_VARIANCE * variance) + _ODD
    slips = [_slipped(expectation, place, residual) for place in range(len(weights))]
    whole = plain + odd + sum(slips)
    learned = []
    for weight, item, slip in zip(weights, expectation.items, slips, strict=True):
        trust = (plain + slip) / whole
        rest = max(variance - (item.quantity * item.mean_sd_g) ** 2, 1.0) / item.quantity**2
        seen = residual / item.quantity + item.mean_g
        learned.append(_told(weight, seen, trust / rest) if trust > _CLEAR else weight)
    return tuple(learned)


def _slipped(expectation: Expectation, place: int, residual: float) -> float:
    """Return how likely the reading is when this line, and no other, weighs something else than believed."""
    item, total = expectation.items[place], 0.0
    for branch in item.others:
        doubt = item.quantity**2 * (branch.variance_g2 - item.mean_sd_g**2)
        variance = max(expectation.variance_g2 + doubt, 1.0)
        gap = residual - item.quantity * (branch.mean_g - item.mean_g)
        total += branch.share / item.share * math.exp(-0.5 * gap * gap / variance) / math.sqrt(variance)
    return total


def _told(weight: ItemWeight, seen_g: float, precision: float) -> ItemWeight:
    total = weight.precision + precision
    seen = (weight.precision * weight.seen_g + precision * seen_g) / total
    return ItemWeight(weight.ref, weight.master_g, seen, total, weight.parcels + 1)
