"""Which parcels go to which hub: numbers of pallets are tried by what they are worth if parcels might be split, and the
best of them shared out among whole parcels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from shipping.domain.zone_skip import DIRECT, Floats, Ints, Lanes, saved_by
from shipping.domain.zone_skip_bound import Bounding, start_bounding
from shipping.domain.zone_skip_options import Options, options_of
from shipping.domain.zone_skip_program import share_exactly
from shipping.domain.zone_skip_sharing import Sharing

_CLOSE_ENOUGH: Final = 0.0002
"""Nearer to the bound than this part of the baseline, neither bound nor plan are worked on any more."""
_HOPEFUL: Final = 0.001
"""Changes of pallets are tried that seem to lose less than this part of the baseline."""
_FEW_OPTIONS: Final = 12_000
_SPLITS: Final = (0.35, 0.5, 0.65)
_FIRST_ROUNDS, _SWEEPS, _FINE_SWEEPS = 15, 3, 6
Tell = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class SkipPlan:
    """The hub of each parcel or DIRECT, what that saves, and what no plan can save more than, in minor units."""

    hub_of: Ints
    saved_minor: int
    bound_minor: int


class Stopped(Exception):
    """Whoever asked does not want the plan any more."""


def plan_zone_skip(lanes: Lanes, *, tell: Tell = lambda _: True) -> SkipPlan:
    """Choose what goes by which hub. It is never dearer than sending all parcels straight.

    `tell` is called with percent now and then and says whether to go on.

    Raises:
        Stopped: `tell` said no.
    """
    straight = np.full(len(lanes.direct_minor), DIRECT, np.int64)
    options = options_of(lanes)
    if not len(options.row):
        return SkipPlan(straight, 0, 0)
    search = _Search(lanes, options, straight, tell)
    search.go_on(10)
    search.round_loads()
    search.go_on(20)
    bounding = start_bounding(lanes, options, search.best)
    search.follow(bounding, _FIRST_ROUNDS)
    search.go_on(40)
    search.follow(bounding, search.budget(600_000, 12, 60))
    search.go_on(60)
    if not search.is_close(bounding):
        search.change_pallets()
        search.share_best(search.budget(30_000, 2, 12))
        search.settle_best(search.budget(24_000, 1, 8))
        search.go_on(80)
        search.follow(bounding, search.budget(600_000, 12, 60))
    search.go_on(90)
    return SkipPlan(search.best, search.saved, max(bounding.bound_minor, search.saved))


@dataclass(frozen=True, slots=True)
class _Draft:
    """Pallets of each hub, prices at which these are full, and what they save at most, if parcels might be split."""

    pallets: Ints
    prices: Floats
    value: float


@dataclass(slots=True)
class _Search:
    lanes: Lanes
    options: Options
    best: Ints
    tell: Tell
    saved: int = 0
    _drafts: dict[bytes, _Draft] = field(default_factory=dict)
    _shared: set[bytes] = field(default_factory=set)
    _sharing: Sharing = field(init=False)
    _each: Floats = field(init=False)
    _fixed: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._sharing = Sharing(self.options, len(self.best))
        self._each = np.array([hub.pallet_minor for hub in self.lanes.hubs], np.float64)
        self._fixed = np.array([hub.fixed_minor for hub in self.lanes.hubs], np.float64)

    def go_on(self, percent: int) -> None:
        if not self.tell(percent):
            raise Stopped

    def budget(self, work: int, least: int, most: int) -> int:
        """Return how often to go through all options: steps and not time, so that the answer is always the same."""
        return max(least, min(most, work // len(self.options.row)))

    def is_close(self, bounding: Bounding) -> bool:
        return bounding.bound - self.saved <= _CLOSE_ENOUGH * self.lanes.baseline_minor

    def round_loads(self) -> None:
        """Begin with what each hub would get if parts of pallets were to be had, rounded at three splits."""
        o = self.options
        price = self._each + self._fixed / np.maximum(o.most, 1)
        net = o.saving - price[o.column] * np.maximum(o.volume, o.weight)
        taken = (net >= np.maximum.reduceat(net, o.starts)[o.parcel]) & (net > 0)
        load = np.maximum(*(np.bincount(o.column, taken * sizes, o.hubs) for sizes in (o.volume, o.weight)))
        for split in _SPLITS:
            self._draft(np.floor(load + 1 - split).astype(np.int64))
        self.share_best(1)

    def follow(self, bounding: Bounding, rounds: int) -> None:
        """Lower the bound, and try the pallets that it comes by."""
        enough = _CLOSE_ENOUGH * self.lanes.baseline_minor
        for pallets in list(bounding.lower(rounds, self.saved, enough)):
            self._draft(pallets)
        self.share_best(1)

    def change_pallets(self) -> None:
        """Give a hub a pallet more or less, or one hub's to another, from the best draft on, as long as that helps."""
        trials = self.budget(4_000_000 // self.options.hubs, 6, 240)
        improves = True
        while improves and trials:
            lead, improves = self._lead(), False
            for pallets in self._changes(lead):
                if pallets.tobytes() in self._drafts:
                    continue
                trials -= 1
                improves = self._draft(pallets).value > lead.value
                if improves or not trials:
                    break

    def share_best(self, count: int) -> None:
        """Share out the best drafts among whole parcels, at several shades of their prices."""
        for draft in self._leaders(count):
            if draft.value <= self.saved or draft.pallets.tobytes() in self._shared:
                continue
            self._shared.add(draft.pallets.tobytes())
            prices = self._sharing.prices_for(draft.pallets, draft.prices, _FINE_SWEEPS)
            for shade in range(self.budget(100_000, 3, 10)):
                taken = self._sharing.take(draft.pallets, prices)
                self._keep(self._sharing.fill(draft.pallets, taken, prices))
                prices = self._sharing.temper(draft.pallets, prices, taken, 0.2 / (1 + 0.2 * shade))

    def settle_best(self, count: int) -> None:
        """Share out the best drafts exactly but for split parcels, where there are not too many."""
        if len(self.options.row) > _FEW_OPTIONS:
            return
        for draft in self._leaders(count):
            if draft.value > self.saved:
                taken = share_exactly(self.options, draft.pallets) > 1 - 1e-6
                self._keep(self._sharing.fill(draft.pallets, taken.astype(np.float64), draft.prices))

    def _leaders(self, count: int) -> list[_Draft]:
        return sorted(self._drafts.values(), key=lambda draft: -draft.value)[:count]

    def _lead(self) -> _Draft:
        return self._leaders(1)[0]

    def _draft(self, pallets: Ints) -> _Draft:
        key = pallets.tobytes()
        if key not in self._drafts:
            start = self._lead().prices if self._drafts else np.stack([self._each, self._each]) / 2
            prices = self._sharing.prices_for(pallets, start, _SWEEPS)
            cost = float(self._each @ pallets + self._fixed @ (pallets > 0))
            self._drafts[key] = _Draft(pallets, prices, self._sharing.value(pallets, prices) - cost)
        return self._drafts[key]

    def _changes(self, lead: _Draft) -> Iterator[Ints]:
        """Yield pallets with one more, one less, or both, those first that promise most."""
        had = lead.pallets
        more = self._sharing.worth_of_more(had, lead.prices) - self._each - np.where(had == 0, self._fixed, 0)
        less = self._each - lead.prices.sum(axis=0) + np.where(had == 1, self._fixed, 0)
        gains = np.add.outer(
            np.r_[0.0, np.where(had < self.options.most, more, -np.inf)],
            np.r_[0.0, np.where(had > 0, less, -np.inf)],
        )
        np.fill_diagonal(gains, -np.inf)
        for place in np.argsort(-gains, axis=None, kind="stable"):
            given, taken = divmod(int(place), len(gains))
            if gains[given, taken] < -_HOPEFUL * self.lanes.baseline_minor:
                return
            change = np.zeros(len(gains), np.int64)
            change[given] += 1
            change[taken] -= 1
            yield had + change[1:]

    def _keep(self, hub_of: Ints) -> None:
        saved = saved_by(self.lanes, hub_of)
        if saved > self.saved:
            self.best, self.saved = hub_of, saved
