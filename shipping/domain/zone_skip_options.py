"""The ways by which something is saved: which parcel by which hub, with what it takes of a pallet there."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from shipping.domain.zone_skip import Floats, Ints, Lanes


@dataclass(frozen=True, slots=True)
class Options:
    """Option k sends parcel `row[k]` by hub `column[k]`, rising by row. Volumes and weights are parts of a pallet.

    Parcels with options are counted from 0: `parcel` is that number of each option, `starts` where each one's begin.
    `most` are the pallets that hold all that a hub could get.
    """

    row: Ints
    column: Ints
    saving: Floats
    volume: Floats
    weight: Floats
    parcel: Ints
    starts: Ints
    most: Ints

    @property
    def hubs(self) -> int:
        """How many hubs there are."""
        return len(self.most)


def options_of(lanes: Lanes) -> Options:
    """Return the options of all parcels: also of those that save less than room costs, and may use what is left."""
    volume = lanes.volume_mm3[:, None] / np.array([hub.max_volume_mm3 for hub in lanes.hubs], np.float64)
    weight = lanes.weight_g[:, None] / np.array([hub.max_weight_g for hub in lanes.hubs], np.float64)
    saving = lanes.savings()
    row, column = np.nonzero(saving)
    most = np.zeros(len(lanes.hubs), np.int64)
    for number in range(len(most)):
        mine = column == number
        most[number] = ceil(max(volume[row[mine], number].sum(), weight[row[mine], number].sum()))
    begins = np.diff(row, prepend=-1) > 0
    return Options(
        row, column, saving[row, column].astype(np.float64), volume[row, column], weight[row, column],
        np.cumsum(begins) - 1, np.flatnonzero(begins), most,
    )  # fmt: skip
