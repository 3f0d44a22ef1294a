"""Whether the floor makes the collections, and what waits for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Form, Frame, Link, Shell, Tone


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A cut-off: the orders that aim at it by where they are, when the last is picked, and whether that will do."""

    carriers: str
    at: datetime
    queued: int
    picking: int
    packing: int
    ready: int
    lines: int
    picked_at: datetime | None
    words: str
    tone: Tone
    advice: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An order that waits for the floor, and why."""

    order: Link
    lines: int
    why: str
    starts_at: datetime | None
    is_rush: bool
    rush: Form | None = None


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """`GET /release`: the collections against the floor's pace, the queue, and how orders go to the floor here."""

    template: ClassVar[str] = "staff/release.html"
    frame: Frame
    shell: Shell
    figures: tuple[Fact, ...]
    collections: tuple[CollectionRow, ...]
    collections_empty: Empty
    queue: tuple[QueueRow, ...]
    queue_empty: Empty
    more: str = ""
    release: Form | None = None
    settings: Form | None = None
    refresh_s: int = 30
