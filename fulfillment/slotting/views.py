from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SlottingHead:
    """A slotting plan in a list. Lengths in mm are of all walks of `walked_days` days; see `saved_mm_per_day`."""

    id: str
    site_id: str
    state: str
    days: int
    most_changes: int
    payback_days: int
    progress: int
    note: str
    walks: int
    walked_days: int
    before_mm: int
    after_mm: int
    created_at: datetime
    created_by: str
    finished_at: datetime | None
    changes: int
    accepted: int
    saved_mm_per_day: int


@dataclass(frozen=True, slots=True)
class SlottingMoveView:
    """One item of a change, from where to where; `together` are SKUs often ordered with it."""

    tenant_id: str
    item_id: str
    sku: str
    name: str
    from_code: str
    to_code: str
    units: int
    picks: int
    together: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlottingChangeView:
    """A change: what it saves a day and costs once, after how many days it pays. `stale` says why it cannot be done
    any more, as long as it is not accepted.
    """

    number: int
    moves: tuple[SlottingMoveView, ...]
    saved_mm_per_day: int
    move_mm: int
    move_seconds: int
    payback_days: float
    accepted_at: datetime | None
    accepted_by: str
    stale: str = ""


@dataclass(frozen=True, slots=True)
class SlottingView:
    """A plan with its changes, those that save most first."""

    head: SlottingHead
    changes: tuple[SlottingChangeView, ...]


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """A change that was asked for and is not done, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of the changes that somebody accepted: `moves` are the ids of the new moves."""

    accepted: tuple[int, ...]
    moves: tuple[str, ...]
    refused: tuple[RefusedChange, ...]
