"""Slotting: which items would better lie elsewhere, measured on the walks that were really made."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import combinations
from math import ceil
from typing import TypeAlias

from fulfillment.domain.layout import GridLayout, Stand
from fulfillment.domain.routing.routes import tour_length
from fulfillment.domain.routing.rules import walking_distance

ItemKey: TypeAlias = tuple[str, str]
"""Tenant and item."""

WALK_MM_PER_SECOND = 1_100
STOP_SECONDS = 12
UNIT_SECONDS = 2
"""The pace that moving is reckoned with: walking, scanning at one place, handling one unit."""

MOVERS = 200
"""So many items are looked at, those on most walks; more of them seldom pay for being carried."""
TARGETS = 15
"""For each of them so many places of each sort: near the depot and near its partners, empty or another item's."""
PARTNERS = 3
JOINT = 1.25
"""Two items that are ordered together move as one change if that saves so many times what each would alone."""
TOURS = 25_000
"""Tours that one proposal may measure on a floor of one or two blocks, some ten seconds."""
_BLOCK_EFFORT = {2: 1, 3: 2, 4: 8, 5: 40}
"""By number of cross-aisles: how much dearer one tour is."""


@dataclass(frozen=True, slots=True)
class PastWalk:
    """One walk as it was made: the items picked on it, by order."""

    orders: tuple[frozenset[ItemKey], ...]

    @property
    def items(self) -> frozenset[ItemKey]:
        """Everything that was picked on it."""
        return frozenset[ItemKey]().union(*self.orders)


@dataclass(frozen=True, slots=True)
class Home:
    """Where an item is picked now: the location, how many units lie there, and cartloads to carry all of them."""

    code: str
    units: int
    trips: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """Items that change their place at once: one goes to an empty location, two swap theirs, or two that are ordered
    together go to empty ones side by side.

    `saved_mm` is how much shorter the past walks would have been; `move_mm` and `move_seconds` are what moving costs.
    """

    places: tuple[tuple[ItemKey, str], ...]
    saved_mm: int = 0
    move_mm: int = 0
    move_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What a proposal is made of.

    `fits` says whether an item's units can be put into a location, beside what lies there. `days` are those on which
    the walks were made; a change has to pay for its moving within `payback_days` such days.
    """

    layout: GridLayout
    walks: Sequence[PastWalk]
    homes: Mapping[ItemKey, Home]
    empty: Sequence[str]
    fits: Callable[[ItemKey, str], bool]
    days: int
    most: int
    payback_days: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes in the order in which they save most, each beside those before it, and the walks before and after."""

    changes: tuple[Change, ...]
    before_mm: int
    after_mm: int
    tours: int = 0


def payback_days(saved_mm: int, move_seconds: int, days: int) -> float:
    """Return after how many days the walking that is saved outweighs the work of moving; `saved_mm` in `days` days."""
    saved_seconds = saved_mm / WALK_MM_PER_SECOND / days
    return move_seconds / saved_seconds if saved_seconds > 0 else float("inf")


def affinities(walks: Iterable[PastWalk]) -> dict[ItemKey, list[tuple[ItemKey, int]]]:
    """Return for each item those that were ordered together with it, and in how many orders, most often first."""
    pairs: dict[ItemKey, Counter[ItemKey]] = defaultdict(Counter)
    for walk in walks:
        for order in walk.orders:
            for one, other in combinations(sorted(order), 2):
                pairs[one][other] += 1
                pairs[other][one] += 1
    return {key: sorted(found.items(), key=lambda pair: (-pair[1], pair[0])) for key, found in pairs.items()}


def propose(question: Question) -> Iterator[tuple[int, int] | Proposal]:
    """Yield how far it is, as (done, of), and at last the proposal.

    Each candidate is measured by exact tours over all past walks that it touches; the one that saves most is taken,
    and those left are measured anew beside it before they are (a lazy greedy search). No item and no location is in
    two changes, so that each can be done, or left, without the others. The same question gives the same answer.
    """
    search = _Search(question)
    candidates = list(_candidates(search))
    heap: list[tuple[int, int]] = []
    for number, candidate in enumerate(candidates):
        if search.tours_left <= 0:
            break
        heap.append((-search.saving(candidate), number))
        yield number, len(candidates)
    heapify(heap)
    taken = list(_take(search, candidates, heap))
    yield Proposal(tuple(taken), search.before_mm, search.length_mm, search.tours)


def _take(search: "_Search", candidates: Sequence[Change], heap: list[tuple[int, int]]) -> Iterator[Change]:
    taken = 0
    while heap and taken < search.question.most:
        _, number = heappop(heap)
        if search.touches_taken(candidates[number]):
            continue
        saved = search.saving(candidates[number])
        if heap and -saved > heap[0][0]:
            heappush(heap, (-saved, number))
        elif found := search.worthwhile(candidates[number], saved):
            search.take(found)
            taken += 1
            yield found


@dataclass(slots=True)
class _Search:
    """The state of one search: where everything lies by now, and the walks as long as they are then."""

    question: Question
    homes: dict[ItemKey, str] = field(default_factory=dict)
    of_item: dict[ItemKey, list[int]] = field(default_factory=dict)
    items: list[frozenset[ItemKey]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    known: dict[frozenset[Stand], int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    before_mm: int = 0
    tours: int = 0

    def __post_init__(self) -> None:
        asked = self.question
        self.homes = {key: home.code for key, home in asked.homes.items()}
        self.items = [frozenset(key for key in walk.items if key in self.homes) for walk in asked.walks]
        for number, items in enumerate(self.items):
            for key in sorted(items):
                self.of_item.setdefault(key, []).append(number)
        self.lengths = [self._length(items, {}) for items in self.items]
        self.before_mm = self.length_mm

    @property
    def length_mm(self) -> int:
        """How long all walks are now."""
        return sum(self.lengths)

    @property
    def tours_left(self) -> int:
        """How many tours may still be measured."""
        rows = min(len(self.question.layout.rows), max(_BLOCK_EFFORT))
        return TOURS // _BLOCK_EFFORT[rows] - self.tours

    def depth(self, code: str) -> int:
        """Return the walk to a location alone and back, in mm."""
        return self._tour(frozenset((self.question.layout.stands[code],)))

    def saving(self, change: Change) -> int:
        """Return by how much all walks become shorter."""
        moved = dict(change.places)
        touched = {number for key in moved for number in self.of_item.get(key, ())}
        return sum(self.lengths[number] - self._length(self.items[number], moved) for number in touched)

    def touches_taken(self, change: Change) -> bool:
        """Say whether one of its items or locations is in a change that was taken."""
        return any(code in self.used or self.homes[key] in self.used for key, code in change.places)

    def worthwhile(self, change: Change, saved_mm: int) -> Change | None:
        """Return the change with its figures, None when it does not pay in time."""
        move_mm = sum(self._carry_mm(key, code) for key, code in change.places)
        units = sum(self.question.homes[key].units for key, _ in change.places)
        stops = 2 * sum(self.question.homes[key].trips for key, _ in change.places)
        seconds = ceil(move_mm / WALK_MM_PER_SECOND) + stops * STOP_SECONDS + units * UNIT_SECONDS
        if saved_mm <= 0 or payback_days(saved_mm, seconds, self.question.days) > self.question.payback_days:
            return None
        return Change(change.places, saved_mm, move_mm, seconds)

    def take(self, change: Change) -> None:
        """Put the items where they go."""
        moved = dict(change.places)
        self.used.update(self.homes[key] for key in moved)
        self.used.update(moved.values())
        self.homes.update(moved)
        for number in {number for key in moved for number in self.of_item.get(key, ())}:
            self.lengths[number] = self._length(self.items[number], {})

    def _carry_mm(self, key: ItemKey, code: str) -> int:
        layout, home = self.question.layout, self.question.homes[key]
        way = walking_distance(layout, layout.access_point(home.code), layout.access_point(code))
        return 2 * way * home.trips

    def _length(self, items: Iterable[ItemKey], moved: Mapping[ItemKey, str]) -> int:
        stands = self.question.layout.stands
        return self._tour(frozenset(stands[moved.get(key) or self.homes[key]] for key in items))

    def _tour(self, stands: frozenset[Stand]) -> int:
        if stands not in self.known:
            self.known[stands] = tour_length(self.question.layout, stands)
            self.tours += len(stands) > 1
        return self.known[stands]


def _candidates(search: _Search) -> Iterator[Change]:
    """Yield what may pay: each item that is on many walks to places nearer to the depot, and nearer to its partners."""
    asked = search.question
    often = {key: len(search.of_item.get(key, ())) for key in search.homes}
    movers = sorted((key for key in often if often[key]), key=lambda key: (-often[key], key))[:MOVERS]
    lying = {code: key for key, code in sorted(search.homes.items(), reverse=True)}
    shared = Counter(search.homes.values())
    alone = {code: key for code, key in lying.items() if shared[code] == 1}
    together = affinities(asked.walks)
    seen: set[frozenset[tuple[ItemKey, str]]] = set()
    for key in movers:
        partners = [search.homes[other] for other, _ in together.get(key, ())[:PARTNERS] if other in search.homes]
        for code in _places(search, key, often, alone, partners):
            other = alone.get(code)
            places = ((key, code),) if other is None else ((key, code), (other, search.homes[key]))
            if frozenset(places) not in seen and all(asked.fits(each, at) for each, at in places):
                seen.add(frozenset(places))
                yield Change(places)
        for other, _ in together.get(key, ())[:PARTNERS]:
            pair = _side_by_side(search, key, other) if other in search.homes else None
            if pair and frozenset(pair) not in seen and _is_joint(search, pair):
                seen.add(frozenset(pair))
                yield Change(pair)


def _is_joint(search: _Search, pair: tuple[tuple[ItemKey, str], ...]) -> bool:
    """Say whether two items are worth clearly more together than each alone: else each is a change of its own."""
    alone = sum(max(0, search.saving(Change((each,)))) for each in pair)
    return search.saving(Change(pair)) > JOINT * alone


def _side_by_side(search: _Search, key: ItemKey, other: ItemKey) -> tuple[tuple[ItemKey, str], ...] | None:
    """Return the two empty places nearest to the depot for two items that are ordered together: neither gains much by
    going there alone.
    """
    fits = search.question.fits
    ranked = sorted(search.question.empty, key=lambda code: (search.depth(code), code))
    first = next((code for code in ranked if fits(key, code)), None)
    second = next((code for code in ranked if code != first and fits(other, code)), None)
    return ((key, first), (other, second)) if first and second else None


def _places(
    search: _Search, key: ItemKey, often: Mapping[ItemKey, int], alone: Mapping[str, ItemKey], partners: Sequence[str]
) -> list[str]:
    """Return where an item might go, the most promising places of each sort."""
    layout, home = search.question.layout, search.homes[key]
    here, depth = layout.access_point(home), search.depth(home)
    slower = [code for code, other in alone.items() if often[other] < often[key]]
    found: list[str] = []
    for codes in (search.question.empty, slower):
        nearer = [code for code in codes if search.depth(code) < depth]
        gain = {c: (depth - search.depth(c)) * (often[key] - (often[alone[c]] if c in alone else 0)) for c in nearer}
        found += sorted(nearer, key=lambda code: (-gain[code], code))[:TARGETS]
        for partner in partners:
            at = layout.access_point(partner)
            apart = {code: walking_distance(layout, layout.access_point(code), at) for code in codes}
            close = [code for code in codes if apart[code] < walking_distance(layout, here, at)]
            found += sorted(close, key=lambda code: (apart[code], code))[:TARGETS]
    return list(dict.fromkeys(code for code in found if code != home))
