from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class MoveHead:
    """A move in a list: units of one item and lot to be carried from one location to another, and how many were.

    `to_code` is empty as long as no place is free; `why` says in words why this place. `urgent`: orders wait for it.
    """

    id: str
    tenant_id: str
    site_id: str
    item_id: str
    sku: str
    name: str
    lot: str
    expires_on: date | None
    from_code: str
    to_code: str
    quantity: int
    moved: int
    cause: str
    urgent: bool
    why: str
    state: str
    claimed_by: str
    created_at: datetime
    closed_at: datetime | None

    @property
    def remaining(self) -> int:
        """Units that are still to be carried."""
        return self.quantity - self.moved


@dataclass(frozen=True, slots=True)
class MoveStepView:
    """Units that somebody carried at once; `reason` says why to another place than the suggested one."""

    number: int
    to_code: str
    quantity: int
    reason: str
    done_at: datetime
    done_by: str
    undone: bool


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move with what was carried of it. `note` says why it was cancelled."""

    head: MoveHead
    steps: tuple[MoveStepView, ...]
    claimed_at: datetime | None
    closed_by: str
    note: str


@dataclass(frozen=True, slots=True)
class OwnMove:
    """Units that the reader carried lately."""

    move_id: str
    number: int
    sku: str
    name: str
    quantity: int
    from_code: str
    to_code: str
    done_at: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class ForwardPickView:
    """A pick face's rule, and what the face holds now: `free` units are set aside for no order."""

    tenant_id: str
    site_id: str
    item_id: str
    sku: str
    name: str
    location_code: str
    min_units: int
    max_units: int
    held: int
    free: int
