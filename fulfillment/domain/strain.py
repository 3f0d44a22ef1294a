"""What picking does to a back: kilograms lifted, bends, reaches, meters walked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

BEND_UP_TO_LEVEL = 1
"""Units on the lowest level are picked with a bent back."""


@dataclass(frozen=True, slots=True)
class Strain:
    """What one person did, or a walk asks for: `bends` and `reaches` count picks, not units."""

    weight_g: int = 0
    bends: int = 0
    reaches: int = 0
    walked_mm: int = 0
    lines: int = 0

    def __add__(self, other: "Strain") -> "Strain":
        return Strain(
            self.weight_g + other.weight_g, self.bends + other.bends, self.reaches + other.reaches,
            self.walked_mm + other.walked_mm, self.lines + other.lines,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StrainLimits:
    """What a person may do in one shift; None is no limit. Picks from `reach_level` up count as reaches."""

    weight_g: int | None = None
    bends: int | None = None
    reach_level: int = 4
    reaches: int | None = None
    walked_m: int | None = None

    def allows(self, strain: Strain) -> bool:
        """Return whether a person stays within them with so much."""
        most = (self.weight_g, self.bends, self.reaches, self.walked_m)
        done = (strain.weight_g, strain.bends, strain.reaches, strain.walked_mm / 1_000)
        return all(limit is None or so_far <= limit for so_far, limit in zip(done, most, strict=True))


def rank_walks(
    walks: Mapping[str, Strain], mine: Strain, others: Collection[Strain], limits: StrainLimits
) -> list[str]:
    """Return which of equally urgent walks a person should get, the best first, without those that would be too much
    for the shift.

    Who has done more than the others gets the lightest walk, who has done less the heaviest, so that loads draw level.
    Nobody else at work, or equal loads: as they are urgent, which is the order of `walks`.
    """
    fit = [walk for walk, strain in walks.items() if limits.allows(mine + strain)]
    usual = sum(map(_effort, others)) / len(others) if others else _effort(mine)
    if _effort(mine) != usual:
        fit.sort(key=lambda walk: _effort(walks[walk]), reverse=_effort(mine) < usual)
    return fit


def _effort(strain: Strain) -> float:
    """Return one figure for a back: lifted kilograms, a bend for 5 of them, a reach for 3, 100 m walked for 1."""
    return strain.weight_g / 1_000 + 5 * strain.bends + 3 * strain.reaches + strain.walked_mm / 100_000
