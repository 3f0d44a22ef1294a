from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FaultPlaceView:
    """A faulty part and where it is, in mm."""

    name: str
    x_mm: int
    y_mm: int


@dataclass(frozen=True, slots=True)
class FloorFaultView:
    """One thing wrong with a floor plan: the parts that it concerns, `count` of them, and where they are."""

    code: str
    explanation: str
    names: list[str]
    places: list[FaultPlaceView]
    count: int


@dataclass(frozen=True, slots=True)
class FloorPlanHead:
    """A version of a site's floor in the list; `kind` is how its walks are computed, or that it has faults.

    `in_force` is the one that walks are computed on now; `last_in_force_at` when each last came into force.
    """

    site_id: str
    version: int
    kind: str
    bins: int
    faults: int
    note: str
    source: str
    based_on: int | None
    created_at: datetime
    created_by: str
    in_force: bool
    last_in_force_at: datetime | None
    last_in_force_by: str


@dataclass(frozen=True, slots=True)
class FloorPlanView:
    """A version with what is drawn, as it is taken by `POST`, and what is wrong with it."""

    head: FloorPlanHead
    document: dict[str, Any]
    faults: list[FloorFaultView]


@dataclass(frozen=True, slots=True)
class FloorCheck:
    """What keeping a floor would come to: `kind` is how its walks would be computed, or `faulty`.

    `missing_locations` are drawn and no locations of the site; `stocked_locations` hold stock, are on the floor in
    force, and are not drawn. Each names the first 500 of its count.
    """

    kind: str
    faults: list[FloorFaultView]
    missing_locations: list[str]
    missing_count: int
    stocked_locations: list[str]
    stocked_count: int


@dataclass(frozen=True, slots=True)
class StoredFloorPlan:
    """A version that was kept a moment ago, and what is wrong with it."""

    head: FloorPlanHead
    faults: list[FloorFaultView]
