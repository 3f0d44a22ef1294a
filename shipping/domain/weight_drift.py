from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SLACK: Final = 0.5
"""A lasting shift of one standard deviation is what the sum looks for: half of it is taken off each time."""
_ALARM: Final = 10.0
"""At this height a false alarm comes about once in 60,000 parcels, and a shift of one deviation shows after 20."""
_CLIP: Final = 3.0


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a right parcel lay from its expectation, in its own standard deviations and in g."""

    z: float
    difference_g: float


@dataclass(frozen=True, slots=True)
class Drift:
    """A lasting shift: its mean in g, and over how many parcels."""

    shift_g: float
    parcels: int


def find_drift(readings: Iterable[Reading]) -> Drift | None:
    """Say whether readings, oldest first, have drifted and still do: a two-sided CUSUM of their z (Page 1954).

    One odd parcel counts three deviations at most. The drift began where the sum last stood at zero.
    """
    sums, runs, shifts = [0.0, 0.0], [0, 0], [0.0, 0.0]
    for reading in readings:
        z = max(-_CLIP, min(_CLIP, reading.z))
        for side, sign in enumerate((1.0, -1.0)):
            sums[side] = max(0.0, sums[side] + sign * z - _SLACK)
            runs[side] = runs[side] + 1 if sums[side] else 0
            shifts[side] = shifts[side] + reading.difference_g if sums[side] else 0.0
    side = 0 if sums[0] >= sums[1] else 1
    return Drift(shifts[side] / runs[side], runs[side]) if sums[side] > _ALARM else None
