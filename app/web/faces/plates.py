"""License plates: which there are and where, what is on one, and what is done with it by scan."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class PlateRow:
    """One plate in the list; `place` is empty as long as it is only a label."""

    plate: Link
    place: str
    merchant: str
    items: int
    units: int
    words: str
    tone: Tone
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlatesPage:
    """`GET /plates`: the plates in use, and those that were."""

    template: ClassVar[str] = "staff/plates.html"
    frame: Frame
    shell: Shell
    filters: Form
    chips: tuple[Chip, ...]
    rows: tuple[PlateRow, ...]
    empty: Empty
    open: Form | None = None
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class ContentRow:
    """Units of an item and lot on a plate; `on` is the plate on it that they lie on, if they do."""

    item: Link
    sku: str
    lot: str
    good_until: str
    units: int
    serials: str
    on: str


@dataclass(frozen=True, slots=True)
class PlatePage:
    """`GET /plates/{id}`: where a plate is, what is on it, and where it goes."""

    template: ClassVar[str] = "staff/plate.html"
    frame: Frame
    shell: Shell
    sscc: str
    place: str
    words: str
    tone: Tone
    facts: tuple[Fact, ...]
    contents: tuple[ContentRow, ...]
    empty: Empty
    plates: tuple[Link, ...]
    label_href: str
    move: Form | None = None
    others: tuple[Form, ...] = ()
