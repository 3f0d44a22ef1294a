"""Parcels that weigh otherwise at the dock, or at their carrier, than their labels say."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class WeightCheckCard:
    """One second weighing that waits for a person: of which parcel, what was weighed and declared in g, what to do
    next, and the forms that settle it.
    """

    parcel: Link
    order: Link
    is_stopped: bool
    by: str
    reading_g: int
    declared_g: int
    limit_g: int
    checked_at: datetime
    packer: str
    next_step: str
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class WeightChecksPage:
    """`GET /weight-checks`. `entry` weighs a parcel by hand; `settings` say what scales and carriers there are."""

    template: ClassVar[str] = "staff/weight_checks.html"
    frame: Frame
    shell: Shell
    cards: tuple[WeightCheckCard, ...]
    empty: Empty
    entry: Form | None
    settings: tuple[Form, ...]
