"""Which parcels go to which hub: pallets from the relaxed plan, parcels by what they pay for their room, then fewer or
more pallets as long as that saves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from shipping.domain.zone_skip import DIRECT, Floats, Ints, Lanes, saved_by
from shipping.domain.zone_skip_relaxation import Options, Relaxed, options_of, relax

_ROUNDS, _STEPS = 4, 14
_WORK: Final = 2_400_000
"""Options times trials of the local search: a budget of work and not of time, so that the answer is always the same."""
_FEW_OPTIONS: Final = 12_000
_CLOSE_ENOUGH: Final = 0.004
"""Nearer to the bound than this part of the baseline, whole pallets are not searched for any more."""
_SPLITS: Final = (0.35, 0.5, 0.65)
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
    loose = relax(lanes, options)
    assert loose is not None, "to send nothing is always possible"
    search.bound = loose.bound_minor
    search.go_on(30)
    search.round_pallets(loose)
    search.change_pallets()
    search.settle()
    if search.is_open() and len(options.row) <= _FEW_OPTIONS:
        search.go_on(60)
        whole = relax(lanes, options, is_whole=True)
        if whole is not None:
            search.bound = min(search.bound, whole.bound_minor)
            search.take_whole(whole)
            search.settle()
    search.go_on(90)
    return SkipPlan(search.best, search.saved, max(search.bound, search.saved))


@dataclass(slots=True)
class _Search:
    lanes: Lanes
    options: Options
    best: Ints
    tell: Tell
    saved: int = 0
    bound: int = 0
    pallets: Ints | None = None

    def go_on(self, percent: int) -> None:
        if not self.tell(percent):
            raise Stopped

    def is_open(self) -> bool:
        """Say whether the bound leaves room."""
        return self.bound - self.saved > _CLOSE_ENOUGH * self.lanes.baseline_minor

    def round_pallets(self, loose: Relaxed) -> None:
        for split in _SPLITS:
            self.try_pallets(np.floor(loose.pallets + 1 - split).astype(np.int64))

    def change_pallets(self) -> None:
        """Give each hub in turn one pallet less and one more, and swap pallets between two, while that saves."""
        trials = max(self.options.hubs, _WORK // len(self.options.row))
        for _ in range(_ROUNDS):
            before = self.saved
            for hub in range(self.options.hubs):
                for step in (-1, 1):
                    trials -= 1
                    if trials < 0 or self.pallets is None:
                        return
                    changed = self.pallets.copy()
                    changed[hub] += step
                    if 0 <= changed[hub] <= self.options.most[hub]:
                        self.try_pallets(changed)
            if self.saved == before:
                return

    def take_whole(self, whole: Relaxed) -> None:
        self.pallets = np.rint(whole.pallets).astype(np.int64) if self.pallets is None else self.pallets
        self.try_taken(np.rint(whole.pallets).astype(np.int64), whole.taken)

    def settle(self) -> None:
        """Share the parcels out among the pallets once more, exactly but for split ones."""
        if (
            self.pallets is not None
            and self.pallets.any()
            and (self.is_open() or len(self.options.row) <= _FEW_OPTIONS)
        ):
            exact = relax(self.lanes, self.options, pallets=self.pallets)
            if exact is not None:
                self.try_taken(self.pallets, exact.taken)

    def try_pallets(self, pallets: Ints) -> None:
        self.try_taken(pallets, share_out(self.options, pallets, self.lanes))

    def try_taken(self, pallets: Ints, taken: Floats) -> None:
        hub_of = fill(self.options, pallets, taken, len(self.best))
        saved = saved_by(self.lanes, hub_of)
        if saved > self.saved:
            self.best, self.saved, self.pallets = hub_of, saved, pallets


def share_out(options: Options, pallets: Ints, lanes: Lanes) -> Floats:
    """Return 1 for the option of each parcel that is worth most at prices of room that rise where pallets overflow."""
    rows = np.flatnonzero(np.r_[True, options.row[1:] != options.row[:-1]])
    sizes = np.diff(np.r_[rows, len(options.row)])
    room = np.maximum(pallets, 1e-9)
    price = np.array([float(hub.pallet_minor) for hub in lanes.hubs])
    share = np.maximum(options.volume, options.weight)
    is_open = pallets[options.column] > 0
    taken = np.zeros(len(options.row))
    for step in range(_STEPS):
        net = np.where(is_open, options.saving - price[options.column] * share, -1.0)
        best = np.repeat(np.maximum.reduceat(net, rows), sizes)
        taken = ((net >= best) & (net > 0)).astype(np.float64)
        load = np.maximum(
            np.bincount(options.column, taken * options.volume, options.hubs),
            np.bincount(options.column, taken * options.weight, options.hubs),
        )
        price *= np.clip(load / room, 0.25, 4.0) ** (1.2 / (1 + 0.25 * step))
        price = np.maximum(price, 1.0)
    return taken


def fill(options: Options, pallets: Ints, taken: Floats, parcels: int) -> Ints:
    """Return the hub of each parcel: first what is taken for sure, dearest room first, then whatever still fits."""
    hub_of = np.full(parcels, DIRECT, np.int64)
    worth = options.saving / np.maximum(np.maximum(options.volume, options.weight), 1e-12)
    left = np.stack([pallets, pallets], axis=1).astype(np.float64) - 1e-9
    for lot in (np.flatnonzero(taken > 1 - 1e-6), np.arange(len(options.row))):
        order = lot[np.argsort(-worth[lot], kind="stable")]
        for hub in np.argsort(-left[:, 0], kind="stable"):
            mine = order[options.column[order] == hub]
            for _ in range(3):
                mine = mine[hub_of[options.row[mine]] == DIRECT]
                fits = (options.volume[mine] <= left[hub, 0]) & (options.weight[mine] <= left[hub, 1])
                mine = mine[fits]
                full = (np.cumsum(options.volume[mine]) > left[hub, 0]) | (
                    np.cumsum(options.weight[mine]) > left[hub, 1]
                )
                count = int(np.argmax(full)) if full.any() else len(mine)
                chosen = mine[:count]
                hub_of[options.row[chosen]] = hub
                left[hub] -= options.volume[chosen].sum(), options.weight[chosen].sum()
                mine = mine[count:]
    return hub_of
