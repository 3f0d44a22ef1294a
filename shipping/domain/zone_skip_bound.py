"""What zone skipping can save at most: every parcel asks for a share of its saving, and each hub takes what pays there.

The rule that a parcel goes once is priced instead of kept (Lagrangian relaxation; Geoffrion 1974, for facilities of a
capacity Cornuejols, Sridharan and Thizy 1991). What is left falls apart into hubs, whose whole pallets are settled
exactly; so it is tighter than a program with parts of pallets. Prices follow the subgradient with Polyak's step.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import Final

import numpy as np

from shipping.domain.zone_skip import Floats, Ints, Lanes, linehaul_minor, loads_of
from shipping.domain.zone_skip_options import Options

_STEP, _SHRINK, _PATIENCE, _MEMORY = 0.3, 0.6, 8, 0.8
_LEAN: Final = 0.25
_LEAST_LOAD: Final = 0.5
_TINY: Final = 1e-9


@dataclass(slots=True)
class Bounding:
    """The best bound so far, in minor units, and what the parcels and the two measures of room cost for it.

    `asked` is the share of its saving that each parcel asks for, in the order of `options`; `lean` is the part that
    volume has in the room of each hub, the rest is weight. Any of both bounds every plan, some nearer than others.
    """

    lanes: Lanes
    options: Options
    asked: Floats
    lean: Floats
    bound: float = np.inf
    _step: float = _STEP
    _stalled: int = 0
    _best: tuple[Floats, Floats] = field(init=False)
    _slope: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._best = self.asked, self.lean
        self._slope = np.zeros_like(self.asked)

    @property
    def bound_minor(self) -> int:
        """What no plan saves more than."""
        return ceil(self.bound)

    def lower(self, rounds: int, saved_minor: int, enough_minor: float) -> Iterator[Ints]:
        """Ask anew, up to so many rounds or until the bound is near what a plan saves; yield each round's pallets."""
        for _ in range(rounds):
            total, pallets, taken = self._settle_hubs()
            yield pallets
            self._keep(total, saved_minor)
            if self.bound - saved_minor <= enough_minor:
                return
            self._ask(total - saved_minor, taken)
            self._lean(pallets, taken)

    def _settle_hubs(self) -> tuple[float, Ints, Floats]:
        """Return the bound of what is asked now, and the pallets and parts of options that reach it."""
        o = self.options
        gain = o.saving - self.asked[o.parcel]
        room = np.maximum(self.lean[o.column] * o.volume + (1 - self.lean[o.column]) * o.weight, _TINY)
        offered = np.flatnonzero(gain > 0)
        order = offered[np.lexsort((-gain[offered] / room[offered], o.column[offered]))]
        starts = np.searchsorted(o.column[order], np.arange(o.hubs + 1))
        total, pallets, taken = float(self.asked.sum()), np.zeros(o.hubs, np.int64), np.zeros(len(gain))
        for number, hub in enumerate(self.lanes.hubs):
            mine = order[starts[number] : starts[number + 1]]
            if not len(mine):
                continue
            loads, gains = np.cumsum(np.r_[0.0, room[mine]]), np.cumsum(np.r_[0.0, gain[mine]])
            counts = np.arange(1, ceil(loads[-1]) + 1)
            net = np.interp(counts, loads, gains) - hub.pallet_minor * counts - hub.fixed_minor
            best = int(np.argmax(net))
            if net[best] > 0:
                total += float(net[best])
                pallets[number] = best + 1
                taken[mine] = np.clip((best + 1 - loads[:-1]) / room[mine], 0, 1)
        return total, pallets, taken

    def _keep(self, total: float, saved_minor: int) -> None:
        """Keep what lowers the bound; where nothing does any more, go back to the best and take smaller steps."""
        self._stalled = 0 if total < self.bound - 1e-4 * (self.bound - saved_minor) else self._stalled + 1
        if total < self.bound:
            self.bound, self._best = total, (self.asked, self.lean)
        if self._stalled >= _PATIENCE:
            self._step, self._stalled = self._step * _SHRINK, 0
            self.asked, self.lean = self._best
            self._slope = np.zeros_like(self.asked)

    def _ask(self, gap: float, taken: Floats) -> None:
        """Let parcels that several hubs want ask for more, and those that none wants for less."""
        unused = 1 - np.bincount(self.options.parcel, taken, len(self.asked))
        self._slope = _MEMORY * self._slope + (1 - _MEMORY) * unused
        slope = np.where((self.asked <= 0) & (self._slope > 0), 0, self._slope)
        self.asked = np.maximum(self.asked - self._step * gap / max(float(slope @ slope), _TINY) * slope, 0)

    def _lean(self, pallets: Ints, taken: Floats) -> None:
        """Let the measure of which a hub gets more than of the other weigh more."""
        o = self.options
        excess = np.bincount(o.column, taken * (o.volume - o.weight), o.hubs)
        self.lean = np.clip(self.lean + _LEAN * excess / np.maximum(pallets, 1), 0, 1)


def start_bounding(lanes: Lanes, options: Options, hub_of: Ints) -> Bounding:
    """Begin with what room costs on average where a plan sends pallets, and with what a first one costs elsewhere."""
    loads = loads_of(lanes, hub_of)
    volume = np.array([load.volume_mm3 / hub.max_volume_mm3 for load, hub in zip(loads, lanes.hubs, strict=True)])
    weight = np.array([load.weight_g / hub.max_weight_g for load, hub in zip(loads, lanes.hubs, strict=True)])
    paid = np.array([linehaul_minor(hub, max(load.pallets, 1)) for load, hub in zip(loads, lanes.hubs, strict=True)])
    cost = paid / np.where(volume + weight > 0, np.maximum(np.maximum(volume, weight), _LEAST_LOAD), 1)
    lean = (volume >= weight).astype(np.float64)
    room = lean[options.column] * options.volume + (1 - lean[options.column]) * options.weight
    asked = np.maximum.reduceat(options.saving - cost[options.column] * room, options.starts)
    return Bounding(lanes, options, np.maximum(asked, 0), lean)
