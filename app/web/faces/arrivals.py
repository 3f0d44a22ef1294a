"""What merchants announce, and the dock that takes it in."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """One arrival in the list, counted in base units."""

    number: str
    href: str
    merchant: str
    supplier: str
    expected_on: datetime
    overdue: bool
    state: str
    expected: int
    received: int
    damaged: int
    missing: int


@dataclass(frozen=True, slots=True)
class ArrivalsPage:
    """`GET /arrivals`: the search box, the states, the list."""

    template: ClassVar[str] = "staff/arrivals.html"
    frame: Frame
    shell: Shell
    search: Form
    chips: tuple[Chip, ...]
    rows: tuple[ArrivalRow, ...]
    empty: Empty
    pager: Pager = NO_PAGES
    announce: Link | None = None


@dataclass(frozen=True, slots=True)
class ArrivalItem:
    """One item of an arrival; `words` say in its tone what it comes to so far, or came to."""

    item: Link
    sku: str
    expected: int
    received: int
    damaged: int
    missing: int
    words: str
    tone: Tone
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Units that were taken in at once; `undo` while the arrival is open."""

    what: str
    where: str
    who: str
    at: datetime
    undone: bool
    undo: Form | None = None


@dataclass(frozen=True, slots=True)
class ArrivalPage:
    """`GET /arrivals/{id}`: the scan box, what came and what is missing, the newest receipts."""

    template: ClassVar[str] = "staff/arrival.html"
    frame: Frame
    shell: Shell
    number: str
    state: str
    facts: tuple[Fact, ...]
    lines: tuple[ArrivalItem, ...]
    lines_empty: Empty
    receipts: tuple[ReceiptRow, ...]
    receipts_empty: Empty
    scan: Form | None = None
    bind: Form | None = None
    ends: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class NewArrivalPage:
    """`GET /arrivals/new`: a delivery line by line, or by file."""

    template: ClassVar[str] = "staff/arrival_new.html"
    frame: Frame
    shell: Shell
    back: Link
    forms: tuple[Form, ...]
