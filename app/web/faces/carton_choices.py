"""Which planned cartons packers do not take, and which are planned no more for the same items."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Shell


@dataclass(frozen=True, slots=True)
class BarredCarton:
    """A carton that is planned no more for some items, and the form that takes it back."""

    carton: str
    mix: str
    merchant: str
    since: datetime
    take_back: Form


@dataclass(frozen=True, slots=True)
class OverruledRow:
    """A planned carton that was overruled for the same items: how often, why, and what was taken most often."""

    carton: str
    mix: str
    merchant: str
    overruled: int
    followed: int
    why: str
    note: str
    instead: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class CartonChoicesPage:
    """`GET /carton-choices`."""

    template: ClassVar[str] = "staff/carton_choices.html"
    frame: Frame
    shell: Shell
    barred: tuple[BarredCarton, ...]
    rows: tuple[OverruledRow, ...]
    empty: Empty
