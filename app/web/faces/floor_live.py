"""Who is where on the floor now."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Frame, Shell


@dataclass(frozen=True, slots=True)
class WalkRow:
    """A walk under way, with its number on the map."""

    number: int
    person: str
    label: str
    done: int
    total: int
    last_stop: str
    seen_at: datetime | None
    next_stops: str
    cut_off_at: datetime | None


@dataclass(frozen=True, slots=True)
class LiveFloorPage:
    """`GET /floor/live`: the map with people, the rest of their walks and where it gets crowded, and a table."""

    template: ClassVar[str] = "staff/floor_live.html"
    frame: Frame
    shell: Shell
    drawing: str
    figures: tuple[Fact, ...]
    crowded: tuple[str, ...]
    walks: tuple[WalkRow, ...]
    walks_empty: Empty
    empty: Empty
    waiting: tuple[str, ...] = ()
    refresh_s: int = 10
