"""The walks of the past on a floor that could be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fulfillment.domain.layout import UnreachableBinsError
from fulfillment.domain.routing.floor_routes import FloorLayout, find_floor_route


@dataclass(frozen=True, slots=True)
class WalkOfDay:
    """The locations of one walk that was made, and the day on which it was."""

    day: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One walk on both floors, in mm."""

    day: str
    before_mm: int
    after_mm: int


def replay(
    walks: Sequence[WalkOfDay], now: FloorLayout, then: FloorLayout, moved: Mapping[str, str]
) -> Iterator[Replayed]:
    """Yield the shortest walk over the same goods on both floors, one walk after the other.

    `moved` says where what lies at a location would lie. Locations that one of the floors lacks are left out on both,
    and walks with none left, or on which nobody gets through, are left out.
    """
    for walk in walks:
        codes = [code for code in walk.codes if code in now.codes and moved.get(code, code) in then.codes]
        if not codes:
            continue
        try:
            before = find_floor_route(now, codes).length_mm
            after = find_floor_route(then, [moved.get(code, code) for code in codes]).length_mm
        except UnreachableBinsError:
            continue
        yield Replayed(walk.day, before, after)


def unknown_codes(walks: Iterable[WalkOfDay], *floors: FloorLayout) -> set[str]:
    """Return the locations of walks that some floor lacks."""
    return {code for walk in walks for code in walk.codes if any(code not in floor.codes for floor in floors)}


def nearer(walks: Iterable[WalkOfDay], floor: FloorLayout) -> dict[str, str]:
    """Return where everything would lie if what is picked most often lay nearest, within the locations in use.

    How near a location is, is the length of a walk to it alone.
    """
    picks = Counter(code for walk in walks for code in set(walk.codes) if code in floor.codes)
    reached = {}
    for code in picks:
        try:
            reached[code] = find_floor_route(floor, [code]).length_mm
        except UnreachableBinsError:
            continue
    by_picks = sorted(reached, key=lambda code: (-picks[code], code))
    by_distance = sorted(reached, key=lambda code: (reached[code], code))
    return dict(zip(by_picks, by_distance, strict=True))
