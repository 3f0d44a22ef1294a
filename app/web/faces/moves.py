"""What is to be carried where, the move itself, and the rules of pick faces."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Column, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Units of one item and lot in the list, from where to where; `target` is empty as long as no place is free."""

    source: Link
    target: str
    item: str
    sku: str
    lot: str
    merchant: str
    units: int
    cause: str
    why: str
    urgent: bool
    words: str
    tone: Tone
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnMoveRow:
    """What the person carried lately; `undo` as long as it stands."""

    what: str
    move: Link
    at: datetime
    undone: bool
    undo: Form | None = None


@dataclass(frozen=True, slots=True)
class MovesPage:
    """`GET /moves`: what is to be carried in walking order, what orders wait for first; what was carried."""

    template: ClassVar[str] = "staff/moves.html"
    frame: Frame
    shell: Shell
    filters: Form
    chips: tuple[Chip, ...]
    columns: tuple[Column, ...]
    rows: tuple[MoveRow, ...]
    empty: Empty
    own: tuple[OwnMoveRow, ...]
    pager: Pager = NO_PAGES
    slotting_href: str = ""
    csv_href: str = ""
    arrival: Link | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """Units that somebody carried at once, and why to another place than the suggested one."""

    target: str
    units: int
    who: str
    at: datetime
    reason: str
    undone: bool


@dataclass(frozen=True, slots=True)
class MovePage:
    """`GET /moves/{id}`: where to go, what to take, where to put it; what was carried so far."""

    template: ClassVar[str] = "staff/move.html"
    frame: Frame
    shell: Shell
    source: str
    target: str
    item: Link
    sku: str
    lot: str
    units: int
    why: str
    urgent: bool
    words: str
    tone: Tone
    facts: tuple[Fact, ...]
    steps: tuple[StepRow, ...]
    own: tuple[OwnMoveRow, ...]
    following: Link | None = None
    note: str = ""
    scan: Form | None = None
    others: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One pick face's rule, and what lies in the face now."""

    place: str
    item: Link
    sku: str
    merchant: str
    least: int
    most: int
    held: int
    free: int
    tone: Tone
    remove: Form | None = None


@dataclass(frozen=True, slots=True)
class ForwardPicksPage:
    """`GET /forward-picks`: how full each pick face is to be, and how full it is."""

    template: ClassVar[str] = "staff/forward_picks.html"
    frame: Frame
    shell: Shell
    filters: Form
    rows: tuple[FaceRow, ...]
    empty: Empty
    edit: Form | None = None
    pager: Pager = NO_PAGES
