"""Which parcels ride on pallets whose numbers are given: those that pay most for room, then whatever still fits."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from shipping.domain.zone_skip import DIRECT, Floats, Ints
from shipping.domain.zone_skip_options import Options

_TINY: Final = 1e-12


@dataclass(slots=True)
class Sharing:
    """Shares pallets out at prices of room: of a pallet's volume in the first row, of its weight in the second."""

    options: Options
    parcels: int
    _of_hub: tuple[Ints, ...] = field(init=False)

    def __post_init__(self) -> None:
        order = np.argsort(self.options.column, kind="stable")
        ends = np.cumsum(np.bincount(self.options.column, minlength=self.options.hubs))
        self._of_hub = tuple(np.split(order, ends[:-1]))

    def prices_for(self, pallets: Ints, prices: Floats, sweeps: int) -> Floats:
        """Return prices at which every hub is just full, from `prices` on.

        One after the other is set to what fills its hub while the others stay, so many times: descent along the
        coordinates of the dual of sharing out.
        """
        o, found = self.options, prices.copy()
        net = self._net(pallets, found)
        for _ in range(sweeps):
            for hub in np.flatnonzero(pallets):
                mine = self._of_hub[hub]
                net[mine] = 0
                spare = o.saving[mine] - np.maximum(np.maximum.reduceat(net, o.starts)[o.parcel[mine]], 0)
                volume, weight = o.volume[mine], o.weight[mine]
                found[0, hub] = _price(spare - found[1, hub] * weight, volume, float(pallets[hub]))
                found[1, hub] = _price(spare - found[0, hub] * volume, weight, float(pallets[hub]))
                net[mine] = o.saving[mine] - found[0, hub] * volume - found[1, hub] * weight
        return found

    def value(self, pallets: Ints, prices: Floats) -> float:
        """Return what no way to share out saves more than, before pallets are paid: the dual at such prices."""
        best = np.maximum.reduceat(self._net(pallets, prices), self.options.starts)
        return float(np.maximum(best, 0).sum() + prices.sum(axis=0) @ pallets)

    def worth_of_more(self, pallets: Ints, prices: Floats) -> Floats:
        """Return what a pallet more to each hub would save before it is paid: its price where there are some."""
        o = self.options
        found: Floats = prices[0] + prices[1]
        spare = o.saving - np.maximum(np.maximum.reduceat(self._net(pallets, prices), o.starts), 0)[o.parcel]
        room = np.maximum(np.maximum(o.volume, o.weight), _TINY)
        for hub in np.flatnonzero(pallets == 0):
            mine = self._of_hub[hub][spare[self._of_hub[hub]] > 0]
            order = mine[np.argsort(-spare[mine] / room[mine], kind="stable")]
            found[hub] = np.interp(1.0, np.cumsum(np.r_[0.0, room[order]]), np.cumsum(np.r_[0.0, spare[order]]))
        return found

    def take(self, pallets: Ints, prices: Floats) -> Floats:
        """Return 1 for the option of each parcel that is worth most at such prices, and for all of several, else 0."""
        net = self._net(pallets, prices)
        best = np.maximum.reduceat(net, self.options.starts)[self.options.parcel]
        return ((net >= best) & (net > 0)).astype(np.float64)

    def temper(self, pallets: Ints, prices: Floats, taken: Floats, power: float) -> Floats:
        """Return prices a little higher where too much was taken, and lower where there is room."""
        o = self.options
        loads = np.stack([np.bincount(o.column, taken * sizes, o.hubs) for sizes in (o.volume, o.weight)])
        return np.asarray(prices * np.clip(loads / np.maximum(pallets, 1), 0.5, 2) ** power)

    def fill(self, pallets: Ints, taken: Floats, prices: Floats) -> Ints:
        """Return the hub of each parcel: what is taken, first what loses most otherwise, then whatever still fits."""
        o, net = self.options, self._net(pallets, prices)
        hub_of = np.full(self.parcels, DIRECT, np.int64)
        left = np.stack([pallets, pallets], axis=1).astype(np.float64) - 1e-9
        chosen = np.flatnonzero(taken)
        rest = net.copy()
        rest[chosen] = 0
        regret = net[chosen] - np.maximum(np.maximum.reduceat(rest, o.starts), 0)[o.parcel[chosen]]
        room = np.maximum(np.maximum(o.volume, o.weight), _TINY)
        for lot, worth in ((chosen, regret), (np.arange(len(net)), o.saving)):
            order = lot[np.argsort(-worth / room[lot], kind="stable")]
            for hub in np.argsort(-left[:, 0], kind="stable"):
                self._load(int(hub), order[o.column[order] == hub], hub_of, left[hub])
        return hub_of

    def _load(self, hub: int, order: Ints, hub_of: Ints, left: Floats) -> None:
        """Load what fits in that order; past what does not fit twice more."""
        o = self.options
        for _ in range(3):
            order = order[hub_of[o.row[order]] == DIRECT]
            order = order[(o.volume[order] <= left[0]) & (o.weight[order] <= left[1])]
            full = (np.cumsum(o.volume[order]) > left[0]) | (np.cumsum(o.weight[order]) > left[1])
            count = int(np.argmax(full)) if full.any() else len(order)
            loaded = order[:count]
            hub_of[o.row[loaded]] = hub
            left -= o.volume[loaded].sum(), o.weight[loaded].sum()
            order = order[count:]

    def _net(self, pallets: Ints, prices: Floats) -> Floats:
        o = self.options
        net = o.saving - prices[0, o.column] * o.volume - prices[1, o.column] * o.weight
        return np.where(pallets[o.column] > 0, net, -1.0)


def _price(spare: Floats, sizes: Floats, pallets: float) -> float:
    """Return the price of a pallet that is too high for what does not fit any more, 0 where all fits."""
    worth = spare / np.maximum(sizes, _TINY)
    order = np.argsort(-worth, kind="stable")
    full = int(np.searchsorted(np.cumsum(sizes[order]), pallets, side="right"))
    return max(0.0, float(worth[order[full]])) if full < len(order) else 0.0
