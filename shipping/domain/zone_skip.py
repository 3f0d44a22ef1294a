"""Parcels that ride on pallets to hubs near their destinations, and enter a carrier's net there: the figures of a plan.

Money in minor units, volumes in mm3, weights in g. A promise is no cost: a hub that would break it has no price.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
REFUSED = -1
"""Stands for a price that there is none of: no service takes the parcel from the hub, or none keeps its promise."""
DIRECT = -1
"""Stands in the place of a hub for a parcel that goes straight from the house."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A place where a carrier takes parcels in: what a dispatch costs once, each of its pallets, and what one holds."""

    code: str
    fixed_minor: int
    pallet_minor: int
    max_volume_mm3: int
    max_weight_g: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """Parcels in rows and hubs in columns: what each costs straight, and from each hub on, REFUSED where not at all."""

    hubs: tuple[Hub, ...]
    direct_minor: Ints
    via_minor: Ints
    volume_mm3: Ints
    weight_g: Ints

    @property
    def baseline_minor(self) -> int:
        """What all parcels cost straight from the house."""
        return int(self.direct_minor.sum())

    def savings(self) -> Ints:
        """Return what each hub saves on each parcel before its pallets are paid, 0 where it saves nothing."""
        found: Ints = np.where(self.via_minor == REFUSED, 0, self.direct_minor[:, None] - self.via_minor)
        return np.maximum(found, 0)


@dataclass(frozen=True, slots=True)
class HubLoad:
    """What goes to one hub: parcels, pallets, what these, the last miles, and the parcels straight would cost."""

    code: str
    parcels: int
    pallets: int
    volume_mm3: int
    weight_g: int
    linehaul_minor: int
    last_mile_minor: int
    direct_minor: int

    @property
    def saved_minor(self) -> int:
        """What the hub saves after all it costs."""
        return self.direct_minor - self.linehaul_minor - self.last_mile_minor


def loads_of(lanes: Lanes, hub_of: Ints) -> tuple[HubLoad, ...]:
    """Return the load of every hub, also of those that take nothing, for the hub of each parcel or DIRECT."""
    found = []
    for number, hub in enumerate(lanes.hubs):
        rows = np.flatnonzero(hub_of == number)
        volume, weight = int(lanes.volume_mm3[rows].sum()), int(lanes.weight_g[rows].sum())
        pallets = pallets_for(hub, volume, weight)
        found.append(
            HubLoad(
                hub.code, len(rows), pallets, volume, weight, linehaul_minor(hub, pallets),
                int(lanes.via_minor[rows, number].sum()), int(lanes.direct_minor[rows].sum()),
            )
        )  # fmt: skip
    return tuple(found)


def pallets_for(hub: Hub, volume_mm3: int, weight_g: int) -> int:
    """Return how many pallets hold so much."""
    return max(-(-volume_mm3 // hub.max_volume_mm3), -(-weight_g // hub.max_weight_g))


def linehaul_minor(hub: Hub, pallets: int) -> int:
    """Return what so many pallets to a hub cost."""
    return hub.fixed_minor + pallets * hub.pallet_minor if pallets else 0


def saved_by(lanes: Lanes, hub_of: Ints) -> int:
    """Return what a plan saves against sending all parcels straight."""
    return sum(load.saved_minor for load in loads_of(lanes, hub_of))
