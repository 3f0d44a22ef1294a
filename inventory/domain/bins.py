from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class Portion:
    """Units to take from bins of equal standing, whole cases of `case_units` from each: which of them, is free."""

    units: int
    equals: tuple[Bin, ...]
    case_units: int = 1


@dataclass(frozen=True, slots=True)
class ProposedPick:
    """Units that somebody would take from one location and lot."""

    location_code: str
    lot: str
    units: int


def portions(bins: Iterable[Bin], wanted: int, cases: Collection[int] = ()) -> list[Portion]:
    """Return how `wanted` units are to be taken, in this order; fewer in total when the bins lack.

    What expires first goes first (FEFO), wherever it lies; goods without a date go after those with one. Among units of
    one date whole cases, of the sizes `cases`, come out of bulk, and what is left from pick faces before bulk.
    """
    dated: dict[date, list[Bin]] = {}
    for found in bins:
        if found.free > 0:
            dated.setdefault(found.expires_on or date.max, []).append(found)
    taken: list[Portion] = []
    for _, held in sorted(dated.items()):
        units = min(wanted, sum(b.free for b in held))
        if units > 0:
            taken += _of_one_date(held, units, cases)
            wanted -= units
    return taken


def _of_one_date(held: Sequence[Bin], units: int, cases: Collection[int]) -> Iterator[Portion]:
    bulk = tuple(b for b in held if b.kind == "bulk")
    faces = tuple(b for b in held if b.kind != "bulk")
    for size in sorted({size for size in cases if size > 1}, reverse=True):
        whole = min(units // size, sum(b.free // size for b in bulk)) * size
        if whole:
            # What is left of the bulk bins differs with the choice of the bins: one size of case for each date.
            yield Portion(whole, tuple(b for b in bulk if b.free >= size), size)
            units -= whole
            break
    from_faces = min(units, sum(b.free for b in faces))
    if from_faces:
        yield Portion(from_faces, faces)
    if units > from_faces:
        yield Portion(units - from_faces, bulk)


def choose_bins(bins: Iterable[Bin], wanted: int, cases: Collection[int] = ()) -> list[tuple[Bin, int]]:
    """Return the bins to take `wanted` units from, and how many from each; see `portions`.

    Among equals the smallest bin that holds everything wins, so that bins empty out; if none does, the fullest first,
    so that the picker stops as seldom as possible. Ties go by location code and lot.
    """
    return _joined(choose_in_order(bins, wanted, cases))


def choose_in_order(bins: Iterable[Bin], wanted: int, cases: Collection[int] = ()) -> list[tuple[Bin, int]]:
    """Return what `choose_bins` does, in the order of `portions`; a bin may come again."""
    used: Counter[tuple[str, str]] = Counter()
    chosen: list[tuple[Bin, int]] = []
    for portion in portions(bins, wanted, cases):
        left = portion.units
        while left:
            found, units = _next_bin(portion, left, used)
            used[found.key] += units
            chosen.append((found, units))
            left -= units
    return chosen


def _next_bin(portion: Portion, left: int, used: Counter[tuple[str, str]]) -> tuple[Bin, int]:
    size = portion.case_units
    room = {b.key: (b.free - used[b.key]) // size * size for b in portion.equals}
    enough = [b for b in portion.equals if room[b.key] >= left]
    if enough:
        return min(enough, key=lambda b: (room[b.key], b.location_code, b.lot)), left
    fullest = min(portion.equals, key=lambda b: (-room[b.key], b.location_code, b.lot))
    return fullest, room[fullest.key]


def follow_proposal(
    bins: Sequence[Bin], wanted: int, picks: Sequence[ProposedPick], cases: Collection[int] = ()
) -> list[tuple[Bin, int]] | None:
    """Return the bins of a proposal, which names them in the order of `portions`; None where the rules, or what lies in
    the bins now, do not allow it. Then `choose_bins` has a choice that they do.
    """
    used: Counter[tuple[str, str]] = Counter()
    chosen: list[tuple[Bin, int]] = []
    waiting = iter(picks)
    for portion in portions(bins, wanted, cases):
        equals = {(b.location_code, b.lot): b for b in portion.equals}
        left = portion.units
        while left > 0:
            pick = next(waiting, None)
            found = equals.get((pick.location_code, pick.lot)) if pick else None
            if not pick or not found or not 0 < pick.units <= min(left, found.free - used[found.key]):
                return None
            if pick.units % portion.case_units:
                return None
            used[found.key] += pick.units
            chosen.append((found, pick.units))
            left -= pick.units
    return _joined(chosen) if next(waiting, None) is None else None


def _joined(chosen: Iterable[tuple[Bin, int]]) -> list[tuple[Bin, int]]:
    """Return each bin once: it may give whole cases and single units."""
    units: dict[Bin, int] = {}
    for found, quantity in chosen:
        units[found] = units.get(found, 0) + quantity
    return list(units.items())


def explain_missing(bins: Sequence[Bin]) -> str:
    """Say why reserved units could not be allocated, in words for the floor."""
    if any(b.frozen and b.quantity > b.allocated for b in bins):
        return "The bin is frozen until it is counted."
    waiting = sorted({b.location_code for b in bins if b.kind not in PICKABLE and b.quantity > b.allocated})
    if waiting:
        return f"The units lie where nobody picks ({', '.join(waiting)}): put them away first."
    return "No bin holds the units."
