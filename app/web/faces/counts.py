"""What is to be counted, the count itself, and the decision about what two people could not agree on."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Column, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class CountRow:
    """One bin and one item in the list; `difference` is what was booked, for those who may see it."""

    place: Link
    item: str
    sku: str
    merchant: str
    cause: str
    abc: str
    frozen: bool
    words: str
    tone: Tone
    at: datetime
    difference: int | None


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """How right the book was for one class of items, or altogether; the shares in words."""

    name: str
    counts: int
    right: str
    units: str


@dataclass(frozen=True, slots=True)
class OwnCountRow:
    """What the person counted lately; `withdraw` while it can be taken back."""

    place: Link
    what: str
    words: str
    at: datetime
    withdrawn: bool
    withdraw: Form | None = None


@dataclass(frozen=True, slots=True)
class CountsPage:
    """`GET /counts`: what is to be counted in walking order, what waits for a decision, what came of the others."""

    template: ClassVar[str] = "staff/counts.html"
    frame: Frame
    shell: Shell
    filters: Form
    chips: tuple[Chip, ...]
    columns: tuple[Column, ...]
    rows: tuple[CountRow, ...]
    empty: Empty
    accuracy: tuple[AccuracyRow, ...]
    accuracy_empty: Empty
    own: tuple[OwnCountRow, ...]
    actions: tuple[Form, ...] = ()
    csv_href: str = ""
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What one person counted; without figures as long as somebody may still have to count."""

    name: str
    who: str
    at: datetime
    withdrawn: bool
    counted: int | None
    expected: int | None
    difference: int | None


@dataclass(frozen=True, slots=True)
class ShortedRow:
    """A promise that loses units: of which order or hold, and who is told where."""

    who: str
    href: str
    state: str
    promised_on: datetime | None
    quantity: int
    told: str


@dataclass(frozen=True, slots=True)
class EffectCard:
    """What booking one difference does: in a sentence, and whom it takes units from."""

    title: str
    sentence: str
    shorted: tuple[ShortedRow, ...]


@dataclass(frozen=True, slots=True)
class CountPage:
    """`GET /counts/{id}`: where to go and what to scan; afterwards who counted what, and what is decided."""

    template: ClassVar[str] = "staff/count.html"
    frame: Frame
    shell: Shell
    place: str
    item: Link
    sku: str
    words: str
    tone: Tone
    facts: tuple[Fact, ...]
    entries: tuple[EntryRow, ...]
    effects: tuple[EffectCard, ...]
    own: tuple[OwnCountRow, ...]
    following: Link | None = None
    note: str = ""
    scan: Form | None = None
    empty: Form | None = None
    decide: Form | None = None
    others: tuple[Form, ...] = ()
