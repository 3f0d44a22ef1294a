from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

PICKABLE = {"pick": 0, "bulk": 1}
"""The kinds of location that pickers walk to, and which is preferred: forward pick faces before bulk storage."""


@dataclass(frozen=True, slots=True)
class Bin:
    """What one location holds of one item and lot, and the last day on which that is good, if there is one."""

    location_id: str
    location_code: str
    kind: str
    quantity: int
    allocated: int
    frozen: bool
    lot: str = ""
    expires_on: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The location and the lot: units of two lots in one location are apart in the books."""
        return self.location_id, self.lot

    @property
    def free(self) -> int:
        """Units that a new allocation may take: none while the bin waits for its count or nobody picks there."""
        return 0 if self.frozen or self.kind not in PICKABLE else self.quantity - self.allocated


def choose_bins(bins: Iterable[Bin], wanted: int) -> list[tuple[Bin, int]]:
    """Return the bins to take `wanted` units from, and how many from each; fewer in total when the bins lack.

    What expires first goes first (FEFO), wherever it lies; goods without a date go after those with one. Among equals
    a pick face goes before bulk. Then the smallest bin that holds everything wins, so that bins empty out; if none
    does, the fullest first, so that the picker stops as seldom as possible. Ties go by location code and lot.
    """
    ranked: dict[tuple[date, int], list[Bin]] = {}
    for found in bins:
        if found.free > 0:
            ranked.setdefault((found.expires_on or date.max, PICKABLE[found.kind]), []).append(found)
    chosen: list[tuple[Bin, int]] = []
    for _, equals in sorted(ranked.items()):
        enough = [b for b in equals if b.free >= wanted > 0]
        if enough:
            return [*chosen, (min(enough, key=lambda b: (b.free, b.location_code, b.lot)), wanted)]
        for found in sorted(equals, key=lambda b: (-b.free, b.location_code, b.lot)):
            if wanted > 0:
                taken = min(found.free, wanted)
                chosen.append((found, taken))
                wanted -= taken
    return chosen


def explain_missing(bins: Sequence[Bin]) -> str:
    """Say why reserved units could not be allocated, in words for the floor."""
    if any(b.frozen and b.quantity > b.allocated for b in bins):
        return "The bin is frozen until it is counted."
    waiting = sorted({b.location_code for b in bins if b.kind not in PICKABLE and b.quantity > b.allocated})
    if waiting:
        return f"The units lie where nobody picks ({', '.join(waiting)}): put them away first."
    return "No bin holds the units."
