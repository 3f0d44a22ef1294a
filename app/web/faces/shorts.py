"""What was missing at the bins, what became of it, and which other orders relied on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import Empty, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class TouchedRow:
    """Another order that relied on the bin: what became of its units, whom to tell, and what it is promised now."""

    order: Link
    units: int
    became: str
    tell: str
    promised: str


@dataclass(frozen=True, slots=True)
class ShortCard:
    """One short pick."""

    location: str
    item: Link
    order: Link
    missing: str
    became: str
    at: datetime
    person: str
    touched: tuple[TouchedRow, ...]


@dataclass(frozen=True, slots=True)
class ShortsPage:
    """`GET /shorts`."""

    template: ClassVar[str] = "staff/shorts.html"
    frame: Frame
    shell: Shell
    cards: tuple[ShortCard, ...]
    empty: Empty
    nobody: Empty
