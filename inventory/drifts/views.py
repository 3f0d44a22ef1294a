from dataclasses import dataclass
from datetime import datetime

from inventory.views import MovementView


@dataclass(frozen=True, slots=True)
class Suspect:
    """A movement that a difference can come from; it `fits` when it moved just as many units as are too many or few."""

    movement: MovementView
    fits: bool


@dataclass(frozen=True, slots=True)
class DriftView:
    """A counter (on_hand, reserved, or that of a bin or bucket, its `place`) that says `counted` where its rows come to
    `ledger`: found at one look, and agreed at the look before, if there was one.
    """

    tenant_id: str
    item_id: str
    sku: str
    site_id: str
    counter: str
    place: str
    ledger: int
    counted: int
    found_at: datetime
    agreed_at: datetime | None
    suspects: tuple[Suspect, ...]
