"""The floor that walks are computed on: the drawing, its versions, and what is in the way."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class FloorFaultRow:
    """What is wrong with the drawing, numbered as on it: which parts, and how many more."""

    number: int
    words: str
    names: str


@dataclass(frozen=True, slots=True)
class FloorVersionRow:
    """One version: who kept it, from what, and whether it is in force; `act` puts it in force."""

    version: Link
    at: datetime
    person: str
    note: str
    source: str
    bins: int
    words: str
    tone: Tone
    in_force_at: datetime | None = None
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class ObstacleRow:
    """Something in the way, and how it is taken away."""

    code: str
    why: str
    open: Form | None = None


@dataclass(frozen=True, slots=True)
class FloorEditPage:
    """`GET /floor/edit`: the drawing board, on the version `base` or on an empty floor (0). The drawing itself comes
    from the interface.
    """

    template: ClassVar[str] = "staff/floor_edit.html"
    frame: Frame
    shell: Shell
    say: str
    back: Link
    empty: Empty
    site: str = ""
    base: int = 0
    in_force: int = 0
    name: str = ""
    tools: tuple[tuple[str, str], ...] = ()
    acts: tuple[tuple[str, str], ...] = ()
    grids: tuple[tuple[int, str], ...] = ()


_LOOK_AGAIN_S = 3


@dataclass(frozen=True, slots=True)
class FloorReading:
    """How far a worker is with a large file, in words and percent; with a form to stop it, or a link to its version."""

    words: str
    percent: int
    stop: Form | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class FloorPlanPage:
    """`GET /floor` and `GET /floor/{version}`: the plan in force or one version, with its faults on it."""

    template: ClassVar[str] = "staff/floor_plan.html"
    frame: Frame
    shell: Shell
    title: str
    say: str
    tone: Tone
    drawing: str
    empty: Empty
    facts: tuple[Fact, ...] = ()
    faults: tuple[FloorFaultRow, ...] = ()
    versions: tuple[FloorVersionRow, ...] = ()
    obstacles: tuple[ObstacleRow, ...] = ()
    closed: str = ""
    downloads: tuple[Link, ...] = ()
    edit: tuple[Link, ...] = ()
    enforce: Form | None = None
    block: Form | None = None
    upload: Form | None = None
    reading: FloorReading | None = None

    @property
    def refresh_s(self) -> int:
        """Return after how many seconds the page is to be looked at again, 0 while nothing is under way."""
        return _LOOK_AGAIN_S if self.reading and self.reading.stop else 0

    pager: Pager = NO_PAGES
