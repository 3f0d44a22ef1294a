from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PICKABLE = {"pick": 0, "bulk": 1}
"""The kinds of location that pickers walk to, and which is preferred: forward pick faces before bulk storage."""


@dataclass(frozen=True, slots=True)
class Bin:
    """What one location holds of one item."""

    location_id: str
    location_code: str
    kind: str
    quantity: int
    allocated: int
    frozen: bool

    @property
    def free(self) -> int:
        """Units that a new allocation may take: none while the bin waits for its count or nobody picks there."""
        return 0 if self.frozen or self.kind not in PICKABLE else self.quantity - self.allocated


def choose_bins(bins: Iterable[Bin], wanted: int) -> list[tuple[Bin, int]]:
    """Return the bins to take `wanted` units from, and how many from each; fewer in total when the bins lack.

    A pick face goes before bulk. Among equals the smallest bin that holds everything wins, so that bins empty out; if
    none does, the fullest first, so that the picker stops as seldom as possible. Ties go by location code.
    """
    open_bins = [b for b in bins if b.free > 0]
    chosen: list[tuple[Bin, int]] = []
    for rank in sorted(set(PICKABLE.values())):
        ranked = [b for b in open_bins if PICKABLE[b.kind] == rank]
        enough = [b for b in ranked if b.free >= wanted > 0]
        if enough:
            return [*chosen, (min(enough, key=lambda b: (b.free, b.location_code)), wanted)]
        for found in sorted(ranked, key=lambda b: (-b.free, b.location_code)):
            if wanted > 0:
                taken = min(found.free, wanted)
                chosen.append((found, taken))
                wanted -= taken
    return chosen


def explain_missing(bins: Sequence[Bin]) -> str:
    """Say why reserved units could not be allocated, in words for the floor."""
    if any(b.frozen and b.quantity > b.allocated for b in bins):
        return "The bin is frozen until it is counted."
    waiting = sorted(b.location_code for b in bins if b.kind not in PICKABLE and b.quantity > b.allocated)
    if waiting:
        return f"The units lie where nobody picks ({', '.join(waiting)}): put them away first."
    return "No bin holds the units."
